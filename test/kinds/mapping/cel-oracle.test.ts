import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Cel, celSelf } from '../../../kinds/mapping/cel.ts';
import { ROWS, SECRET, SELF } from '../../support/cel-rows.ts';
import type { OracleAnswer } from '../../support/cel-oracle.ts';

/** Written by `node scripts/cel-answers.ts`; `cel-oracle.long.ts` compares it with cel-go. */
const answers = JSON.parse(readFileSync(join(import.meta.dirname, '../../data/cel-go-answers.json'), 'utf8')) as Record<
  string,
  OracleAnswer
>;

describe('expressions have the results of cel-go', () => {
  const cel = new Cel();

  it.each(ROWS)('%s: %s', (_, expression) => {
    const answer = answers[expression];
    if (answer === undefined) throw new Error('no answer of cel-go is recorded: run node scripts/cel-answers.ts');
    const evaluate = () => cel.evaluate(expression, { self: celSelf(SELF), secret: SECRET });
    if ('error' in answer) expect(evaluate).toThrow();
    else expect(evaluate()).toEqual(answer.value);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { askCelGo } from '../../support/cel-oracle.ts';
import { ROWS, SECRET, SELF } from '../../support/cel-rows.ts';

/** Builds cel-go: two seconds where the embedded stack was built, about a minute of two cores elsewhere. */
it('the recorded answers are those of cel-go', async () => {
  const expressions = ROWS.map(([, expression]) => expression);
  const answers = await askCelGo({ self: SELF, secret: SECRET, expressions });
  const recorded: unknown = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../data/cel-go-answers.json'), 'utf8'),
  );
  expect(recorded).toEqual(Object.fromEntries(expressions.map((expression, index) => [expression, answers[index]])));
}, 600_000);

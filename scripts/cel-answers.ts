/**
 * Writes cel-go's answers to the expressions of `test/support/cel-rows.ts` into `test/data/cel-go-answers.json`. Run it
 * after a change of these expressions; it needs Go.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { askCelGo } from '../test/support/cel-oracle.ts';
import { ROWS, SECRET, SELF } from '../test/support/cel-rows.ts';

const expressions = ROWS.map(([, expression]) => expression);
const answers = await askCelGo({ self: SELF, secret: SECRET, expressions });
const recorded = Object.fromEntries(expressions.map((expression, index) => [expression, answers[index]]));
await writeFile(
  join(import.meta.dirname, '../test/data/cel-go-answers.json'),
  `${JSON.stringify(recorded, null, 2)}\n`,
);

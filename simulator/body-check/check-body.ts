import type { JsonObject } from '../../kinds/contract.ts';
import { factsFor, NO_FACTS } from '../../kinds/facts/row-facts.ts';
import type { TypeFacts } from '../type-facts.ts';
import { bodyProblems, type BodyProblem } from './body-problems.ts';

/**
 * Lists what Azure would refuse in the body of a PUT; undefined if the type is unknown at that api-version. The rows of
 * kinds.json correct the types; a type without a row is checked without corrections.
 */
export function checkBody(
  types: TypeFacts,
  { armType, apiVersion, body }: { armType: string; apiVersion: string; body: JsonObject },
): BodyProblem[] | undefined {
  const type = types.of(armType, apiVersion);
  if (type === undefined) return undefined;
  const row = types.row(armType);
  return bodyProblems({ file: type.file, facts: row ? factsFor(row, apiVersion) : NO_FACTS }, type.body, body);
}

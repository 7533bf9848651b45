import type { Difference, Json } from '../contract.ts';
import { inOrder, isObject, own } from '../json.ts';

/** Makes a keyed digest of a value. */
export type DigestOf = (value: Json) => string;

/** Wire path -> digest of what Azure had there right after it accepted the payload. */
export type Baseline = Readonly<Record<string, string>>;

/** What Azure's own answer differs in, right after it accepted the payload. Always of all differences: a part would forget the others. */
export function baselineOf(differences: readonly Difference[], digestOf: DigestOf): Record<string, string> {
  return Object.fromEntries(differences.map((difference) => [difference.path, digestOf(stateOf(difference))]));
}

/**
 * The differences that are drift: those that moved away from the baseline. No baseline: there was no difference.
 *
 * A list to which entries were added is drift only where it was the payload's alone at the baseline; afterwards others may come and go in it, as long as all
 * that was sent is still there.
 */
export function driftFrom(
  baseline: Baseline | undefined,
  differences: readonly Difference[],
  digestOf: DigestOf,
): Difference[] {
  const known = baseline ?? {};
  const nothing = digestOf(NOTHING);
  // Never answered as a whole: an answer that has it, but empty, says no more.
  const absent = Object.entries(known).flatMap(([path, digest]) => (digest === nothing ? [path] : []));
  return differences.filter((difference) => {
    const state = stateOf(difference);
    if (own(known, difference.path) === digestOf(state)) return false;
    return state !== NOTHING || !absent.some((path) => isBelow(difference.path, path));
  });
}

const NOTHING: Json = ['nothing'];
const MORE: Json = ['more'];

function stateOf({ actual, holdsMore }: Difference): Json {
  if (holdsMore) return MORE;
  return isEmpty(actual) ? NOTHING : ['value', inOrder(actual)];
}

function isEmpty(value: Json | undefined): value is undefined | null {
  if (value === undefined || value === null) return true;
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}

function isBelow(path: string, parent: string): boolean {
  return path.startsWith(`${parent}.`) || path.startsWith(`${parent}[`);
}

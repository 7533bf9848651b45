import type { Difference, Json } from '../contract.ts';
import { canonical, isObject, ownProperty } from '../json.ts';

/** Makes the keyed digest of a value. */
export type DigestOf = (value: Json) => string;

/** Wire path -> digest of what Azure answered there right after it accepted the payload. */
export type Baseline = Readonly<Record<string, string>>;

/**
 * The baseline, from the differences right after Azure accepted the payload. Pass all differences: one that is omitted
 * would count as drift later.
 */
export function baselineOf(differences: readonly Difference[], digestOf: DigestOf): Record<string, string> {
  return Object.fromEntries(differences.map((difference) => [difference.path, digestOf(stateOf(difference))]));
}

/**
 * The differences that are drift: those that have changed since the baseline. Without a baseline every difference is
 * drift.
 *
 * Entries that were added to a list are drift only if the list held nothing but the payload's entries at the baseline.
 * Otherwise others may add and remove entries, as long as the list holds all entries that were sent.
 */
export function driftFrom(
  baseline: Baseline | undefined,
  differences: readonly Difference[],
  digestOf: DigestOf,
): Difference[] {
  const known = baseline ?? {};
  const nothing = digestOf(NOTHING);
  // At the baseline Azure did not answer these objects. An answer that now has them, but empty, is no change.
  const absent = Object.entries(known).flatMap(([path, digest]) => (digest === nothing ? [path] : []));
  return differences.filter((difference) => {
    const state = stateOf(difference);
    if (ownProperty(known, difference.path) === digestOf(state)) return false;
    return state !== NOTHING || !absent.some((path) => isBelow(difference.path, path));
  });
}

const NOTHING: Json = ['nothing'];
const MORE: Json = ['more'];

function stateOf({ actual, holdsMore }: Difference): Json {
  if (holdsMore) return MORE;
  return isEmpty(actual) ? NOTHING : ['value', canonical(actual)];
}

function isEmpty(value: Json | undefined): value is undefined | null {
  if (value === undefined || value === null) return true;
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}

function isBelow(path: string, parent: string): boolean {
  return path.startsWith(`${parent}.`) || path.startsWith(`${parent}[`);
}

import type { Difference, Json } from '../contract.ts';
import { canonical, isObject, ownProperty } from '../json.ts';

/** Makes the keyed digest of a value. */
export type DigestOf = (value: Json) => string;

/** Wire path -> digest of what Azure answered there right after it accepted the payload. */
export type Baseline = Readonly<Record<string, string>>;

/**
 * The baseline for the differences right after Azure accepted the payload. It must be given all differences: those left
 * out would count as drift later.
 */
export function baselineOf(differences: readonly Difference[], digestOf: DigestOf): Record<string, string> {
  return Object.fromEntries(differences.map((difference) => [difference.path, digestOf(stateOf(difference))]));
}

/**
 * The differences that are drift: those that have changed since the baseline. Without a baseline, nothing differed.
 *
 * A list to which entries were added is drift only where it held the payload's entries alone at the baseline. Otherwise
 * others may add and remove entries, as long as all that was sent is still there.
 */
export function driftFrom(
  baseline: Baseline | undefined,
  differences: readonly Difference[],
  digestOf: DigestOf,
): Difference[] {
  const known = baseline ?? {};
  const nothing = digestOf(NOTHING);
  // At the baseline Azure answered nothing for these objects; an answer that has them now, but empty, is the same.
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

import type { Difference, Json, JsonObject } from '../contract.ts';
import { isObject, ownProperty, childPath } from '../json.ts';
import { pairItems } from './list-pairs.ts';
import { withoutSecrets } from './secret-values.ts';

/** How the value at one path of a payload is compared with the answer. */
export interface Comparer {
  /** Whether the value is an object with free keys. The answer has all keys of such an object. */
  readonly isMap: boolean;
  /** Whether the value is not compared: Azure masks or omits it, or it is a secret. */
  ignores(value: Json): boolean;
  /** @param parent the object as it was sent; it names the variant */
  member(name: string, parent: JsonObject): Comparer;
  item(): Comparer;
  /** Whether two scalar values are the same although Azure may spell them differently. */
  isEqual(sent: Json, got: Json): boolean;
}

/** Azure reports these properties; they are never desired state, even where a PUT may contain them. */
export function isObservationOnly(name: string): boolean {
  return /^(provisioningState|etag)$/i.test(name);
}

/**
 * At most this many differences are stored on the resource. Where there are more, those below one list or object are
 * merged.
 */
export const MOST_DIFFERENCES = 200;

/**
 * Lists where an answer differs from a payload, missing values included. Most differences are not drift: Azure
 * normalises values, adds some, and never returns others. The baseline (`baseline.ts`) tells which have changed since.
 */
export function differencesOf(comparer: Comparer, payload: JsonObject, answer: JsonObject): Difference[] {
  // Azure answers the name of a child resource with or without the names of its parents.
  const { name: _, ...sent } = payload;
  const work = { left: MOST_COMPARISONS };
  return atMost(MOST_DIFFERENCES, compareObjects(comparer, sent, answer, { path: '', work }));
}

/**
 * Lists in lists have many pairs of items to compare. Once so many values were compared, the items that are left are
 * paired in their order: that takes time in proportion to the size. Ordinary resources take thousands.
 */
const MOST_COMPARISONS = 200_000;

/** How many values may still be compared to find out which items belong together. */
interface Work {
  left: number;
}

function compareObjects(
  comparer: Comparer,
  sent: JsonObject,
  got: JsonObject,
  { path, work }: Pick<Position, 'path' | 'work'>,
): Difference[] {
  const gotByName = new Map(Object.entries(got).map(([name, value]) => [name.toLowerCase(), value]));
  return Object.entries(sent).flatMap(([name, value]) => {
    const there = ownProperty(got, name) ?? gotByName.get(name.toLowerCase());
    const position = { path: childPath(path, name), isEntry: comparer.isMap, work };
    return compare(comparer.member(name, sent), value, there, position);
  });
}

/** `isEntry`: whether it is an entry of a list or map. The presence of an entry matters, whatever its value. */
interface Position {
  readonly path: string;
  readonly isEntry: boolean;
  readonly work: Work;
}

function compare(comparer: Comparer, sent: Json, got: Json | undefined, position: Position): Difference[] {
  const { path, isEntry, work } = position;
  work.left -= 1;
  if (sent === null || comparer.ignores(sent)) return [];
  if (got === undefined || got === null)
    return isMissedWhenAbsent(comparer, sent, isEntry) ? [{ path, actual: undefined }] : [];
  if (Array.isArray(sent) && Array.isArray(got)) return compareLists(comparer, sent, got, position);
  if (isObject(sent) && isObject(got)) return compareObjects(comparer, sent, got, position);
  const isEqual = typeof sent !== 'object' && comparer.isEqual(sent, got);
  return isEqual ? [] : [{ path, actual: withoutSecrets(got) }];
}

/**
 * Whether an answer without this value differs from the payload. Azure often omits `false`, 0 and empty values, which
 * means the same. It never omits an entry of a list or map.
 */
function isMissedWhenAbsent(comparer: Comparer, sent: Json, isEntry: boolean): boolean {
  if (sent === null || comparer.ignores(sent)) return false;
  if (typeof sent !== 'object') return isEntry || Boolean(sent);
  if (Object.keys(sent).length === 0) return isEntry;
  if (Array.isArray(sent)) return sent.some((item) => isMissedWhenAbsent(comparer.item(), item, true));
  return Object.entries(sent).some(([name, value]) =>
    isMissedWhenAbsent(comparer.member(name, sent), value, isEntry || comparer.isMap),
  );
}

/**
 * ARM may answer the items in another order, and Azure or another client may have added some, so each item that was
 * sent is paired with one of the answer.
 */
function compareLists(
  comparer: Comparer,
  sent: readonly Json[],
  got: readonly Json[],
  { path, work }: Position,
): Difference[] {
  if (got.length === 0) return isMissedWhenAbsent(comparer, [...sent], false) ? [{ path, actual: [] }] : [];
  const items = comparer.item();
  const compared = (index: number, other: Json | undefined): Difference[] =>
    compare(items, sent[index] ?? null, other, { path: childPath(path, index), isEntry: true, work });
  // Each pair is compared once. To compare it again for the result would double the time with each level of lists.
  const known = new Map<number, Difference[]>();
  const differences = (index: number, other: number): Difference[] => {
    const at = index * got.length + other;
    const found = known.get(at) ?? compared(index, got[other]);
    known.set(at, found);
    return found;
  };
  const pairs = pairItems({
    sent,
    got,
    cost: (index, other) => differences(index, other).length,
    isExhausted: () => work.left < 0,
  });
  const ofItems = pairs.flatMap((other, index) =>
    other === undefined ? compared(index, undefined) : differences(index, other),
  );
  if (got.length <= sent.length) return ofItems;
  return [{ path, actual: withoutSecrets([...got]), holdsMore: true }, ...ofItems];
}

/** Merges the differences below one list, then those below one object, until at most `limit` are left. */
function atMost(limit: number, all: Difference[]): Difference[] {
  if (all.length <= limit) return all;
  const parents: ((path: string) => string)[] = [
    (path) => path.replace(/\[.*$/, ''),
    (path) => path.split('.').slice(0, 2).join('.').replace(/\[.*$/, ''),
    (path) => path.replace(/[.[].*$/, ''),
  ];
  const attempts = parents.map((parentOf) => merged(all, parentOf));
  return attempts.find((few) => few.length <= limit) ?? attempts.at(-1) ?? [];
}

function merged(all: readonly Difference[], parentOf: (path: string) => string): Difference[] {
  return [...Map.groupBy(all, ({ path }) => parentOf(path))].map(([path, group]) => {
    const [first] = group;
    if (group.length === 1 && first?.path === path) return first;
    const values = group.map((one) => [one.path, one.holdsMore ? 'more' : (one.actual ?? null)] as const);
    return { path, actual: Object.fromEntries(values) };
  });
}

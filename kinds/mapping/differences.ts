import type { Difference, Json, JsonObject } from '../contract.ts';
import { isObject, own, placeOf } from '../json.ts';
import { pairItems } from './list-pairs.ts';
import { withoutSecrets } from './secret-values.ts';

/** What is known of the value at one place of a payload. */
export interface View {
  /** Free keys, and the answer has them all. */
  readonly isMap: boolean;
  /** Never compared: Azure masks it or leaves it out, and nobody may learn of it. */
  hides(value: Json): boolean;
  /** @param parent the object as it was sent: it tells which variant it is */
  member(name: string, parent: JsonObject): View;
  item(): View;
  /** Whether two values (no lists, no objects as sent) say the same in Azure's spelling. */
  same(sent: Json, got: Json): boolean;
}

/** Where Azure takes these at all, they are no wish: what comes back is how things stand. */
export function isNoWish(name: string): boolean {
  return /^(provisioningState|etag)$/i.test(name);
}

/** So many are kept on the resource; where there are more, those of one list or object count as one. */
export const MOST_DIFFERENCES = 200;

/**
 * Where an answer differs from a payload, also where it lacks something. Most of this is no drift: Azure normalises, adds, and never returns some fields. The
 * baseline (`baseline.ts`) tells these from what moved.
 */
export function differencesOf(view: View, payload: JsonObject, answer: JsonObject): Difference[] {
  // The name of a child is answered with its parents' or without.
  const { name: _, ...sent } = payload;
  return atMost(MOST_DIFFERENCES, compareObjects(view, sent, answer, ''));
}

function compareObjects(view: View, sent: JsonObject, got: JsonObject, path: string): Difference[] {
  const gotByName = new Map(Object.entries(got).map(([name, value]) => [name.toLowerCase(), value]));
  return Object.entries(sent).flatMap(([name, value]) => {
    const there = own(got, name) ?? gotByName.get(name.toLowerCase());
    return compare(view.member(name, sent), value, there, { path: placeOf(path, name), isEntry: view.isMap });
  });
}

/** `isEntry`: of a list or map, where the entry itself says something, whatever its value. */
interface Place {
  readonly path: string;
  readonly isEntry: boolean;
}

function compare(view: View, sent: Json, got: Json | undefined, { path, isEntry }: Place): Difference[] {
  if (sent === null || view.hides(sent)) return [];
  if (got === undefined || got === null) return says(view, sent, isEntry) ? [{ path, actual: undefined }] : [];
  if (Array.isArray(sent) && Array.isArray(got)) return compareLists(view, sent, got, path);
  if (isObject(sent) && isObject(got)) return compareObjects(view, sent, got, path);
  const isAlike = typeof sent !== 'object' && view.same(sent, got);
  return isAlike ? [] : [{ path, actual: withoutSecrets(got) }];
}

/**
 * Whether a value asks for something that Azure shows. `false`, 0 and what is empty are often left out of an answer, which means the same; not so an entry
 * of a list or map, however little it says.
 */
function says(view: View, sent: Json, isEntry: boolean): boolean {
  if (sent === null || view.hides(sent)) return false;
  if (typeof sent !== 'object') return isEntry || Boolean(sent);
  if (Object.keys(sent).length === 0) return isEntry;
  if (Array.isArray(sent)) return sent.some((item) => says(view.item(), item, true));
  return Object.entries(sent).some(([name, value]) => says(view.member(name, sent), value, isEntry || view.isMap));
}

/** ARM may answer in another order, and Azure or somebody else may have added entries: each item that was sent is looked for. */
function compareLists(view: View, sent: readonly Json[], got: readonly Json[], path: string): Difference[] {
  if (got.length === 0) return says(view, [...sent], false) ? [{ path, actual: [] }] : [];
  const items = view.item();
  const differences = (index: number, other: number): Difference[] =>
    compare(items, sent[index] ?? null, got[other], { path: placeOf(path, index), isEntry: true });
  const pairs = pairItems({ sent, got, cost: (index, other) => differences(index, other).length });
  const ofItems = pairs.flatMap((other, index) =>
    other === undefined
      ? compare(items, sent[index] ?? null, undefined, { path: placeOf(path, index), isEntry: true })
      : differences(index, other),
  );
  if (got.length <= sent.length) return ofItems;
  return [{ path, actual: withoutSecrets([...got]), holdsMore: true }, ...ofItems];
}

/** Those below one list, then those below one object, together, until they are few enough. Their value is then that of all of them. */
function atMost(limit: number, all: Difference[]): Difference[] {
  if (all.length <= limit) return all;
  const outermost: ((path: string) => string)[] = [
    (path) => path.replace(/\[.*$/, ''),
    (path) => path.split('.').slice(0, 2).join('.').replace(/\[.*$/, ''),
    (path) => path.replace(/[.[].*$/, ''),
  ];
  const attempts = outermost.map((parentOf) => together(all, parentOf));
  return attempts.find((few) => few.length <= limit) ?? attempts.at(-1) ?? [];
}

function together(all: readonly Difference[], parentOf: (path: string) => string): Difference[] {
  return [...Map.groupBy(all, ({ path }) => parentOf(path))].map(([path, group]) => {
    const [first] = group;
    if (group.length === 1 && first?.path === path) return first;
    const values = group.map((one) => [one.path, one.holdsMore ? 'more' : (one.actual ?? null)] as const);
    return { path, actual: Object.fromEntries(values) };
  });
}

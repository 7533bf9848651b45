import type { PathEntry, PathFact, Row, ShapeFacts } from './row.ts';

/** The lists of a row that hold paths. */
export type FactName = 'references' | 'secretInputs' | 'configMapInputs' | Exclude<keyof ShapeFacts, 'emptyAsNull'>;

/** Answers, for one row at one api-version, what the row says of a path. */
export interface Facts {
  readonly emptyAsNull: boolean;
  at(name: FactName, path: string): PathFact | undefined;
  has(name: FactName, path: string): boolean;
  all(name: FactName): readonly PathFact[];
}

const ROW_LISTS: readonly string[] = ['references', 'secretInputs', 'configMapInputs'];

/** The entries of one list of a row, all in the long form. */
export function entriesOf(row: Row, name: FactName): PathFact[] {
  const lists = (ROW_LISTS.includes(name) ? row : (row.shape ?? {})) as Readonly<
    Record<string, readonly PathEntry[] | undefined>
  >;
  return (lists[name] ?? []).map((entry) => (typeof entry === 'string' ? { path: entry } : entry));
}

/** The facts of a row that hold for one api-version. */
export function factsFor(row: Row, apiVersion: string): Facts {
  const lists = new Map<FactName, ReadonlyMap<string, PathFact>>();
  const list = (name: FactName): ReadonlyMap<string, PathFact> => {
    const known = lists.get(name);
    if (known) return known;
    const entries = entriesOf(row, name).filter((entry) => entry.versions?.includes(apiVersion) ?? true);
    const made = new Map(entries.map((entry) => [entry.path, entry]));
    lists.set(name, made);
    return made;
  };
  return {
    emptyAsNull: row.shape?.emptyAsNull === true,
    at: (name, path) => list(name).get(path),
    has: (name, path) => list(name).has(path),
    all: (name) => [...list(name).values()],
  };
}

/** For a type that has no row. */
export const NO_FACTS: Facts = { emptyAsNull: false, at: () => undefined, has: () => false, all: () => [] };

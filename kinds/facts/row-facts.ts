import type { PathEntry, PathFact, Row, ShapeFacts } from './row.ts';

const ROW_LISTS = ['references', 'secretInputs', 'configMapInputs'] as const;

/** The lists of a row that hold paths. */
export type FactName = (typeof ROW_LISTS)[number] | Exclude<keyof ShapeFacts, 'emptyAsNull'>;

/** Complete by its type: if a list of `ShapeFacts` is missing here, the file does not compile. */
const SHAPE_LISTS: Readonly<Record<Exclude<FactName, (typeof ROW_LISTS)[number]>, true>> = {
  keepProperties: true,
  flatten: true,
  omit: true,
  include: true,
  add: true,
  idOnly: true,
  variantTypeNames: true,
  newName: true,
  plainString: true,
  types: true,
  number: true,
  freeMap: true,
  optional: true,
  required: true,
  emptyAsEmpty: true,
  keepChildren: true,
};

export const FACT_NAMES: readonly FactName[] = [
  ...ROW_LISTS,
  ...(Object.keys(SHAPE_LISTS) as (keyof typeof SHAPE_LISTS)[]),
];

/** What one row says about paths at one api-version. */
export interface Facts {
  readonly emptyAsNull: boolean;
  /** The entry for a path; `mostSpecific` says which one applies inside variants. */
  at(name: FactName, path: string): PathFact | undefined;
  has(name: FactName, path: string): boolean;
  all(name: FactName): readonly PathFact[];
}

/** The entries of one list of a row, all as objects. */
export function entriesOf(row: Row, name: FactName): PathFact[] {
  const lists = ((ROW_LISTS as readonly string[]).includes(name) ? row : (row.shape ?? {})) as Readonly<
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
    at: (name, path) => mostSpecific(list(name), path),
    has: (name, path) => mostSpecific(list(name), path) !== undefined,
    all: (name) => [...list(name).values()],
  };
}

/**
 * A path in kinds.json may omit the marker of a variant (`<X>`); the entry then holds in every variant. The entry with
 * the most markers wins.
 */
function mostSpecific(entries: ReadonlyMap<string, PathFact>, path: string): PathFact | undefined {
  if (entries.size === 0) return undefined;
  const exact = entries.get(path);
  if (exact !== undefined || !path.includes('<')) return exact;
  return withFewerMarkers(path)
    .map((less) => entries.get(less))
    .find((fact) => fact !== undefined);
}

/** `a<X>.b<Y>.c` -> `a.b<Y>.c`, `a<X>.b.c`, `a.b.c`: those with the most markers first. */
function withFewerMarkers(path: string): string[] {
  const parts = path.split(/(<[^>]*>)/);
  const markers = parts.flatMap((part, index) => (part.startsWith('<') ? [index] : []));
  const without = markers.reduce<number[][]>((sets, mark) => [...sets, ...sets.map((set) => [...set, mark])], [[]]);
  return without
    .filter((set) => set.length > 0)
    .sort((a, b) => a.length - b.length)
    .map((set) =>
      parts
        .filter((_, index) => !set.includes(index))
        .join('')
        .replace(/^\./, ''),
    );
}

/** The facts of a type without a row. */
export const NO_FACTS: Facts = { emptyAsNull: false, at: () => undefined, has: () => false, all: () => [] };

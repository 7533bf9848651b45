import { readFileSync } from 'node:fs';

import { STORAGE_VERSION, type Kind, type Kinds, type Shape } from './contract.ts';
import { toKind, type Row } from './facts/row.ts';
import { readTypeFile, type TypeFile } from './facts/type-file.ts';
import type { GenericTypes } from './generic/generic-types.ts';
import { withGeneric } from './generic/with-generic.ts';
import { makeShape, type ShapeWithParts } from './shape.ts';

/** `Kinds` whose shapes include the parts that they were made from, for the generator. */
export type KindsWithParts = Omit<Kinds, 'shape'> & { shape(kind: Kind, apiVersion: string): ShapeWithParts };

/** The rows of kinds.json that are ARM resources. */
export function readRows(): Row[] {
  const text = readFileSync(new URL('./kinds.json', import.meta.url), 'utf8');
  const { kinds } = JSON.parse(text) as { kinds: (Row | { armType: null })[] };
  return kinds.filter((row): row is Row => row.armType !== null);
}

/**
 * All kinds; GenericResource only with the ARM types that it may have. Each type file is read once, when a shape first
 * needs it.
 */
export function loadKinds({ genericTypes }: { genericTypes?: GenericTypes | undefined } = {}): Kinds {
  const kinds = loadKindsWithParts();
  return genericTypes === undefined ? kinds : withGeneric(kinds, genericTypes);
}

/** Like `loadKinds`, but without GenericResource and with the parts of each shape. */
export function loadKindsWithParts(): KindsWithParts {
  const rows = new Map(readRows().map((row) => [`${row.kind}.${row.group}`, row]));
  const kinds = new Map([...rows].map(([id, row]) => [id, toKind(row)]));
  const files = new Map<string, TypeFile>();
  const shapes = new Map<string, ShapeWithParts>();

  const fileOf = (row: Row, apiVersion: string): TypeFile => {
    const provider = row.armType.split('/')[0] ?? '';
    const from = row.typesFrom?.[apiVersion] ?? apiVersion;
    return cached(files, `${provider}/${from}`, () => readTypeFile(provider, from));
  };
  const apiVersionOf: Kinds['apiVersionOf'] = (kind, versionName) =>
    versionName === STORAGE_VERSION
      ? undefined
      : kind.apiVersions.find((version) => kind.served[version]?.includes(versionName));
  const shape = (kind: Kind, apiVersion: string): ShapeWithParts =>
    cached(shapes, `${kind.kind}.${kind.group}@${apiVersion}`, () => {
      const row = rows.get(`${kind.kind}.${kind.group}`);
      if (!row?.apiVersions.includes(apiVersion))
        throw new Error(`${kind.kind}.${kind.group} has no api-version ${apiVersion}`);
      return makeShape({ kind, row, apiVersion, file: fileOf(row, apiVersion) });
    });
  return {
    all: () => [...kinds.values()],
    find: ({ group, kind }) => kinds.get(`${kind}.${group}`),
    apiVersionOf,
    shape,
    shapeFor: (kind, { versionName }) =>
      shape(kind, (versionName && apiVersionOf(kind, versionName)) ?? kind.apiVersions.at(-1) ?? ''),
  };
}

function cached<T extends TypeFile | Shape>(cache: Map<string, T>, id: string, make: () => T): T {
  const known = cache.get(id);
  if (known) return known;
  const made = make();
  cache.set(id, made);
  return made;
}

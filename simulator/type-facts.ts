import { readRows } from '../kinds/load.ts';
import type { GeneratedFact, Row } from '../kinds/facts/row.ts';
import { readTypeFile, type ArmBody, type ArmType, type TypeFile } from '../kinds/facts/type-file.ts';

/** What the type files and `kinds.json` say of one resource type at one api-version. */
export interface Facts {
  readonly file: TypeFile;
  readonly body: ArmBody;
  /** What its actions answer, by action name in lower case. */
  readonly outputs: ReadonlyMap<string, ArmType | undefined>;
  readonly exports: readonly GeneratedFact[];
}

/** Type facts by resource type and api-version; type files are read when first asked for, each once. */
export class TypeFacts {
  readonly #files = new Map<string, TypeFile | undefined>();
  readonly #facts = new Map<string, Facts | undefined>();
  /** By lower-case type: no two kinds stand for one. */
  readonly #rows: ReadonlyMap<string, Row>;

  constructor() {
    this.#rows = new Map(readRows().map((row) => [row.armType.toLowerCase(), row]));
  }

  /** The kind's row; undefined for a type that no kind stands for. */
  row(type: string): Row | undefined {
    return this.#rows.get(type.toLowerCase());
  }

  /** Undefined when nothing is known of the type at that api-version. */
  of(type: string, apiVersion: string): Facts | undefined {
    const id = `${type.toLowerCase()}@${apiVersion}`;
    if (!this.#facts.has(id)) this.#facts.set(id, this.#read(type, apiVersion));
    return this.#facts.get(id);
  }

  #read(type: string, apiVersion: string): Facts | undefined {
    const row = this.row(type);
    const file = this.#file(type.split('/')[0] ?? '', row?.typesFrom?.[apiVersion] ?? apiVersion);
    const body = file === undefined ? undefined : entryOf(file.resources, type);
    if (file === undefined || body === undefined) return undefined;
    const functions = entryOf(file.functions, type) ?? {};
    return {
      file,
      body,
      outputs: new Map(Object.entries(functions).map(([name, { output }]) => [name.toLowerCase(), output])),
      exports: row === undefined ? [] : [row.generatedSecrets, row.generatedConfigMaps].flatMap(Object.values),
    };
  }

  #file(provider: string, apiVersion: string): TypeFile | undefined {
    const id = `${provider.toLowerCase()}/${apiVersion}`;
    if (!this.#files.has(id)) this.#files.set(id, readFile(provider, apiVersion));
    return this.#files.get(id);
  }
}

function readFile(provider: string, apiVersion: string): TypeFile | undefined {
  // Both become a path: nothing but a name may.
  if (!/^[\w.]+$/.test(provider) || !/^[\w-]+$/.test(apiVersion)) return undefined;
  try {
    return readTypeFile(provider, apiVersion);
  } catch {
    return undefined;
  }
}

function entryOf<T>(entries: Readonly<Record<string, T>>, name: string): T | undefined {
  const wanted = name.toLowerCase();
  return Object.entries(entries).find(([key]) => key.toLowerCase() === wanted)?.[1];
}

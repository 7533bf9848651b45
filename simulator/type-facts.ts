import type { GeneratedFact, Row } from '../kinds/facts/row.ts';
import { readTypeFile, type ArmBody, type ArmType, type TypeFile } from '../kinds/facts/type-file.ts';
import { readRows } from '../kinds/load.ts';

/** What the type files and `kinds.json` say about a resource type at one api-version. */
export interface Facts {
  readonly file: TypeFile;
  readonly body: ArmBody;
  /** The output types of its actions, by action name in lower case. */
  readonly outputs: ReadonlyMap<string, ArmType | undefined>;
  readonly exports: readonly GeneratedFact[];
}

/** The type facts by resource type and api-version. Each type file is read once, when it is first needed. */
export class TypeFacts {
  readonly #files = new Map<string, TypeFile | undefined>();
  readonly #facts = new Map<string, Facts | undefined>();
  /** Rows by type in lower case: no two kinds have the same type. */
  readonly #rows: ReadonlyMap<string, Row>;

  constructor() {
    this.#rows = new Map(readRows().map((row) => [row.armType.toLowerCase(), row]));
  }

  /** The row of the kind; undefined for a type without a kind. */
  row(type: string): Row | undefined {
    return this.#rows.get(type.toLowerCase());
  }

  /** Undefined if nothing is known about the type at that api-version. */
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
  // Both become part of a file path, so neither may contain anything but a name.
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

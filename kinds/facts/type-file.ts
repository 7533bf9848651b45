import { readFileSync } from 'node:fs';

/** What a type file says of one value; see types/README.md. */
export interface ArmType {
  readonly ref?: string;
  readonly type?: 'string' | 'boolean' | 'integer' | 'any' | 'array' | 'map' | 'object' | 'number';
  readonly enum?: readonly (string | number)[];
  readonly open?: boolean;
  readonly items?: ArmType;
  readonly values?: ArmType;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly required?: boolean;
  readonly readOnly?: boolean;
  readonly writeOnly?: boolean;
  readonly secret?: boolean;
  readonly identifier?: boolean;
}

/** An object's content. */
export interface ArmBody {
  readonly properties: Readonly<Record<string, ArmType>>;
  readonly values?: ArmType;
  readonly discriminator?: string;
  readonly variants?: Readonly<Record<string, ArmType>>;
  readonly secret?: boolean;
}

/** One provider at one api-version. */
export interface TypeFile {
  readonly provider: string;
  readonly apiVersion: string;
  readonly resources: Readonly<Record<string, ArmBody>>;
  readonly functions: Readonly<Record<string, Readonly<Record<string, { readonly output?: ArmType }>>>>;
  readonly types: Readonly<Record<string, ArmBody>>;
}

/** Reads `types/<provider>/<api-version>.json`. */
export function readTypeFile(provider: string, apiVersion: string): TypeFile {
  const url = new URL(`./types/${provider.toLowerCase()}/${apiVersion}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as TypeFile;
}

/** The body of a resource type, found whatever its spelling: ARM ignores case in types. */
export function resourceBody(file: TypeFile, armType: string): ArmBody {
  const body = findBody(file, armType);
  if (!body) throw new Error(`types of ${file.provider} ${file.apiVersion} have no resource ${armType}`);
  return body;
}

/** As `resourceBody`, undefined where the types have no such resource. */
export function findBody(file: TypeFile, armType: string): ArmBody | undefined {
  const wanted = armType.toLowerCase();
  return Object.entries(file.resources).find(([name]) => name.toLowerCase() === wanted)?.[1];
}

/** The body that a type stands for, undefined where it is no object with known content. */
export function bodyOf(file: TypeFile, type: ArmType): ArmBody | undefined {
  return type.ref === undefined ? undefined : file.types[type.ref];
}

import { readFileSync } from 'node:fs';

/** Limits that a schema can state. */
export interface Limits {
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** What a type file says about one value; see types/README.md. */
export interface ArmType extends Limits {
  readonly ref?: string;
  readonly type?: 'string' | 'boolean' | 'integer' | 'any' | 'array' | 'map' | 'object' | 'number';
  readonly enum?: readonly (string | number)[];
  readonly open?: boolean;
  readonly items?: ArmType;
  readonly values?: ArmType;
  readonly required?: boolean;
  readonly readOnly?: boolean;
  readonly writeOnly?: boolean;
  readonly secret?: boolean;
  readonly identifier?: boolean;
}

/** The members of an object. */
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

/** The body of a resource type. ARM ignores case in type names, so this does too. */
export function resourceBody(file: TypeFile, armType: string): ArmBody {
  const wanted = armType.toLowerCase();
  const body = Object.entries(file.resources).find(([name]) => name.toLowerCase() === wanted)?.[1];
  if (!body) throw new Error(`the type file of ${file.provider} ${file.apiVersion} has no resource type ${armType}`);
  return body;
}

/** The body that a type refers to; undefined where it is not an object with known properties. */
export function bodyOf(file: TypeFile, type: ArmType): ArmBody | undefined {
  return type.ref === undefined ? undefined : file.types[type.ref];
}

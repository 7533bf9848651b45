import type { Json, JsonObject } from '../contract.ts';
import type { ArmBody, ArmType, Limits, TypeFile } from '../facts/type-file.ts';
import { isObject } from '../json.ts';
import { mergeEqualTypes } from './merge-types.ts';

/**
 * Makes a type file from a `types.json` of Bicep's types for Azure (github.com/Azure/bicep-types-az,
 * `generated/<service>/<provider>/<api-version>/types.json`): a list whose entries refer to each other as `#/<index>`.
 * Descriptions are left out. `wanted`: only these resource types, in any letter case; all when absent.
 * @throws Error naming the entry that it does not understand, or the wanted type that is not there.
 */
export function typeFileOf(entries: Json, wanted?: readonly string[]): TypeFile {
  if (!Array.isArray(entries) || !entries.every((entry) => isObject(entry) && typeof entry['$type'] === 'string'))
    throw new Error('not a types.json of Bicep: it must be a list of objects that have a "$type"');
  const names = wanted?.map((name) => name.toLowerCase());
  const isWanted = (name: string): boolean => names === undefined || names.includes(name.toLowerCase());
  const reader: Reader = { entries: entries as JsonObject[], names: new Map(), types: {} };
  const all = reader.entries.filter((entry) => entry['$type'] === 'ResourceType').map((entry) => textAt(entry, 'name'));
  const missing = wanted?.find((name) => !all.some((known) => typeIn(known).toLowerCase() === name.toLowerCase()));
  if (missing !== undefined) throw new Error(`no resource type ${missing}; there are: ${all.map(typeIn).join(', ')}`);
  const resources = reader.entries.flatMap((entry) => resourceOf(reader, entry, isWanted));
  const functions: Record<string, Record<string, JsonObject>> = {};
  for (const entry of reader.entries) {
    const type = entry['$type'] === 'ResourceFunctionType' ? textAt(entry, 'resourceType') : '';
    if (type === '' || !isWanted(type)) continue;
    functions[type] = { ...functions[type], [textAt(entry, 'name')]: { ...call(reader, entry) } as JsonObject };
  }
  const [provider = ''] = (all[0] ?? '').split('/');
  const apiVersion = (all[0] ?? '').split('@')[1] ?? '';
  if (provider === '' || apiVersion === '') throw new Error('there is no resource type in the file');
  return mergeEqualTypes({
    provider,
    apiVersion,
    resources: sorted(Object.fromEntries(resources)),
    functions: sorted(functions),
    types: sorted(reader.types),
  });
}

interface Reader {
  readonly entries: readonly JsonObject[];
  /** Index of an object type -> its name in the type file. */
  readonly names: Map<number, string>;
  readonly types: Record<string, ArmBody>;
}

/** Every resource has these; type files leave them out. */
const COMMON: ReadonlySet<string> = new Set(['id', 'type', 'apiVersion']);
const SCOPES = ['tenant', 'managementGroup', 'subscription', 'resourceGroup', 'extension'] as const;

function resourceOf(reader: Reader, entry: JsonObject, isWanted: (name: string) => boolean): [string, ArmBody][] {
  const name = typeIn(textAt(entry, 'name'));
  if (entry['$type'] !== 'ResourceType' || !isWanted(name)) return [];
  const [scopes, readScopes] = [scopesOf(entry['writableScopes']), scopesOf(entry['readableScopes'])];
  const { properties, ...body } = bodyOfEntry(reader, entryAt(reader, entry['body'])[1]);
  const own = Object.fromEntries(Object.entries(properties).filter(([member]) => !COMMON.has(member)));
  const differs = readScopes.join() !== scopes.join();
  return [[name, { scopes, ...(differs && { readScopes }), properties: own, ...body } as ArmBody]];
}

/** Bit flags, in the order of `SCOPES`. */
function scopesOf(flags: Json | undefined): string[] {
  if (typeof flags !== 'number')
    throw new Error('a resource type has no writableScopes: use a newer version of the file');
  return SCOPES.filter((_, bit) => (flags & (1 << bit)) !== 0);
}

function call(reader: Reader, { input, output }: JsonObject): { input?: ArmType; output?: ArmType } {
  return {
    ...(input !== undefined && { input: typeOf(reader, input) }),
    ...(output !== undefined && { output: typeOf(reader, output) }),
  };
}

function typeOf(reader: Reader, ref: Json | undefined): ArmType {
  const [index, entry] = entryAt(reader, ref);
  const kind = textAt(entry, '$type');
  switch (kind) {
    case 'StringType':
      return { type: 'string', ...limits(entry), ...(entry['sensitive'] === true && { secret: true }) };
    case 'StringLiteralType':
      return { type: 'string', enum: [textAt(entry, 'value')] };
    case 'UnionType':
      return unionOf(reader, entry);
    case 'BooleanType':
      return { type: 'boolean' };
    case 'IntegerType':
      return { type: 'integer', ...limits(entry) };
    case 'AnyType':
    case 'NullType':
      return { type: 'any' };
    case 'ArrayType':
      return { type: 'array', items: typeOf(reader, entry['itemType']), ...itemLimits(entry) };
    case 'ObjectType':
      return objectOf(reader, index, entry);
    case 'DiscriminatedObjectType':
      return { ref: nameOf(reader, index, entry) };
    default:
      throw new Error(`#/${String(index)}: this script does not know the type ${kind}`);
  }
}

/** Text values, and `open` if any other text is allowed too. A union of anything else has no form in a type file. */
function unionOf(reader: Reader, entry: JsonObject): ArmType {
  const members = listAt(entry, 'elements')
    .map((element) => typeOf(reader, element))
    .filter(({ type }) => type !== 'any');
  const values = members.flatMap((member) => member.enum ?? []);
  const isText = members.every(({ type }) => type === 'string');
  if (!isText || members.length === 0) return { type: 'any' };
  const open = members.find((member) => member.enum === undefined);
  if (values.length === 0) return open ?? { type: 'any' };
  return { type: 'string', enum: [...new Set(values)], ...(open && { open: true }) };
}

function objectOf(reader: Reader, index: number, entry: JsonObject): ArmType {
  const hasMembers = Object.keys(membersOf(entry, 'properties')).length > 0;
  const more = entry['additionalProperties'];
  const secret = entry['sensitive'] === true && { secret: true };
  if (hasMembers) return { ref: nameOf(reader, index, entry) };
  if (more === undefined) return { type: 'object', ...secret };
  return { type: 'map', values: typeOf(reader, more), ...secret };
}

/** The name of an object type. Its body is converted once; types may contain themselves. */
function nameOf(reader: Reader, index: number, entry: JsonObject): string {
  const known = reader.names.get(index);
  if (known !== undefined) return known;
  const base = textAt(entry, 'name');
  const taken = new Set(reader.names.values());
  let name = base;
  for (let count = 2; taken.has(name); count += 1) name = `${base}~${String(count)}`;
  reader.names.set(index, name);
  reader.types[name] = bodyOfEntry(reader, entry);
  return name;
}

function bodyOfEntry(reader: Reader, entry: JsonObject): ArmBody {
  const isDiscriminated = entry['$type'] === 'DiscriminatedObjectType';
  const members = membersOf(entry, isDiscriminated ? 'baseProperties' : 'properties');
  const more = entry['additionalProperties'];
  const variants = Object.entries(membersOf(entry, 'elements')).map(([value, ref]) => [value, typeOf(reader, ref)]);
  return {
    properties: Object.fromEntries(Object.entries(members).map(([name, member]) => [name, memberOf(reader, member)])),
    ...(more !== undefined && { values: typeOf(reader, more) }),
    ...(isDiscriminated && {
      discriminator: textAt(entry, 'discriminator'),
      variants: Object.fromEntries(variants) as Record<string, ArmType>,
    }),
    ...(entry['sensitive'] === true && { secret: true }),
  };
}

/** Bit 3, set at creation only, has no form in a type file. */
function memberOf(reader: Reader, member: Json): ArmType {
  const { type, flags } = isObject(member) ? member : {};
  const bits = typeof flags === 'number' ? flags : 0;
  return {
    ...typeOf(reader, type),
    ...((bits & 1) !== 0 && { required: true }),
    ...((bits & 2) !== 0 && { readOnly: true }),
    ...((bits & 4) !== 0 && { writeOnly: true }),
    ...((bits & 16) !== 0 && { identifier: true }),
  };
}

function limits({ pattern, minLength, maxLength, minValue, maxValue }: JsonObject): Limits {
  return {
    ...(typeof pattern === 'string' && { pattern }),
    ...(typeof minLength === 'number' && { minLength }),
    ...(typeof maxLength === 'number' && { maxLength }),
    ...(typeof minValue === 'number' && { minimum: minValue }),
    ...(typeof maxValue === 'number' && { maximum: maxValue }),
  };
}

function itemLimits({ minLength, maxLength }: JsonObject): Limits {
  return {
    ...(typeof minLength === 'number' && { minItems: minLength }),
    ...(typeof maxLength === 'number' && { maxItems: maxLength }),
  };
}

function entryAt({ entries }: Reader, ref: Json | undefined): [index: number, entry: JsonObject] {
  const text = isObject(ref) ? ref['$ref'] : undefined;
  const index = typeof text === 'string' && text.startsWith('#/') ? Number(text.slice(2)) : NaN;
  const entry = entries[index];
  if (entry === undefined) throw new Error(`${JSON.stringify(ref)} does not refer to an entry of this file`);
  return [index, entry];
}

function membersOf(entry: JsonObject, name: string): JsonObject {
  const members = entry[name];
  return isObject(members) ? members : {};
}

function listAt(entry: JsonObject, name: string): Json[] {
  const list = entry[name];
  return Array.isArray(list) ? list : [];
}

function textAt(entry: JsonObject, name: string): string {
  const text = entry[name];
  return typeof text === 'string' ? text : '';
}

/** `Microsoft.Maps/accounts@2023-06-01` -> `Microsoft.Maps/accounts`. */
function typeIn(name: string): string {
  return name.split('@')[0] ?? '';
}

function sorted<T>(members: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)));
}

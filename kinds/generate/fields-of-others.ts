import type { Json, JsonObject } from '../contract.ts';
import { isObject } from '../json.ts';

/** The schema of a spec at one api-version. */
export interface VersionSchema {
  readonly apiVersion: string;
  readonly schema: JsonObject;
}

const ANYTHING: JsonObject = { 'x-kubernetes-preserve-unknown-fields': true };
const NUMBERS: readonly unknown[] = ['integer', 'number'];

/**
 * The schema of `own`, which also keeps what a resource that was applied at one of the other api-versions can contain.
 * A write through a version deletes what the version does not declare, and server-side apply fails on it. So each field
 * that only others have is declared without a type: it is kept as it is, at any depth, and misspelt fields are still
 * refused. Where two api-versions disagree on what a value is (a string in one, an object in the other), the value is
 * not checked.
 */
export function withFieldsOfOthers(own: VersionSchema, others: readonly VersionSchema[]): JsonObject {
  const family = familyOf(own.schema);
  const rivals = others.filter(({ schema }) => familyOf(schema) !== family);
  if (family === 'any') return own.schema;
  if (rivals.length > 0) return withDescription(own.schema, ANYTHING);
  if (family === 'object') return objectKeepingFields(own, others);
  const { items } = own.schema;
  if (!isObject(items)) return own.schema;
  return { ...own.schema, items: withFieldsOfOthers({ ...own, schema: items }, childrenOf(others, 'items')) };
}

/**
 * What a value must have in common so that one schema can stand for the other: server-side apply refuses a string where
 * the version that it goes through has an object, and merges a list by the keys that the schema names.
 */
function familyOf(schema: JsonObject): string {
  const { type } = schema;
  if (type === undefined) return schema['x-kubernetes-int-or-string'] === true ? 'intOrString' : 'any';
  if (NUMBERS.includes(type)) return 'number';
  if (type === 'array')
    return JSON.stringify([type, schema['x-kubernetes-list-type'], schema['x-kubernetes-list-map-keys']]);
  return typeof type === 'string' ? type : 'any';
}

function objectKeepingFields(own: VersionSchema, others: readonly VersionSchema[]): JsonObject {
  const { schema } = own;
  const values = schema['additionalProperties'];
  const areMaps = others.map((other) => isMap(other.schema));
  if (isObject(values)) {
    // The members of an object in another version need not be like the values of this map.
    if (areMaps.includes(false)) return withDescription(schema, { ...ANYTHING, type: 'object' });
    const kept = withFieldsOfOthers({ ...own, schema: values }, childrenOf(others, 'additionalProperties'));
    return { ...schema, additionalProperties: kept };
  }
  const keepsAll = others.some(({ schema: other }) => isMap(other) || isOpen(other));
  return { ...schema, ...propertiesKeepingFields(own, others), ...(keepsAll ? ANYTHING : {}) };
}

function propertiesKeepingFields(own: VersionSchema, others: readonly VersionSchema[]): JsonObject {
  const mine = propertiesOf(own.schema);
  const names = new Set([own, ...others].flatMap(({ schema }) => Object.keys(propertiesOf(schema))));
  const properties = [...names].sort().map((name): [string, Json] => {
    const theirs = others.flatMap(({ apiVersion, schema }): VersionSchema[] => {
      const inner = propertiesOf(schema)[name] ?? schema['additionalProperties'];
      return isObject(inner) ? [{ apiVersion, schema: inner }] : [];
    });
    const schema = mine[name];
    return [name, isObject(schema) ? withFieldsOfOthers({ ...own, schema }, theirs) : fieldOf(theirs)];
  });
  return properties.length === 0 ? {} : { properties: Object.fromEntries(properties) };
}

/** A field that this api-version does not have; `theirs`: its schemas in those that have it. */
function fieldOf(theirs: readonly VersionSchema[]): JsonObject {
  const newest =
    theirs
      .map(({ apiVersion }) => apiVersion)
      .sort()
      .at(-1) ?? '';
  return {
    description: `Of another api-version, such as ${newest}: kept, but not to be set at this one.`,
    ...ANYTHING,
  };
}

function childrenOf(schemas: readonly VersionSchema[], name: 'items' | 'additionalProperties'): VersionSchema[] {
  return schemas.flatMap(({ apiVersion, schema }) => {
    const inner = schema[name];
    return isObject(inner) ? [{ apiVersion, schema: inner }] : [];
  });
}

function propertiesOf(schema: JsonObject): JsonObject {
  return isObject(schema['properties']) ? schema['properties'] : {};
}

function isMap(schema: JsonObject): boolean {
  return isObject(schema['additionalProperties']);
}

function isOpen(schema: JsonObject): boolean {
  return schema['x-kubernetes-preserve-unknown-fields'] === true;
}

function withDescription({ description }: JsonObject, schema: JsonObject): JsonObject {
  return description === undefined ? schema : { description, ...schema };
}

import type { JsonObject } from '../contract.ts';
import type { Limits } from '../facts/type-file.ts';
import type { Field, Node, ObjectNode } from '../mapping/node.ts';
import type { Describe } from './field-text.ts';

const ARM_ID =
  '(?i)(^(/subscriptions/([^/]+)(/resourcegroups/([^/]+))?)?/providers/([^/]+)/([^/]+/[^/]+)(/([^/]+/[^/]+))*$|^/subscriptions/([^/]+)(/resourcegroups/([^/]+))?$)';

/** The schema of a complete ARM id. */
export const ARM_ID_SCHEMA: JsonObject = { pattern: ARM_ID, type: 'string' };
const TEXT: JsonObject = { type: 'string' };
const ANYTHING: JsonObject = { 'x-kubernetes-preserve-unknown-fields': true };

/** The OpenAPI v3 schema of a node for a CRD, with the descriptions that `describe` gives. */
export function schemaOf(node: Node, describe?: Describe): JsonObject {
  switch (node.type) {
    case 'any':
      return ANYTHING;
    case 'array':
      return { items: schemaOf(node.items, describe), ...limits(node.limits), type: 'array' };
    case 'map':
      return { additionalProperties: schemaOf(node.values, describe), type: 'object' };
    case 'object':
      return objectSchema(node, describe);
    case 'secret':
    case 'configMap':
      return { properties: { key: TEXT, name: TEXT }, required: ['key', 'name'], type: 'object' };
    case 'secretMap':
      return { properties: { name: TEXT }, required: ['name'], type: 'object' };
    case 'reference':
      return referenceSchema(node.wellKnown);
    case 'identities':
      return { items: { properties: { reference: referenceSchema(false) }, type: 'object' }, type: 'array' };
    default:
      return { ...(node.enum ? { enum: sorted(node.enum) } : {}), ...limits(node.limits), type: node.type };
  }
}

/** The schema of an object with these properties. */
export function objectOfSchemas(properties: JsonObject, required: readonly string[]): JsonObject {
  const ordered = Object.fromEntries(Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    ...(Object.keys(ordered).length > 0 ? { properties: ordered } : {}),
    ...(required.length > 0 ? { required: [...required].sort() } : {}),
    type: 'object',
  };
}

function objectSchema(node: ObjectNode, describe: Describe | undefined): JsonObject {
  const properties = node.fields.map((field: Field): [string, JsonObject] => {
    const description = describe?.(field);
    return [field.name, { ...(description === undefined ? {} : { description }), ...schemaOf(field.node, describe) }];
  });
  return objectOfSchemas(
    Object.fromEntries(properties),
    node.fields.filter((field) => field.required).map((field) => field.name),
  );
}

function referenceSchema(wellKnown: boolean): JsonObject {
  const properties = {
    armId: ARM_ID_SCHEMA,
    group: TEXT,
    kind: TEXT,
    name: TEXT,
    ...(wellKnown ? { wellKnownName: TEXT } : {}),
  };
  return { properties, type: 'object' };
}

/**
 * The limits as a schema states them. Kubernetes compiles patterns with RE2, which has no look-around and no
 * back-references: a pattern with one would make the whole CRD invalid, so it is omitted.
 */
export function limits({ pattern, ...rest }: Limits): JsonObject {
  return pattern === undefined || /\(\?(?:[=!]|<[=!])|\\[1-9]/.test(pattern) ? { ...rest } : { pattern, ...rest };
}

function sorted(values: readonly (string | number)[]): (string | number)[] {
  return [...new Set(values)].sort((a, b) => (a < b ? -1 : 1));
}

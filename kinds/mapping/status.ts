import type { Json, JsonObject } from '../contract.ts';
import { isObject, ownProperty, childPath } from '../json.ts';
import type { Field, Node, ObjectNode } from './node.ts';
import { isSecretMember, isSecretText, withoutSecrets } from './secret-values.ts';

/** Properties that every answer has, although the types omit them. */
const COMMON_PROPERTIES = ['id', 'name', 'type'] as const;

/**
 * The answer of GET in the naming of the custom resource. As in ASO it holds only properties that the types of the
 * api-version have, so a secret that Azure adds under a new name is not shown. `publicPaths`: wire paths that the kind
 * exports to ConfigMaps; they are shown whatever their names are.
 */
export function statusOf(node: ObjectNode, answer: JsonObject, publicPaths: ReadonlySet<string>): JsonObject {
  const { conditions, ...status } = objectValue({ publicPaths }, node, answer, '');
  const taken = Object.fromEntries(
    COMMON_PROPERTIES.flatMap((name) => (typeof answer[name] === 'string' ? [[name, answer[name]]] : [])),
  );
  // `status.conditions` belongs to the operator, so a property of Azure with that name gets another one.
  return { ...status, ...(conditions === undefined ? {} : { properties_conditions: conditions }), ...taken };
}

interface Context {
  readonly publicPaths: ReadonlySet<string>;
}

function objectValue(context: Context, node: ObjectNode, value: JsonObject, path: string): JsonObject {
  const membersOf = (fields: readonly Field[]): (readonly [string, Json])[] =>
    fields.flatMap((field) => {
      const given = fieldValue(context, field, value, path);
      return given === undefined || given === null ? [] : [[field.name, given] as const];
    });
  const members = membersOf(node.fields);
  // Azure does not always name the variant. What all variants have must not be lost then.
  return Object.fromEntries(members.length > 0 ? members : membersOf(node.fieldsOfNoVariant ?? []));
}

function fieldValue(context: Context, field: Field, value: JsonObject, path: string): Json | undefined {
  const there = field.wire.reduce<Json | undefined>(
    (at, name) => (isObject(at) ? ownProperty(at, name) : undefined),
    value,
  );
  if (there === undefined) return undefined;
  const at = field.wire.reduce(childPath, path);
  if (field.when)
    return isObject(there) && there[field.when.property] === field.when.value
      ? shown(context, field.node, there, at)
      : undefined;
  const name = field.wire.at(-1);
  if (name !== undefined && isSecretMember(name, there) && !context.publicPaths.has(at)) return undefined;
  if (field.wire.length > 0 || !isObject(there)) return shown(context, field.node, there, at);
  const rest = Object.fromEntries(Object.entries(there).filter(([member]) => field.except?.includes(member) !== true));
  return Object.keys(rest).length === 0 ? undefined : shown(context, field.node, rest, at);
}

function shown(context: Context, node: Node, value: Json, path: string): Json | undefined {
  if (isSecretText(value) && !context.publicPaths.has(path)) return undefined;
  if (node.type === 'object' && isObject(value)) return objectValue(context, node, value, path);
  if (node.type === 'array' && Array.isArray(value))
    return value.map((item) => shown(context, node.items, item, `${path}[]`)).filter((item) => item !== undefined);
  if (node.type === 'map' && isObject(value)) {
    const members = Object.entries(value).flatMap(([key, item]) => {
      const given = isSecretMember(key, item) ? undefined : shown(context, node.values, item, `${path}{}`);
      return given === undefined ? [] : [[key, given] as const];
    });
    return Object.fromEntries(members);
  }
  // A value of another type than declared is treated like one of unknown type.
  return node.type === 'any' || typeof value === 'object' ? withoutSecrets(value) : value;
}

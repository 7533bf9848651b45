import type { Json, JsonObject } from './contract.ts';
import { isObject } from './json.ts';
import type { Field, Node, ObjectNode } from './node.ts';

/** The answer of GET in the resource's naming. Only what the types know is taken, so nothing secret slips in under an unknown name. */
export function statusOf(node: ObjectNode, answer: JsonObject): JsonObject {
  const { conditions, ...status } = objectValue(node, answer);
  const own = Object.fromEntries(
    ['id', 'name', 'type'].flatMap((name) => (typeof answer[name] === 'string' ? [[name, answer[name]]] : [])),
  );
  // `conditions` is ours; Azure's own field of that name gives way.
  return { ...status, ...(conditions === undefined ? {} : { properties_conditions: conditions }), ...own };
}

function objectValue(node: ObjectNode, value: JsonObject): JsonObject {
  const out: JsonObject = {};
  for (const field of node.fields) {
    const shown = fieldValue(field, node, value);
    if (shown !== undefined && shown !== null) out[field.name] = shown;
  }
  return out;
}

function fieldValue(field: Field, parent: ObjectNode, value: JsonObject): Json | undefined {
  const there = field.wire.reduce<Json | undefined>((at, name) => (isObject(at) ? at[name] : undefined), value);
  if (there === undefined) return undefined;
  if (field.when)
    return isObject(there) && there[field.when.property] === field.when.value ? shown(field.node, there) : undefined;
  if (field.wire.length > 0 || !isObject(there)) return shown(field.node, there);
  const known = new Set(parent.fields.map((other) => other.wire[0]));
  const rest = Object.fromEntries(Object.entries(there).filter(([name]) => !known.has(name)));
  return Object.keys(rest).length === 0 ? undefined : shown(field.node, rest);
}

function shown(node: Node, value: Json): Json {
  if (node.is === 'object' && isObject(value)) return objectValue(node, value);
  if (node.is === 'array' && Array.isArray(value)) return value.map((item) => shown(node.items, item));
  if (node.is === 'map' && isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shown(node.values, item)]));
  return value;
}

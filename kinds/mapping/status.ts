import type { Json, JsonObject } from '../contract.ts';
import { isObject, own, placeOf } from '../json.ts';
import type { Field, Node, ObjectNode } from './node.ts';
import { isSecretMember, isSecretText, withoutSecrets } from './secret-values.ts';

/** What every resource has, beside what its types say. */
const OWN = ['id', 'name', 'type'] as const;

/**
 * The answer of GET in the resource's naming. As in ASO only what the types of its api-version know is taken: so nothing secret slips in under a
 * name that Azure added since. `open`: wire paths that the kind hands out in ConfigMaps, so that they are no secrets whatever they are called.
 */
export function statusOf(node: ObjectNode, answer: JsonObject, open: ReadonlySet<string>): JsonObject {
  const { conditions, ...status } = objectValue({ open }, node, answer, '');
  const taken = Object.fromEntries(
    OWN.flatMap((name) => (typeof answer[name] === 'string' ? [[name, answer[name]]] : [])),
  );
  // `conditions` is ours; Azure's own field of that name gives way.
  return { ...status, ...(conditions === undefined ? {} : { properties_conditions: conditions }), ...taken };
}

interface Showing {
  readonly open: ReadonlySet<string>;
}

function objectValue(showing: Showing, node: ObjectNode, value: JsonObject, path: string): JsonObject {
  const members = node.fields.flatMap((field) => {
    const given = fieldValue(showing, field, value, path);
    return given === undefined || given === null ? [] : [[field.name, given] as const];
  });
  return Object.fromEntries(members);
}

function fieldValue(showing: Showing, field: Field, value: JsonObject, path: string): Json | undefined {
  const there = field.wire.reduce<Json | undefined>((at, name) => (isObject(at) ? own(at, name) : undefined), value);
  if (there === undefined) return undefined;
  const at = field.wire.reduce(placeOf, path);
  if (field.when)
    return isObject(there) && there[field.when.property] === field.when.value
      ? shown(showing, field.node, there, at)
      : undefined;
  const name = field.wire.at(-1);
  if (name !== undefined && isSecretMember(name, there) && !showing.open.has(at)) return undefined;
  if (field.wire.length > 0 || !isObject(there)) return shown(showing, field.node, there, at);
  const rest = Object.fromEntries(Object.entries(there).filter(([member]) => field.except?.includes(member) !== true));
  return Object.keys(rest).length === 0 ? undefined : shown(showing, field.node, rest, at);
}

function shown(showing: Showing, node: Node, value: Json, path: string): Json | undefined {
  if (isSecretText(value) && !showing.open.has(path)) return undefined;
  if (node.is === 'object' && isObject(value)) return objectValue(showing, node, value, path);
  if (node.is === 'array' && Array.isArray(value))
    return value.map((item) => shown(showing, node.items, item, `${path}[]`)).filter((item) => item !== undefined);
  if (node.is === 'map' && isObject(value)) {
    const members = Object.entries(value).flatMap(([key, item]) => {
      const given = isSecretMember(key, item) ? undefined : shown(showing, node.values, item, `${path}{}`);
      return given === undefined ? [] : [[key, given] as const];
    });
    return Object.fromEntries(members);
  }
  // An answer that is not what its type says is as unknown as one without a type.
  return node.is === 'any' || typeof value === 'object' ? withoutSecrets(value) : value;
}

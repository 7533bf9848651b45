import type { Json, JsonObject, Resolved } from '../contract.ts';
import { isObject, childPath, textAt } from '../json.ts';
import type { Empty, Field, Node, ObjectNode } from './node.ts';

/**
 * The body of the PUT for a spec.
 * @throws Error that names the fields of the spec that are wrong; never a value.
 */
export function payloadOf(node: ObjectNode, input: { spec: JsonObject; name: string; inputs: Resolved }): JsonObject {
  const body = objectValue(node, input.spec, '', input.inputs);
  return { ...body, name: input.name };
}

function objectValue(node: ObjectNode, value: JsonObject, path: string, inputs: Resolved): JsonObject {
  const out: JsonObject = {};
  checkVariants(node, value, path);
  for (const field of node.fields) {
    checkTwin(field, value, path);
    const given = value[field.name];
    if (given === undefined || given === null) continue;
    const sent = sentValue(field.node, given, childPath(path, field.name), inputs) ?? requiredEmpty(field);
    if (sent !== undefined) put(out, field, sent);
  }
  for (const wire of node.requiredObjects ?? []) objectAt(out, wire);
  for (const field of node.fields) putEmpty(out, field);
  return out;
}

/** @throws Error if more than one variant of an object is set. */
function checkVariants(node: ObjectNode, value: JsonObject, path: string): void {
  const given = node.fields.filter(({ name, when }) => when && value[name] !== undefined && value[name] !== null);
  if (given.length < 2) return;
  const names = given.map(({ name }) => `spec.${childPath(path, name)}`).join(', ');
  throw new Error(`only one of these fields can be set: ${names}`);
}

/**
 * If both are set, it is unclear which one applies. If none is set, Azure would refuse the request with the name of a
 * field that the spec does not have.
 */
function checkTwin({ name, twin }: Field, value: JsonObject, path: string): void {
  if (!twin) return;
  const given = [twin.of, name].filter((one) => value[one] !== undefined && value[one] !== null);
  if (given.length === 1 || (given.length === 0 && !twin.required)) return;
  const [plain, other] = [childPath(path, twin.of), childPath(path, name)];
  const rule = given.length === 0 ? 'one of them is required' : 'not both';
  throw new Error(`exactly one of spec.${plain} and spec.${other} must be set, ${rule}`);
}

/** Azure refuses a request without a list that it requires, so such a list is sent even when it is empty. */
function requiredEmpty({ required, node }: Field): Json | undefined {
  if (!required) return undefined;
  return node.type === 'array' ? [] : node.type === 'map' || node.type === 'identities' ? {} : undefined;
}

/**
 * Some providers do not change a list that a PUT omits, so these providers are sent the empty lists and maps of every
 * object.
 */
function putEmpty(out: JsonObject, { node, wire }: Field): void {
  if ((node.type !== 'array' && node.type !== 'map') || node.empty === 'leaveOut') return;
  const last = wire.at(-1);
  const parent = wire.slice(0, -1).reduce<Json | undefined>((at, name) => (isObject(at) ? at[name] : undefined), out);
  if (last === undefined || !isObject(parent) || last in parent) return;
  parent[last] = node.empty === 'null' ? null : node.type === 'array' ? [] : {};
}

function put(out: JsonObject, field: Field, sent: Json): void {
  const last = field.wire.at(-1);
  if (last === undefined || field.when) {
    // A variant or additional properties: the content belongs to the object at `wire` itself.
    if (isObject(sent)) merge(objectAt(out, field.wire), withDiscriminator(field, sent));
    return;
  }
  const parent = objectAt(out, field.wire.slice(0, -1));
  const there = parent[last];
  parent[last] = isObject(there) && isObject(sent) ? { ...there, ...sent } : sent;
}

/** The discriminator comes first: some deserialisers in Azure choose the variant before they read further. */
function withDiscriminator({ when }: Field, sent: JsonObject): JsonObject {
  return when ? { [when.property]: when.value, ...sent, [when.property]: when.value } : sent;
}

/** Users choose these keys: `__proto__` must become a member like any other. */
function merge(into: JsonObject, members: JsonObject): void {
  for (const [name, value] of Object.entries(members))
    Object.defineProperty(into, name, { value, configurable: true, enumerable: true, writable: true });
}

function objectAt(root: JsonObject, wire: readonly string[]): JsonObject {
  let at = root;
  for (const name of wire) {
    const next = at[name];
    const inner = isObject(next) ? next : {};
    at[name] = inner;
    at = inner;
  }
  return at;
}

/** Undefined where nothing is sent. */
function sentValue(node: Node, value: Json, path: string, inputs: Resolved): Json | undefined {
  switch (node.type) {
    case 'object':
      return isObject(value) ? objectValue(node, value, path, inputs) : value;
    case 'array': {
      if (!Array.isArray(value)) return value;
      const items = value.map((item, index) => memberValue(node.items, item, childPath(path, index), inputs));
      return items.length === 0 ? emptyValue(node.empty, []) : items;
    }
    case 'map': {
      if (!isObject(value)) return value;
      const entries = Object.entries(value).map(
        ([key, item]) => [key, memberValue(node.values, item, childPath(path, key), inputs)] as const,
      );
      return entries.length === 0 ? emptyValue(node.empty, {}) : Object.fromEntries(entries);
    }
    case 'identities': {
      if (!Array.isArray(value)) return value;
      const ids = value.map((item, index) =>
        referenceValue(
          isObject(item) ? (item['reference'] ?? null) : null,
          childPath(childPath(path, index), 'reference'),
          inputs,
        ),
      );
      // As in ASO, also for providers that are sent empty lists and maps: `null` is for collections of values.
      return ids.length === 0 ? undefined : Object.fromEntries(ids.map((id) => [String(id), {}]));
    }
    case 'secret':
    case 'secretMap':
    case 'configMap':
      return resolved(inputs, path);
    case 'reference':
      return referenceValue(value, path, inputs);
    default:
      return value;
  }
}

/** Empty values inside a list or a map are kept: without one, the next items would shift or its key would be lost. */
function memberValue(node: Node, value: Json, path: string, inputs: Resolved): Json {
  return sentValue(node, value, path, inputs) ?? value;
}

function referenceValue(value: Json, path: string, inputs: Resolved): Json {
  const given = isObject(value) ? value : {};
  const ways = [
    textAt(given, 'armId'),
    textAt(given, 'wellKnownName'),
    textAt(given, 'group') ?? textAt(given, 'kind') ?? textAt(given, 'name'),
  ].filter((way) => way !== undefined);
  if (ways.length > 1) throw new Error(`spec.${path} names two resources: set either armId, or group, kind and name`);
  return textAt(given, 'wellKnownName') ?? resolved(inputs, path, 'set armId, or group, kind and name');
}

function resolved(inputs: Resolved, path: string, advice = 'set name and key'): Json {
  const value = inputs.get(path);
  if (value === undefined) throw new Error(`spec.${path} has no value: ${advice}`);
  return typeof value === 'string' ? value : { ...value };
}

function emptyValue(empty: Empty, value: Json): Json | undefined {
  if (empty === 'leaveOut') return undefined;
  return empty === 'null' ? null : value;
}

import type { Json, JsonObject, Resolved } from '../../../kinds/contract.ts';
import { isObject, childPath } from '../../../kinds/json.ts';
import type { Field, Node, ObjectNode } from '../../../kinds/mapping/node.ts';

/** Wire path -> value, for everything but objects and lists with content. */
export type Leaves = [path: string, value: Json][];

/**
 * The leaves of a JSON value. Names are quoted, so that a key with a dot is not taken for a path. Empty values and null
 * are left out.
 */
export function leavesOf(value: Json, path = ''): Leaves {
  if (Array.isArray(value)) return value.flatMap((item, index) => leavesOf(item, `${path}[${String(index)}]`));
  if (isObject(value)) return Object.entries(value).flatMap(([name, item]) => leavesOf(item, at(path, name)));
  return value === null ? [] : [[path, value]];
}

/**
 * The expected payload of a spec: each leaf at the path that its field names. It does not use the code that builds
 * payloads.
 */
export function wireLeaves(node: ObjectNode, spec: JsonObject, inputs: Resolved): Leaves {
  return ofObject(node, spec, { wire: '', spec: '', inputs });
}

interface Where {
  readonly wire: string;
  readonly spec: string;
  readonly inputs: Resolved;
}

function ofObject(node: ObjectNode, value: JsonObject, where: Where): Leaves {
  return node.fields.flatMap((field) => {
    const given = value[field.name];
    return given === undefined ? [] : ofField(field, given, where);
  });
}

function ofField(field: Field, value: Json, where: Where): Leaves {
  const wire = field.wire.reduce(at, where.wire);
  const inside = { ...where, wire, spec: childPath(where.spec, field.name) };
  if (!field.when) return ofNode(field.node, value, inside);
  const mark: Leaves[number] = [at(wire, field.when.property), field.when.value];
  return [mark, ...ofNode(field.node, value, inside).filter(([path]) => path !== mark[0])];
}

function ofNode(node: Node, value: Json, where: Where): Leaves {
  const input = (spec: string): Json => where.inputs.get(spec) as Json;
  switch (node.type) {
    case 'object':
      return isObject(value) ? ofObject(node, value, where) : [];
    case 'array':
      return (value as Json[]).flatMap((item, index) => ofNode(node.items, item, entered(where, index)));
    case 'map':
      return Object.entries(value as JsonObject).flatMap(([key, item]) =>
        ofNode(node.values, item, entered(where, key)),
      );
    case 'identities':
      return [];
    case 'reference':
      return [
        [
          where.wire,
          where.inputs.has(where.spec) ? input(where.spec) : ((value as JsonObject)['wellKnownName'] ?? null),
        ],
      ];
    case 'secret':
    case 'secretMap':
    case 'configMap':
      return leavesOf(input(where.spec), where.wire);
    default:
      return leavesOf(value, where.wire);
  }
}

function entered(where: Where, key: string | number): Where {
  const wire = typeof key === 'number' ? `${where.wire}[${String(key)}]` : at(where.wire, key);
  return { ...where, wire, spec: childPath(where.spec, key) };
}

function at(path: string, name: string): string {
  return `${path}.${JSON.stringify(name)}`;
}

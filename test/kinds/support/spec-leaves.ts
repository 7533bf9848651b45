import type { Json, JsonObject } from '../../../kinds/contract.ts';
import { isObject } from '../../../kinds/json.ts';
import type { Field, Node } from '../../../kinds/mapping/node.ts';
import { leavesOf, type Leaves } from './wire-leaves.ts';

/**
 * The values in the spec itself, by path, without those that are read from elsewhere (secrets, references): an answer
 * should return them.
 */
export function plainLeaves(
  node: Node,
  value: Json,
  path = '',
  nameOf: (field: Field) => string = ({ name }) => name,
): Leaves {
  switch (node.type) {
    case 'object': {
      if (!isObject(value)) return [];
      return node.fields.flatMap((field) => {
        const given = value[field.name];
        return given === undefined ? [] : plainLeaves(field.node, given, at(path, nameOf(field)), nameOf);
      });
    }
    case 'array':
      return (value as Json[]).flatMap((item, index) =>
        plainLeaves(node.items, item, `${path}[${String(index)}]`, nameOf),
      );
    case 'map':
      return Object.entries(value as JsonObject).flatMap(([key, item]) =>
        plainLeaves(node.values, item, at(path, key), nameOf),
      );
    case 'identities':
    case 'reference':
    case 'secret':
    case 'secretMap':
    case 'configMap':
      return [];
    default:
      return leavesOf(value, path);
  }
}

function at(path: string, name: string): string {
  return `${path}.${JSON.stringify(name)}`;
}

import type { Json, JsonObject } from '../../../kinds/contract.ts';
import { isObject } from '../../../kinds/json.ts';
import type { Node } from '../../../kinds/mapping/node.ts';
import { leavesOf, type Leaves } from './wire-leaves.ts';

/** The values that a spec itself holds, by place, without what must be read elsewhere first (secrets, references): what an answer should give back. */
export function plainLeaves(node: Node, value: Json, path = ''): Leaves {
  switch (node.is) {
    case 'object': {
      if (!isObject(value)) return [];
      return node.fields.flatMap((field) => {
        const given = value[field.name];
        return given === undefined ? [] : plainLeaves(field.node, given, at(path, field.name));
      });
    }
    case 'array':
      return (value as Json[]).flatMap((item, index) => plainLeaves(node.items, item, `${path}[${String(index)}]`));
    case 'map':
      return Object.entries(value as JsonObject).flatMap(([key, item]) =>
        plainLeaves(node.values, item, at(path, key)),
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

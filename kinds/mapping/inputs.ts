import type { Json, JsonObject, SpecInput } from '../contract.ts';
import { isObject, childPath, textAt } from '../json.ts';
import type { Node, ObjectNode } from './node.ts';

/** What must be read before the payload can be built, in the order of the schema. */
export function inputsOf(node: ObjectNode, spec: JsonObject): SpecInput[] {
  const own = isObject(spec['azureNameFromConfig'])
    ? keyed('configMap', 'azureNameFromConfig', spec['azureNameFromConfig'])
    : [];
  return [...own, ...collect(node, spec, '')];
}

function collect(node: Node, value: Json | undefined, path: string): SpecInput[] {
  if (value === undefined || value === null) return [];
  switch (node.type) {
    case 'object':
      return isObject(value)
        ? node.fields.flatMap((field) => collect(field.node, value[field.name], childPath(path, field.name)))
        : [];
    case 'array':
      return Array.isArray(value)
        ? value.flatMap((item, index) => collect(node.items, item, childPath(path, index)))
        : [];
    case 'map':
      return isObject(value)
        ? Object.entries(value).flatMap(([key, item]) => collect(node.values, item, childPath(path, key)))
        : [];
    case 'identities':
      return Array.isArray(value) ? value.flatMap((item, index) => identity(item, childPath(path, index))) : [];
    case 'secret':
    case 'configMap':
      return isObject(value) ? keyed(node.type, path, value) : [];
    case 'secretMap': {
      const name = isObject(value) ? textAt(value, 'name') : undefined;
      return name === undefined ? [] : [{ type: 'secretMap', path, name }];
    }
    case 'reference':
      return isObject(value) ? reference(value, path) : [];
    default:
      return [];
  }
}

function keyed(type: 'secret' | 'configMap', path: string, value: JsonObject): SpecInput[] {
  const name = textAt(value, 'name');
  const key = textAt(value, 'key');
  return name === undefined || key === undefined ? [] : [{ type, path, name, key }];
}

function identity(item: Json, path: string): SpecInput[] {
  return isObject(item) && isObject(item['reference'])
    ? reference(item['reference'], childPath(path, 'reference'))
    : [];
}

function reference(value: JsonObject, path: string): SpecInput[] {
  const armId = textAt(value, 'armId');
  if (armId !== undefined) return [{ type: 'armId', path, armId }];
  const [group, kind, name] = [textAt(value, 'group'), textAt(value, 'kind'), textAt(value, 'name')];
  return group === undefined || kind === undefined || name === undefined
    ? []
    : [{ type: 'reference', path, group, kind, name }];
}

import type { Json, JsonObject, SpecProblem } from '../contract.ts';
import type { Exportable } from '../facts/exportable.ts';
import { childPath, isObject } from '../json.ts';
import type { Node, ObjectNode } from './node.ts';

/** The fields of a spec that stand beside those for Azure. */
const OWN_FIELDS: readonly string[] = ['azureName', 'azureNameFromConfig', 'operatorSpec', 'owner'];

/**
 * The fields of a spec that the api-version does not have. Each version of a CRD keeps the fields of the others
 * (`generate/fields-of-others.ts`), so such a field is one of another api-version: it cannot be sent, and leaving it out
 * would set Azure back to the default in silence.
 */
export function unknownFieldProblems(
  { node, exportable }: { readonly node: ObjectNode; readonly exportable: Exportable },
  spec: JsonObject,
  apiVersion: string,
): SpecProblem[] {
  const own = Object.fromEntries(Object.entries(spec).filter(([name]) => !OWN_FIELDS.includes(name)));
  return [...unknownIn(node, own, ''), ...unknownDestinations(exportable, spec['operatorSpec'])].map((field) => ({
    field,
    message:
      `api-version ${apiVersion}, at which the resource was last applied, has no such field or another type of it. ` +
      'Apply the manifest with the apiVersion that the field is of, or remove the field',
  }));
}

function unknownDestinations(exportable: Exportable, operatorSpec: Json | undefined): string[] {
  if (!isObject(operatorSpec)) return [];
  return (['secrets', 'configMaps'] as const).flatMap((list) => {
    const wanted = operatorSpec[list];
    if (!isObject(wanted)) return [];
    return Object.keys(wanted)
      .filter((name) => !exportable[list].has(name))
      .map((name) => `operatorSpec.${list}.${name}`);
  });
}

function unknownIn(node: Node, value: Json, path: string): string[] {
  if (value === null) return [];
  if (!hasType(node, value)) return [path];
  if (node.type === 'object' && isObject(value)) return unknownInObject(node, value, path);
  if (node.type === 'array' && Array.isArray(value))
    return value.flatMap((item, index) => unknownIn(node.items, item, childPath(path, index)));
  if (node.type === 'map' && isObject(value))
    return Object.entries(value).flatMap(([key, item]) => unknownIn(node.values, item, childPath(path, key)));
  return [];
}

function unknownInObject({ fields }: ObjectNode, value: JsonObject, path: string): string[] {
  const known = new Map(fields.map((field) => [field.name, field.node]));
  return Object.entries(value).flatMap(([name, inner]) => {
    const node = known.get(name);
    // Without a value nothing would be sent.
    if (node === undefined) return inner === null ? [] : [childPath(path, name)];
    return unknownIn(node, inner, childPath(path, name));
  });
}

/** Whether a value is of the type of its node, as the schema of the api-version demands. */
function hasType(node: Node, value: Json): boolean {
  switch (node.type) {
    case 'any':
      return true;
    case 'string':
    case 'boolean':
      return typeof value === node.type;
    case 'integer':
    case 'number':
      return typeof value === 'number';
    case 'array':
    case 'identities':
      return Array.isArray(value);
    default:
      return isObject(value);
  }
}

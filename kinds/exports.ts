import type { Export, ExportSource, JsonObject } from './contract.ts';
import type { Generated } from './generated.ts';
import { isObject, textAt, textMap } from './json.ts';

/** What `operatorSpec.secrets` and `operatorSpec.configMaps` ask for. Names that the kind does not generate cannot pass the schema. */
export function exportsOf(generated: Generated, spec: JsonObject): Export[] {
  const operatorSpec = spec['operatorSpec'];
  if (!isObject(operatorSpec)) return [];
  return [
    ...destinations('Secret', operatorSpec['secrets'], generated.secrets),
    ...destinations('ConfigMap', operatorSpec['configMaps'], generated.configMaps),
  ];
}

function destinations(
  target: Export['target'],
  wanted: JsonObject[string] | undefined,
  sources: ReadonlyMap<string, ExportSource>,
): Export[] {
  if (!isObject(wanted)) return [];
  return [...sources].flatMap(([field, source]): Export[] => {
    const destination = wanted[field];
    if (!isObject(destination)) return [];
    const name = textAt(destination, 'name');
    const key = textAt(destination, 'key');
    if (name === undefined || key === undefined) return [];
    const annotations = textMap(destination['annotations']);
    const labels = textMap(destination['labels']);
    return [
      { target, field, name, key, source, ...(annotations ? { annotations } : {}), ...(labels ? { labels } : {}) },
    ];
  });
}

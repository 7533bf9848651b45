import type { Export, ExportExpression, ExportSource, Json, JsonObject } from '../contract.ts';
import type { Generated } from '../facts/generated.ts';
import { isObject, textAt, textMap } from '../json.ts';

/** What `operatorSpec.secrets` and `operatorSpec.configMaps` ask for. Names that the kind does not generate cannot pass the schema. */
export function exportsOf(generated: Generated, spec: JsonObject): Export[] {
  const operatorSpec = spec['operatorSpec'];
  if (!isObject(operatorSpec)) return [];
  return [
    ...destinations('Secret', operatorSpec['secrets'], generated.secrets).map((one) => ({ ...one, optional: false })),
    ...destinations('ConfigMap', operatorSpec['configMaps'], generated.configMaps).map((one) => ({
      ...one,
      optional: generated.optional.has(one.field),
    })),
  ];
}

/** What `operatorSpec.secretExpressions` and `operatorSpec.configMapExpressions` ask for. */
export function expressionsOf(generated: Generated, spec: JsonObject): ExportExpression[] {
  const operatorSpec = spec['operatorSpec'];
  if (!isObject(operatorSpec)) return [];
  return (['secretExpressions', 'configMapExpressions'] as const).flatMap((list) => {
    const entries = operatorSpec[list];
    return Array.isArray(entries) ? entries.flatMap((entry, index) => expression(generated, list, entry, index)) : [];
  });
}

function expression(
  generated: Generated,
  list: 'secretExpressions' | 'configMapExpressions',
  entry: Json,
  index: number,
): ExportExpression[] {
  if (!isObject(entry)) return [];
  const [name, text, key] = [textAt(entry, 'name'), textAt(entry, 'value'), textAt(entry, 'key')];
  if (name === undefined || text === undefined) return [];
  const target = list === 'secretExpressions' ? 'Secret' : 'ConfigMap';
  const metadata = metadataOf(entry);
  const texts = [text, ...Object.values(metadata.annotations ?? {}), ...Object.values(metadata.labels ?? {})];
  // A ConfigMap is no place for what must be secret.
  const secrets = target === 'Secret' ? secretsIn(generated, texts.join(' ')) : {};
  const field = `${list}[${String(index)}]`;
  return [{ target, field, name, ...(key === undefined ? {} : { key }), expression: text, ...metadata, secrets }];
}

/** The secrets that an expression may read: those it names, or all where it takes the map as a whole. */
function secretsIn({ secrets }: Generated, text: string): Record<string, ExportSource> {
  if (!/\bsecret\b/.test(text)) return {};
  const named = [...secrets].filter(([name]) =>
    new RegExp(`\\bsecret\\s*(\\.|\\[\\s*["'])\\??\\s*${name}\\b`).test(text),
  );
  return Object.fromEntries(named.length > 0 ? named : secrets);
}

function metadataOf(entry: JsonObject): Pick<Export, 'annotations' | 'labels'> {
  const annotations = textMap(entry['annotations']);
  const labels = textMap(entry['labels']);
  return { ...(annotations ? { annotations } : {}), ...(labels ? { labels } : {}) };
}

function destinations(
  target: Export['target'],
  wanted: JsonObject[string] | undefined,
  sources: ReadonlyMap<string, ExportSource>,
): Omit<Export, 'optional'>[] {
  if (!isObject(wanted)) return [];
  return [...sources].flatMap(([field, source]): Omit<Export, 'optional'>[] => {
    const destination = wanted[field];
    if (!isObject(destination)) return [];
    const name = textAt(destination, 'name');
    const key = textAt(destination, 'key');
    if (name === undefined || key === undefined) return [];
    return [{ target, field, name, key, source, ...metadataOf(destination) }];
  });
}

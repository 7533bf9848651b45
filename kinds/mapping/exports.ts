import type { Export, ExportExpression, ExportSource, Json, JsonObject } from '../contract.ts';
import type { Exportable } from '../facts/exportable.ts';
import { isObject, textAt, textMap } from '../json.ts';

/**
 * The exports that `operatorSpec.secrets` and `operatorSpec.configMaps` ask for. The schema refuses names that the kind
 * cannot export.
 */
export function exportsOf(exportable: Exportable, spec: JsonObject): Export[] {
  const operatorSpec = spec['operatorSpec'];
  if (!isObject(operatorSpec)) return [];
  return [
    ...destinations('Secret', operatorSpec['secrets'], exportable.secrets).map((one) => ({ ...one, optional: false })),
    ...destinations('ConfigMap', operatorSpec['configMaps'], exportable.configMaps).map((one) => ({
      ...one,
      optional: exportable.optional.has(one.field),
    })),
  ];
}

/** The expressions of `operatorSpec.secretExpressions` and `operatorSpec.configMapExpressions`. */
export function expressionsOf(exportable: Exportable, spec: JsonObject): ExportExpression[] {
  const operatorSpec = spec['operatorSpec'];
  if (!isObject(operatorSpec)) return [];
  return (['secretExpressions', 'configMapExpressions'] as const).flatMap((list) => {
    const entries = operatorSpec[list];
    return Array.isArray(entries) ? entries.flatMap((entry, index) => expression(exportable, list, entry, index)) : [];
  });
}

function expression(
  exportable: Exportable,
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
  // Expressions for a ConfigMap may not read secrets.
  const secrets = target === 'Secret' ? secretsIn(exportable, texts.join(' ')) : {};
  const field = `${list}[${String(index)}]`;
  return [{ target, field, name, ...(key === undefined ? {} : { key }), expression: text, ...metadata, secrets }];
}

/** The secrets that an expression names; all secrets if it uses the map as a whole. */
function secretsIn({ secrets }: Exportable, text: string): Record<string, ExportSource> {
  if (!/\bsecret\b/.test(text)) return {};
  const names = namesIn(text);
  const named = [...secrets].filter(([name]) => names.has(name));
  return Object.fromEntries(named.length > 0 ? named : secrets);
}

/**
 * The names that follow `secret`: `secret.name`, `secret.?name`, `secret["name"]`, `secret[?'name']`. They are compared
 * as text: the name of a GenericResource's secret may have signs that mean something in a regular expression.
 */
function namesIn(text: string): ReadonlySet<string> {
  const uses = text.matchAll(/\bsecret\s*(?:\.\s*\??\s*(\w+)|\[\s*\??\s*(?:"([^"]*)"|'([^']*)'))/g);
  return new Set([...uses].map(([, member, quoted, single]) => member ?? quoted ?? single ?? ''));
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

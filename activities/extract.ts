import type { ExportSource, Json, JsonObject } from '../kinds/contract.ts';
import { isObject } from '../kinds/json.ts';

/** Takes one value out of what Azure answered. Undefined when it is not there or empty. */
export function extract(source: ExportSource, answer: JsonObject): string | undefined {
  const from =
    source.from === 'action' && source.list !== undefined ? pickItem(source, at(answer, source.list)) : answer;
  const value = at(from, source.path);
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  const text = String(value);
  if (text === '') return undefined;
  return source.from === 'action' && source.encoding === 'base64' ? Buffer.from(text, 'base64').toString('utf8') : text;
}

function pickItem(source: Extract<ExportSource, { from: 'action' }>, list: Json | undefined): Json | undefined {
  if (!Array.isArray(list)) return undefined;
  if (source.where === undefined) return list[0];
  const conditions = Object.entries(source.where);
  // `null` stands for the item that lacks the property.
  return list.find((item) => isObject(item) && conditions.every(([name, value]) => (item[name] ?? null) === value));
}

function at(value: Json | undefined, path: string): Json | undefined {
  return path
    .split('.')
    .reduce<Json | undefined>((current, name) => (isObject(current) ? current[name] : undefined), value);
}

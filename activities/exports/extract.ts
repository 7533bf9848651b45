import type { Json, JsonObject, ValueSelector } from '../../kinds/contract.ts';
import { valueAt } from '../../kinds/json-path.ts';

/** Takes one value out of an answer of Azure. Undefined if the value is missing or empty. */
export function extract(selector: ValueSelector, answer: JsonObject): string | undefined {
  const value = valueAt(
    selector.list === undefined ? answer : pickItem(selector, valueAt(answer, selector.list)),
    selector.path,
  );
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  const text = String(value);
  if (text === '') return undefined;
  return selector.encoding === 'base64' ? Buffer.from(text, 'base64').toString('utf8') : text;
}

function pickItem({ where }: ValueSelector, list: Json | undefined): Json | undefined {
  if (!Array.isArray(list)) return undefined;
  if (where === undefined) return list[0];
  const conditions = Object.entries(where);
  // `null` selects an item without the property.
  return list.find((item) => conditions.every(([path, value]) => (valueAt(item, path) ?? null) === value));
}

import type { Json, JsonObject } from './contract.ts';
import { isObject, placeOf } from './json.ts';

/**
 * Paths of a payload that the answer contradicts, where nothing is known of the type. What the answer leaves out is no contradiction; texts are compared
 * without regard to case, and places without regard to blanks, as ARM does. `withheld`: secrets, which Azure masks or leaves out.
 */
export function genericDrift(payload: JsonObject, answer: JsonObject, withheld: readonly string[]): string[] {
  const { name: _, ...sent } = payload;
  return compare(sent, answer, '').filter((path) => !withheld.includes(path));
}

function compare(sent: Json, got: Json | undefined, path: string): string[] {
  if (got === undefined || got === null || sent === null) return [];
  if (isObject(sent)) {
    if (!isObject(got)) return [path];
    const byName = new Map(Object.entries(got).map(([name, value]) => [name.toLowerCase(), value]));
    return Object.entries(sent).flatMap(([name, value]) =>
      compare(value, got[name] ?? byName.get(name.toLowerCase()), placeOf(path, name)),
    );
  }
  if (Array.isArray(sent)) {
    if (!Array.isArray(got) || got.length !== sent.length) return [path];
    return sent.flatMap((item, index) => compare(item, got[index], placeOf(path, index)));
  }
  return spelled(sent, path) === spelled(got, path) ? [] : [path];
}

function spelled(value: Json, path: string): Json {
  if (typeof value !== 'string') return value;
  const text = value.toLowerCase().replace(/\/+$/, '');
  return /location(name)?(\[\d+\])?$/i.test(path) ? text.replaceAll(/\s/g, '') : text;
}

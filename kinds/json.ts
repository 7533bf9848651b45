import type { Json, JsonObject } from './contract.ts';

/** Whether a value is an object (no list, not null). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The string at a name, undefined where it is none or empty. */
export function textAt(value: JsonObject, name: string): string | undefined {
  const text = value[name];
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** A place in a spec. */
export function placeOf(parent: string, name: string | number): string {
  if (typeof name === 'number') return `${parent}[${String(name)}]`;
  return parent === '' ? name : `${parent}.${name}`;
}

/** A map whose values are all strings, undefined where it is none. */
export function textMap(value: Json | undefined): Readonly<Record<string, string>> | undefined {
  if (!isObject(value)) return undefined;
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** A record's own member of a name that comes from outside: `constructor` is no member of an empty one. */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** Lists and members in one order, whatever the order of the answer. */
export function inOrder(value: Json): Json {
  if (Array.isArray(value)) {
    const items = value.map((item): [string, Json] => {
      const ordered = inOrder(item);
      return [JSON.stringify(ordered), ordered];
    });
    return items.sort(([a], [b]) => (a < b ? -1 : Number(a > b))).map(([, item]) => item);
  }
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([name, item]): [string, Json] => [name, inOrder(item)]);
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)));
}

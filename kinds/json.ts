import type { Json, JsonObject } from './contract.ts';

/** Whether a value is an object: not a list, not null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The string under a name; undefined where it is missing, empty or of another type. */
export function textAt(value: JsonObject, name: string): string | undefined {
  const text = value[name];
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** The path of a member or an item. */
export function childPath(parent: string, name: string | number): string {
  if (typeof name === 'number') return `${parent}[${String(name)}]`;
  return parent === '' ? name : `${parent}.${name}`;
}

/** The string members of an object; undefined where the value is not an object. */
export function textMap(value: Json | undefined): Readonly<Record<string, string>> | undefined {
  if (!isObject(value)) return undefined;
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** A member whose name comes from user input. Without this check, `constructor` would be found in every record. */
export function ownProperty<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** A copy with sorted list items and members: two values that differ in order only have equal copies. */
export function canonical(value: Json): Json {
  if (Array.isArray(value)) {
    const items = value.map((item): [string, Json] => {
      const ordered = canonical(item);
      return [JSON.stringify(ordered), ordered];
    });
    return items.sort(([a], [b]) => (a < b ? -1 : Number(a > b))).map(([, item]) => item);
  }
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([name, item]): [string, Json] => [name, canonical(item)]);
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)));
}

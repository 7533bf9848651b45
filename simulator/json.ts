import { createHash, randomUUID } from 'node:crypto';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** The value as an object; an empty one where it is anything else. */
export function asObject(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

/** The value as a list; an empty one where it is anything else. */
export function asList(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

/** The value as a string, else the fallback. */
export function asString(value: Json | undefined, fallback = ''): string {
  return typeof value === 'string' ? value : fallback;
}

/** Parses an object; empty for an empty text, undefined where the text is not JSON. */
export function jsonOf(text: string): JsonObject | undefined {
  if (text === '') return {};
  try {
    return asObject(JSON.parse(text) as Json);
  } catch {
    return undefined;
  }
}

/** JSON merge patch (RFC 7396): null removes. */
export function mergePatch(base: JsonObject, patch: JsonObject): JsonObject {
  const merged: JsonObject = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else if (typeof value === 'object' && !Array.isArray(value)) merged[key] = mergePatch(asObject(merged[key]), value);
    else merged[key] = value;
  }
  return merged;
}

/** The resource after a PUT: properties that are not sent stay; tags and identity are replaced as a whole. */
export function updated(before: JsonObject, sent: JsonObject): JsonObject {
  const { tags: _tags, identity: _identity, ...rest } = before;
  const { tags, identity } = sent;
  return {
    ...mergePatch(rest, sent),
    ...(tags === undefined ? {} : { tags }),
    ...(identity === undefined ? {} : { identity }),
  };
}

/** The object without its null members, at any depth: ARM takes `"tags": null` for absent. */
export function withoutNulls(value: JsonObject): JsonObject {
  return asObject(dropNulls(value));
}

function dropNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(dropNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([key, member]) => [key, dropNulls(member)]),
  );
}

/** A GUID that is always the same for the same text, so that tests can know it. */
export function guidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

/** A fresh random GUID. */
export function newGuid(): string {
  return randomUUID();
}

/** A time as most Azure services write it: seven fractional digits. */
export function longTime(at: number): string {
  return new Date(at).toISOString().replace('Z', '0000Z');
}

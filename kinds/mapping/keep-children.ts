import type { Json, JsonObject } from '../contract.ts';
import { bodyOf, type ArmBody, type ArmType, type TypeFile } from '../facts/type-file.ts';
import { valueAt, withValueAt } from '../json-path.ts';
import { isObject } from '../json.ts';

export interface Children {
  readonly file: TypeFile;
  readonly body: ArmBody;
  /** Paths of lists in the payload whose items are also child resources. */
  readonly paths: readonly string[];
}

/**
 * Adds the existing children to the payload: a PUT without them would delete them. A child that the spec names is sent
 * as the spec states it.
 */
export function keepChildren({ file, body, paths }: Children, payload: JsonObject, existing: JsonObject): JsonObject {
  return paths.reduce<JsonObject>((sent, path) => {
    const there = valueAt(existing, path);
    if (!Array.isArray(there) || there.length === 0) return sent;
    const given = valueAt(sent, path);
    const own = Array.isArray(given) ? given : [];
    const names = new Set(own.map(nameOf));
    const type = path.split('.').reduce<ArmType | undefined>((at, name) => property(file, at, body, name), undefined);
    const kept = there.filter((item) => !names.has(nameOf(item)));
    return withValueAt(sent, path, [...own, ...kept.map((item) => writable(file, type?.items, item))]) as JsonObject;
  }, payload);
}

function property(file: TypeFile, at: ArmType | undefined, root: ArmBody, name: string): ArmType | undefined {
  const body = at === undefined ? root : bodyOf(file, at);
  return body?.properties[name];
}

function nameOf(item: Json): string {
  const name = isObject(item) ? item['name'] : undefined;
  return typeof name === 'string' ? name.toLowerCase() : '';
}

/** The part of an answer that may be sent back: without read-only properties and without those that the types lack. */
function writable(file: TypeFile, type: ArmType | undefined, value: Json): Json {
  if (Array.isArray(value)) return value.map((item) => writable(file, type?.items, item));
  const body = type && bodyOf(file, type);
  if (!isObject(value) || body === undefined) return value;
  const properties = { ...body.properties, ...variantOf(file, body, value)?.properties };
  const known = Object.entries(value).flatMap(([name, item]): [string, Json][] => {
    const inner = properties[name];
    if (inner === undefined) return body.values === undefined ? [] : [[name, writable(file, body.values, item)]];
    return inner.readOnly === true ? [] : [[name, writable(file, inner, item)]];
  });
  return Object.fromEntries(known);
}

function variantOf(file: TypeFile, body: ArmBody, value: JsonObject): ArmBody | undefined {
  const named = value[body.discriminator ?? ''];
  const variant = typeof named === 'string' ? body.variants?.[named] : undefined;
  return variant && bodyOf(file, variant);
}

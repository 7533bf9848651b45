import type { Json, JsonObject } from './contract.ts';
import type { Facts } from './facts.ts';
import { isObject, own, placeOf } from './json.ts';
import { bodyOf, type ArmBody, type ArmType, type TypeFile } from './type-file.ts';

type Known = { readonly file: TypeFile; readonly facts: Facts };
/** Where the comparison is: in the answer, and in the row's facts. */
type Place = { readonly path: string; readonly fact: string; readonly name: string };

/** Paths of the payload that the answer contradicts. What the answer leaves out is no contradiction: ARM withholds secrets and defaults. */
export function driftOf(known: Known, body: ArmBody, payload: JsonObject, answer: JsonObject): string[] {
  const { name: _name, ...sent } = payload;
  return compareObjects(known, body, sent, answer, { path: '', fact: '', name: '' });
}

function compareObjects(
  known: Known,
  body: ArmBody | undefined,
  sent: JsonObject,
  got: JsonObject,
  place: Place,
): string[] {
  const variant = body && variantOf(known.file, body, sent);
  const fact = variant ? `${place.fact}<${variant.value}>` : place.fact;
  const gotByName = new Map(Object.entries(got).map(([name, value]) => [name.toLowerCase(), value]));
  return Object.entries(sent).flatMap(([name, value]) => {
    const type = own(body?.properties ?? {}, name) ?? own(variant?.body.properties ?? {}, name);
    const there = own(got, name) ?? gotByName.get(name.toLowerCase());
    const factOf = (parent: string): string => (type ? placeOf(parent, name) : `${parent}{}`);
    const isPlain = known.facts.has('secretInputs', placeOf(place.fact, name));
    const next = { path: placeOf(place.path, name), fact: isPlain ? factOf(place.fact) : factOf(fact), name };
    return compare(known, type ?? body?.values, value, there, next);
  });
}

function variantOf(file: TypeFile, body: ArmBody, sent: JsonObject): { value: string; body: ArmBody } | undefined {
  const value = sent[body.discriminator ?? ''];
  const type = typeof value === 'string' ? body.variants?.[value] : undefined;
  const inner = type && bodyOf(file, type);
  return inner && typeof value === 'string' ? { value, body: inner } : undefined;
}

function compare(known: Known, type: ArmType | undefined, sent: Json, got: Json | undefined, place: Place): string[] {
  if (got === undefined || got === null || sent === null) return [];
  if (type?.writeOnly === true || type?.secret === true || known.facts.has('secretInputs', place.fact)) return [];
  const body = type && bodyOf(known.file, type);
  if (body?.secret === true) return [];
  if (Array.isArray(sent)) {
    return Array.isArray(got) ? compareLists(known, type?.items, sent, got, place) : [place.path];
  }
  if (isObject(sent)) {
    if (!isObject(got)) return [place.path];
    const asMap: ArmBody | undefined =
      type?.type === 'map' ? { properties: {}, ...(type.values ? { values: type.values } : {}) } : body;
    return compareObjects(known, asMap, sent, got, place);
  }
  return same(sent, got, place) ? [] : [place.path];
}

/** ARM may answer in another order: an item that differs at its place may have its equal elsewhere. */
function compareLists(
  known: Known,
  type: ArmType | undefined,
  sent: readonly Json[],
  got: readonly Json[],
  place: Place,
): string[] {
  if (sent.length !== got.length) return [place.path];
  const at = (index: number): Place => ({ ...place, path: placeOf(place.path, index), fact: `${place.fact}[]` });
  const inPlace = sent.flatMap((item, index) => compare(known, type, item, got[index], at(index)));
  if (inPlace.length === 0) return [];
  const free = [...got];
  for (const [index, item] of sent.entries()) {
    const match = free.findIndex((other) => compare(known, type, item, other, at(index)).length === 0);
    if (match === -1) return inPlace;
    free.splice(match, 1);
  }
  return [];
}

function same(sent: Json, got: Json, { name, fact }: Place): boolean {
  if (sent === got) return true;
  if (typeof sent !== 'string' || typeof got !== 'string') return false;
  if (isLocation(fact === '' ? name : fact)) return isSame(squeezed(sent), squeezed(got));
  // Free values (tags) are the user's to the letter. Everything else Azure spells as it likes: ids, enum values, `utf8` as `UTF8`; a PUT for that would
  // be repeated for ever.
  return !fact.endsWith('{}') && isSame(trimmed(sent), trimmed(got));
}

function isLocation(path: string): boolean {
  return /location(name)?(\[\])?$/i.test(path);
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function squeezed(text: string): string {
  return text.replaceAll(/\s/g, '');
}

/** Without what does not matter: a slash at the end of an id, the blank in `SystemAssigned, UserAssigned`. */
function trimmed(text: string): string {
  return text.replace(/\/+$/, '').replaceAll(', ', ',');
}

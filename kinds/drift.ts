import type { Json, JsonObject } from './contract.ts';
import type { Facts } from './facts.ts';
import { isObject, own, placeOf } from './json.ts';
import { isSecretMember } from './secret-values.ts';
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
    const type = own(variant?.body.properties ?? {}, name) ?? own(body?.properties ?? {}, name);
    const there = own(got, name) ?? gotByName.get(name.toLowerCase());
    // What a map does not hold any more was taken out of it: a map is answered whole. A field that is not answered may just never be.
    if (there === undefined && value !== null && isMap(body)) return [placeOf(place.path, name)];
    const factOf = (parent: string): string => (type ? placeOf(parent, name) : `${parent}{}`);
    const isPlain = known.facts.has('secretInputs', placeOf(place.fact, name));
    const next = { path: placeOf(place.path, name), fact: isPlain ? factOf(place.fact) : factOf(fact), name };
    return compare(known, type ?? body?.values, value, there, next);
  });
}

function isMap(body: ArmBody | undefined): boolean {
  return body?.values !== undefined && Object.keys(body.properties).length === 0 && body.variants === undefined;
}

function variantOf(file: TypeFile, body: ArmBody, sent: JsonObject): { value: string; body: ArmBody } | undefined {
  const value = sent[body.discriminator ?? ''];
  const type = typeof value === 'string' ? body.variants?.[value] : undefined;
  const inner = type && bodyOf(file, type);
  return inner && typeof value === 'string' ? { value, body: inner } : undefined;
}

function compare(known: Known, type: ArmType | undefined, sent: Json, got: Json | undefined, place: Place): string[] {
  if (got === undefined || got === null || sent === null) return [];
  // Where Azure takes it at all, it is no wish: what comes back is how things stand.
  if (place.name === 'provisioningState') return [];
  if (type?.writeOnly === true || type?.secret === true || known.facts.has('secretInputs', place.fact)) return [];
  // Masked by whoever answers, whether the types say so or not.
  if (isSecretMember(place.name, sent)) return [];
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

/** ARM may answer in another order: then each item must have its equal somewhere, one for one. */
function compareLists(
  known: Known,
  type: ArmType | undefined,
  sent: readonly Json[],
  got: readonly Json[],
  place: Place,
): string[] {
  if (sent.length !== got.length) return [place.path];
  const differences = (index: number, other: number): string[] => {
    const at = { ...place, path: placeOf(place.path, index), fact: `${place.fact}[]` };
    return compare(known, type, sent[index] ?? null, got[other], at);
  };
  const inPlace = sent.flatMap((_, index) => differences(index, index));
  if (inPlace.length === 0) return [];
  return hasMatching(sent.length, (index, other) => differences(index, other).length === 0) ? [] : inPlace;
}

/** Whether items can be paired one for one. An item of which little was sent fits many, so a pair may have to be broken up for another. */
function hasMatching(count: number, fits: (index: number, other: number) => boolean): boolean {
  const takenBy = new Map<number, number>();
  const place = (index: number, tried: Set<number>): boolean => {
    for (let other = 0; other < count; other += 1) {
      if (tried.has(other) || !fits(index, other)) continue;
      tried.add(other);
      const holder = takenBy.get(other);
      if (holder !== undefined && !place(holder, tried)) continue;
      takenBy.set(other, index);
      return true;
    }
    return false;
  };
  return Array.from({ length: count }, (_, index) => index).every((index) => place(index, new Set()));
}

function same(sent: Json, got: Json, { name, fact }: Place): boolean {
  if (sent === got) return true;
  // Free values (tags) are the user's to the letter. Everything else Azure spells as it likes: ids, enum values, `utf8` as `UTF8`, 20 as "20",
  // true as "True"; a PUT for that would be repeated for ever.
  const isFree = fact.endsWith('{}');
  if (isLocation(fact === '' ? name : fact)) return isSame(squeezed(textOf(sent)), squeezed(textOf(got)));
  if (isFree || isObject(got) || Array.isArray(got)) return false;
  if (typeof sent === 'number' || typeof got === 'number')
    return isNumber(sent) && isNumber(got) && Number(sent) === Number(got);
  return isSame(trimmed(textOf(sent)), trimmed(textOf(got))) || isSameTime(textOf(sent), textOf(got));
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isNumber(value: Json): boolean {
  return (
    typeof value === 'number' || (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)))
  );
}

/** The same moment, with another fraction or zone. */
function isSameTime(a: string, b: string): boolean {
  const isTime = (text: string): boolean => /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text);
  return isTime(a) && isTime(b) && Date.parse(a) === Date.parse(b);
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

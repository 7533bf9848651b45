import type { Json, JsonObject } from '../contract.ts';
import { isNoWish, type View } from './differences.ts';
import type { Facts } from '../facts/facts.ts';
import { isObject, own, placeOf } from '../json.ts';
import { isSecretMember } from './secret-values.ts';
import { isLocation, isSameLocation, isSpelledLike } from './spelling.ts';
import { bodyOf, type ArmBody, type ArmType, type TypeFile } from '../facts/type-file.ts';

interface Known {
  readonly file: TypeFile;
  readonly facts: Facts;
}

/** How a payload of a type is compared with an answer. */
export function typedView(known: Known, body: ArmBody): View {
  return viewOf(known, { body, fact: '', name: '' });
}

interface Place {
  readonly type?: ArmType | undefined;
  readonly body: ArmBody | undefined;
  /** The place in the row's facts. */
  readonly fact: string;
  readonly name: string;
}

function viewOf(known: Known, place: Place): View {
  const { type, body, fact, name } = place;
  return {
    isMap: body?.values !== undefined && Object.keys(body.properties).length === 0 && body.variants === undefined,
    hides: (value) =>
      isNoWish(name) ||
      type?.writeOnly === true ||
      type?.secret === true ||
      body?.secret === true ||
      known.facts.has('secretInputs', fact) ||
      // Masked by whoever answers, whether the types say so or not.
      isSecretMember(name, value),
    member: (member, parent) => memberOf(known, place, member, parent),
    item: () => viewOf(known, { type: type?.items, body: inside(known, type?.items), fact: `${fact}[]`, name }),
    same: (sent, got) => isSame(sent, got, place),
  };
}

function memberOf(known: Known, { body, fact }: Place, name: string, parent: JsonObject): View {
  const variant = body && variantOf(known.file, body, parent);
  const type = own(variant?.body.properties ?? {}, name) ?? own(body?.properties ?? {}, name);
  const factOf = (above: string): string => (type ? placeOf(above, name) : `${above}{}`);
  // A secret that is in every variant is named without the variant's mark.
  const isPlain = known.facts.has('secretInputs', placeOf(fact, name));
  const above = variant && !isPlain ? `${fact}<${variant.value}>` : fact;
  const valueType = type ?? body?.values;
  return viewOf(known, { type: valueType, body: inside(known, valueType), fact: factOf(above), name });
}

function inside(known: Known, type: ArmType | undefined): ArmBody | undefined {
  if (type?.type === 'map') return { properties: {}, ...(type.values ? { values: type.values } : {}) };
  return type && bodyOf(known.file, type);
}

function variantOf(file: TypeFile, body: ArmBody, sent: JsonObject): { value: string; body: ArmBody } | undefined {
  const value = sent[body.discriminator ?? ''];
  const type = typeof value === 'string' ? body.variants?.[value] : undefined;
  const inner = type && bodyOf(file, type);
  return inner && typeof value === 'string' ? { value, body: inner } : undefined;
}

function isSame(sent: Json, got: Json, { fact, name }: Place): boolean {
  if (sent === got) return true;
  if (isLocation(fact === '' ? name : fact)) return isSameLocation(sent, got);
  // Free values (tags) are the user's to the letter.
  const isFree = fact.endsWith('{}');
  if (isFree || isObject(got) || Array.isArray(got)) return false;
  return isSpelledLike(sent, got);
}

import type { Json, JsonObject } from '../contract.ts';
import type { Facts } from '../facts/row-facts.ts';
import { bodyOf, type ArmBody, type ArmType, type TypeFile } from '../facts/type-file.ts';
import { isObject, ownProperty, childPath } from '../json.ts';
import { isObservationOnly, type Comparer } from './differences.ts';
import { isSecretMember } from './secret-values.ts';
import { isLocation, isSameLocation, isSpelledLike } from './spelling.ts';

interface Known {
  readonly file: TypeFile;
  readonly facts: Facts;
}

/** Compares a payload of a known type with an answer. */
export function typedComparer(known: Known, body: ArmBody): Comparer {
  return comparerOf(known, { body, factPath: '', name: '' });
}

interface TypedValue {
  readonly type?: ArmType | undefined;
  readonly body: ArmBody | undefined;
  /** The path as kinds.json writes it. */
  readonly factPath: string;
  readonly name: string;
}

function comparerOf(known: Known, value: TypedValue): Comparer {
  const { type, body, factPath: fact, name } = value;
  return {
    isMap: body?.values !== undefined && Object.keys(body.properties).length === 0 && body.variants === undefined,
    ignores: (value) =>
      isObservationOnly(name) ||
      type?.writeOnly === true ||
      type?.secret === true ||
      body?.secret === true ||
      known.facts.has('secretInputs', fact) ||
      // Providers mask these, even where the types do not mark them as secret.
      isSecretMember(name, value),
    member: (member, parent) => memberOf(known, value, member, parent),
    item: () => comparerOf(known, { type: type?.items, body: inside(known, type?.items), factPath: `${fact}[]`, name }),
    isEqual: (sent, got) => isSame(sent, got, value),
  };
}

function memberOf(known: Known, { body, factPath: fact }: TypedValue, name: string, parent: JsonObject): Comparer {
  const variant = body && variantOf(known.file, body, parent);
  const type = ownProperty(variant?.body.properties ?? {}, name) ?? ownProperty(body?.properties ?? {}, name);
  const factOf = (above: string): string => (type ? childPath(above, name) : `${above}{}`);
  // The path of a secret that all variants share has no marker of a variant.
  const isPlain = known.facts.has('secretInputs', childPath(fact, name));
  const above = variant && !isPlain ? `${fact}<${variant.value}>` : fact;
  const valueType = type ?? body?.values;
  return comparerOf(known, { type: valueType, body: inside(known, valueType), factPath: factOf(above), name });
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

function isSame(sent: Json, got: Json, { factPath: fact, name }: TypedValue): boolean {
  if (sent === got) return true;
  if (isLocation(fact === '' ? name : fact)) return isSameLocation(sent, got);
  // Values under free keys, such as tags, must be exactly equal.
  const isFree = fact.endsWith('{}');
  if (isFree || isObject(got) || Array.isArray(got)) return false;
  return isSpelledLike(sent, got);
}

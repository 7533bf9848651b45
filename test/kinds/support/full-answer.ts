import type { Json, JsonObject } from '../../../kinds/contract.ts';
import { bodyOf, type ArmBody, type ArmType } from '../../../kinds/facts/type-file.ts';
import { childPath } from '../../../kinds/json.ts';
import type { Known } from './all-shapes.ts';

const DEEPEST = 7;

/** Every property of an answer that the types know, with a text of its own as value. */
export interface FullAnswer {
  readonly answer: JsonObject;
  readonly leaves: readonly AnswerLeaf[];
}

export interface AnswerLeaf {
  readonly value: string;
  /** The path as kinds.json writes it. */
  readonly path: string;
  /**
   * It may be missing from a status: a secret, a write-only list, map or value of unknown type, or a write-only
   * property of one variant.
   */
  readonly isHidden: boolean;
}

/**
 * An answer that has everything which its types allow: in each object with variants the one with this number. It does
 * not use the code that makes a status.
 */
export function fullAnswer(known: Known, variant: number): FullAnswer {
  const leaves: AnswerLeaf[] = [];
  const maker: Maker = { known, variant, leaves };
  const { name: _name, apiVersion: _apiVersion, ...properties } = known.body.properties;
  const answer = bodyValue(maker, { ...known.body, properties }, { path: '', ancestors: [], isHidden: false });
  return { answer: answer ?? {}, leaves };
}

/** The largest number of variants of one object that an answer can have. */
export function variantsOf({ file, body }: Known): number {
  return Math.max(...[body, ...Object.values(file.types)].map(({ variants }) => Object.keys(variants ?? {}).length), 1);
}

interface Maker {
  readonly known: Known;
  readonly variant: number;
  readonly leaves: AnswerLeaf[];
}

interface Place {
  readonly path: string;
  readonly ancestors: readonly string[];
  readonly isHidden: boolean;
}

function bodyValue(maker: Maker, body: ArmBody, place: Place): JsonObject | undefined {
  const variants = Object.entries(body.variants ?? {});
  const [value, type] = variants[maker.variant % Math.max(variants.length, 1)] ?? [];
  const variant = type && bodyOf(maker.known.file, type);
  const path = value === undefined ? place.path : `${place.path}<${value}>`;
  const whole = { ...body.properties, ...variant?.properties };
  const members = Object.entries(whole).flatMap(([name, member]) => {
    const isOfVariant = variant?.properties[name] !== undefined && body.properties[name] === undefined;
    const isOfOneRequest = isOfVariant && member.writeOnly === true;
    const there = {
      ...place,
      path: childPath(isOfVariant || !isOnlyOfRequests(maker, body) ? path : place.path, name),
      isHidden: place.isHidden || isOfOneRequest,
    };
    const given = name === body.discriminator ? value : typeValue(maker, member, there);
    return given === undefined ? [] : [[name, given] as const];
  });
  return members.length === 0 ? undefined : Object.fromEntries(members);
}

/** Whether the variants are those of the PUT alone: all that they have of their own is write-only. */
function isOnlyOfRequests({ known }: Maker, { variants = {}, discriminator }: ArmBody): boolean {
  const own = Object.values(variants).flatMap((type) => Object.entries(bodyOf(known.file, type)?.properties ?? {}));
  const others = own.filter(([name]) => name !== discriminator);
  return others.length > 0 && others.every(([, type]) => type.writeOnly === true);
}

function typeValue(maker: Maker, type: ArmType, place: Place): Json | undefined {
  const { facts, file } = maker.known;
  const body = bodyOf(file, type);
  const isSecret = type.secret === true || body?.secret === true || facts.has('secretInputs', place.path);
  const isUnnamed = type.writeOnly === true && ['array', 'map', 'any', 'object'].includes(type.type ?? '');
  const here = { ...place, isHidden: place.isHidden || isSecret || isUnnamed };
  if (body) {
    if (here.ancestors.length > DEEPEST || here.ancestors.includes(type.ref ?? '')) return undefined;
    const inside = { ...here, ancestors: [...here.ancestors, type.ref ?? ''] };
    const isMap = body.values !== undefined && Object.keys(body.properties).length === 0;
    return isMap ? keyed(maker, body.values, inside) : bodyValue(maker, body, inside);
  }
  if (type.type === 'array') {
    const item = typeValue(maker, type.items ?? { type: 'any' }, { ...here, path: `${here.path}[]` });
    return item === undefined ? undefined : [item];
  }
  if (type.type === 'map') return keyed(maker, type.values, here);
  const value = `leaf-${String(maker.leaves.length)}-`;
  maker.leaves.push({ value, path: here.path, isHidden: here.isHidden });
  return value;
}

function keyed(maker: Maker, values: ArmType | undefined, place: Place): JsonObject | undefined {
  const value = typeValue(maker, values ?? { type: 'any' }, { ...place, path: `${place.path}{}` });
  return value === undefined ? undefined : { aKey: value };
}

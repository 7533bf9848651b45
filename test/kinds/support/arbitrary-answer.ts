import fc from 'fast-check';

import type { Json, JsonObject } from '../../../kinds/contract.ts';
import { bodyOf, type ArmBody, type ArmType } from '../../../kinds/facts/type-file.ts';
import type { Known } from './all-shapes.ts';

type Draw = fc.GeneratorValue;
const CHANCES = [100, 70, 50, 40, 30, 20];
const DEEPEST = 9;

/** The value of every secret in an answer. */
export const CANARY = 'canary-secret-value';

/**
 * An answer of GET that the types allow, read-only fields included. The canary is the value wherever the types or the
 * row say "secret", and of one member without a type in every object. Some answers do not name their variant.
 */
export function arbitraryAnswer(known: Known): fc.Arbitrary<JsonObject> {
  return fc.gen().map((draw) => ({ id: '/an/id', type: 'A.B/c', ...bodyValue(draw, known, known.body, '', 0) }));
}

function bodyValue(draw: Draw, known: Known, body: ArmBody, path: string, depth: number): JsonObject {
  const variants = Object.entries(body.variants ?? {});
  const [mark, type] = variants.length === 0 ? [undefined, undefined] : draw(one, variants);
  const variant = type && bodyOf(known.file, type);
  const here = mark === undefined ? path : `${path}<${mark}>`;
  const members = Object.entries({ ...body.properties, ...variant?.properties }).flatMap(([name, member]) => {
    if (depth > DEEPEST || draw(fc.nat, 99) >= (CHANCES[depth] ?? 15)) return [];
    const plain = path === '' ? name : `${path}.${name}`;
    const at = isSecret(known, member, plain) || here === '' ? plain : `${here}.${name}`;
    return [[name, typeValue(draw, known, member, at, depth + 1)] as const];
  });
  const free = body.values ? mapValue(draw, known, body.values, `${path}{}`, depth) : {};
  const isOpen =
    body.values !== undefined ||
    known.facts.has('add', here === '' ? 'additionalProperties' : `${here}.additionalProperties`);
  const unknown = isOpen ? {} : { somethingThatNoTypeKnows: CANARY };
  const isNamed = mark !== undefined && draw(fc.nat, 4) > 0;
  const named = body.discriminator !== undefined && isNamed ? { [body.discriminator]: mark } : {};
  return { ...Object.fromEntries(members), ...free, ...unknown, ...named };
}

function isSecret({ facts, file }: Known, type: ArmType, path: string): boolean {
  return type.secret === true || facts.has('secretInputs', path) || bodyOf(file, type)?.secret === true;
}

function typeValue(draw: Draw, known: Known, type: ArmType, path: string, depth: number): Json {
  if (isSecret(known, type, path)) return secretValue(known, type);
  const body = bodyOf(known.file, type);
  if (body) return bodyValue(draw, known, body, path, depth);
  switch (type.type) {
    case 'array':
      return [typeValue(draw, known, type.items ?? {}, `${path}[]`, depth)];
    case 'map':
      return mapValue(draw, known, type.values ?? {}, `${path}{}`, depth);
    case 'boolean':
      return draw(fc.boolean);
    case 'integer':
      return draw(fc.nat, 1_000);
    case 'string':
      return type.enum?.[0] ?? `text${String(draw(fc.nat, 1_000))}`;
    default:
      return { password: CANARY, url: `https://x/?sv=1&sig=${CANARY}`, list: [{ accountKey: CANARY }] };
  }
}

function mapValue(draw: Draw, known: Known, values: ArmType, path: string, depth: number): JsonObject {
  return { aKey: typeValue(draw, known, values, path, depth + 1) };
}

function secretValue(known: Known, type: ArmType): Json {
  if (type.type === 'array') return [CANARY];
  return bodyOf(known.file, type) || type.type === 'map' || type.type === 'object' ? { inside: CANARY } : CANARY;
}

function one<T>(values: readonly T[]): fc.Arbitrary<T> {
  return fc.constantFrom(...values);
}

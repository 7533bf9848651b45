import type { Json, JsonObject } from '../../../kinds/contract.ts';
import { isObject, placeOf } from '../../../kinds/json.ts';
import { isSecretMember } from '../../../kinds/mapping/secret-values.ts';
import { bodyOf, type ArmBody, type ArmType } from '../../../kinds/facts/type-file.ts';
import type { Known } from './all-shapes.ts';

/** A value in a payload that is no object and no list. */
export interface Told {
  readonly path: string;
  readonly value: Json;
  /** Nothing is known of it, or it is the value of a free key: the user's to the letter. */
  readonly isFree: boolean;
  /** Never answered, or masked. */
  readonly isHidden: boolean;
  /** In no list of several, where a changed item may pass for another of which less was sent. */
  readonly isAlone: boolean;
}

/** What to do with a payload to have the answer. */
export interface Teller {
  leaf(told: Told): Json | undefined;
  /** @param isHidden the list is never answered, or masked */
  list(items: Json[], isHidden: boolean): Json[];
  /** Members that Azure adds to an object with known content. */
  readonly extra: JsonObject;
}

interface Where {
  readonly path: string;
  readonly fact: string;
  readonly base: string;
  readonly name: string;
  readonly isFree: boolean;
  readonly isHidden: boolean;
  readonly isAlone: boolean;
}

/** The answer to a payload. */
export function asAzureTells(known: Known, payload: JsonObject, teller: Teller): JsonObject {
  const where = { path: '', fact: '', base: '', name: '', isFree: false, isHidden: false, isAlone: true };
  return ofBody(known, known.body, payload, where, teller);
}

function ofBody(known: Known, body: ArmBody, value: JsonObject, where: Where, teller: Teller): JsonObject {
  const mark = body.discriminator === undefined ? undefined : value[body.discriminator];
  const variantType = typeof mark === 'string' ? body.variants?.[mark] : undefined;
  const variant = variantType && bodyOf(known.file, variantType);
  const properties = new Map(Object.entries({ ...body.properties, ...variant?.properties }));
  const fact = typeof mark === 'string' ? `${where.fact}<${mark}>` : where.fact;
  const members = Object.entries(value).flatMap(([name, item]) => {
    const type = properties.get(name);
    const path = placeOf(where.path, name);
    const inside: Where = type
      ? {
          path,
          fact: placeOf(fact, name),
          base: placeOf(where.fact, name),
          name,
          isFree: false,
          isHidden: where.isHidden,
          isAlone: where.isAlone,
        }
      : {
          path,
          fact: `${fact}{}`,
          base: `${where.fact}{}`,
          name,
          isFree: true,
          isHidden: where.isHidden,
          isAlone: where.isAlone,
        };
    const told = ofType(known, type ?? body.values ?? {}, item, inside, teller);
    return told === undefined ? [] : [[name, told] as const];
  });
  const extra = Object.keys(body.properties).length > 0 && body.values === undefined ? teller.extra : {};
  return Object.fromEntries([...members, ...Object.entries(extra)]);
}

function ofType(known: Known, type: ArmType, value: Json, at: Where, teller: Teller): Json | undefined {
  const { facts, file } = known;
  const body = bodyOf(file, type);
  const isSecret =
    type.secret === true ||
    body?.secret === true ||
    facts.has('secretInputs', at.fact) ||
    facts.has('secretInputs', at.base);
  const isHidden = at.isHidden || isSecret || type.writeOnly === true || isSecretMember(at.name, value);
  const isAlone = at.isAlone && !(Array.isArray(value) && value.length > 1);
  const where = { ...at, isHidden, isAlone };
  if (Array.isArray(value)) {
    const items = value.map((item, index) => {
      const inside = { ...where, path: placeOf(at.path, index), fact: `${at.fact}[]`, base: `${at.base}[]` };
      return ofType(known, type.items ?? {}, item, { ...inside, isFree: type.items === undefined }, teller) ?? null;
    });
    return teller.list(items, isHidden);
  }
  if (isObject(value)) {
    if (body) return ofBody(known, body, value, where, teller);
    const values = type.type === 'map' && type.values ? { values: type.values } : {};
    return ofBody(known, { properties: {}, ...values }, value, where, teller);
  }
  const isFree =
    at.isFree || (type.type === undefined && type.ref === undefined) || type.type === 'any' || type.type === 'object';
  return teller.leaf({ path: at.path, value, isFree, isHidden, isAlone });
}

import type { Json, JsonObject } from '../../../kinds/contract.ts';
import { bodyOf, type ArmBody, type ArmType } from '../../../kinds/facts/type-file.ts';
import { isObject, childPath } from '../../../kinds/json.ts';
import { isSecretMember } from '../../../kinds/mapping/secret-values.ts';
import type { Known } from './all-shapes.ts';

/** A value in a payload that is neither an object nor a list. */
export interface Leaf {
  readonly path: string;
  readonly value: Json;
  /** It has no type, or it is the value of a free key: Azure answers it exactly as it was sent. */
  readonly isFree: boolean;
  /** Never answered, or masked. */
  readonly isHidden: boolean;
  /** Not in a list of several items, where a changed item could be paired with another of which less was sent. */
  readonly isAlone: boolean;
}

/** How an answer is made from a payload. */
export interface AnswerStyle {
  leaf(leaf: Leaf): Json | undefined;
  /** @param isHidden the list is never answered, or masked */
  list(items: Json[], isHidden: boolean): Json[];
  /** Members that Azure adds to an object with known properties. */
  readonly extra: JsonObject;
}

interface Position {
  readonly path: string;
  readonly fact: string;
  readonly base: string;
  readonly name: string;
  readonly isFree: boolean;
  readonly isHidden: boolean;
  readonly isAlone: boolean;
}

/** Makes the answer to a payload. */
export function answerOf(known: Known, payload: JsonObject, style: AnswerStyle): JsonObject {
  const where = { path: '', fact: '', base: '', name: '', isFree: false, isHidden: false, isAlone: true };
  return ofBody(known, known.body, payload, where, style);
}

function ofBody(known: Known, body: ArmBody, value: JsonObject, where: Position, style: AnswerStyle): JsonObject {
  const mark = body.discriminator === undefined ? undefined : value[body.discriminator];
  const variantType = typeof mark === 'string' ? body.variants?.[mark] : undefined;
  const variant = variantType && bodyOf(known.file, variantType);
  const properties = new Map(Object.entries({ ...body.properties, ...variant?.properties }));
  const fact = typeof mark === 'string' ? `${where.fact}<${mark}>` : where.fact;
  const members = Object.entries(value).flatMap(([name, item]) => {
    const type = properties.get(name);
    const path = childPath(where.path, name);
    const inside: Position = type
      ? {
          path,
          fact: childPath(fact, name),
          base: childPath(where.fact, name),
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
    const answered = ofType(known, type ?? body.values ?? {}, item, inside, style);
    return answered === undefined ? [] : [[name, answered] as const];
  });
  const extra = Object.keys(body.properties).length > 0 && body.values === undefined ? style.extra : {};
  return Object.fromEntries([...members, ...Object.entries(extra)]);
}

function ofType(known: Known, type: ArmType, value: Json, at: Position, style: AnswerStyle): Json | undefined {
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
      const inside = { ...where, path: childPath(at.path, index), fact: `${at.fact}[]`, base: `${at.base}[]` };
      return ofType(known, type.items ?? {}, item, { ...inside, isFree: type.items === undefined }, style) ?? null;
    });
    return style.list(items, isHidden);
  }
  if (isObject(value)) {
    if (body) return ofBody(known, body, value, where, style);
    const values = type.type === 'map' && type.values ? { values: type.values } : {};
    return ofBody(known, { properties: {}, ...values }, value, where, style);
  }
  const isFree =
    at.isFree || (type.type === undefined && type.ref === undefined) || type.type === 'any' || type.type === 'object';
  return style.leaf({ path: at.path, value, isFree, isHidden, isAlone });
}

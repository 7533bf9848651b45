import type { Json, JsonObject } from '../../kinds/contract.ts';
import type { Facts } from '../../kinds/facts/facts.ts';
import { isObject, own, placeOf } from '../../kinds/json.ts';
import { bodyOf, type ArmBody, type ArmType, type TypeFile } from '../../kinds/facts/type-file.ts';
import { valueProblem } from './wire-value.ts';

/** Why Azure would not take a part of a PUT. */
export interface WireProblem {
  /** Wire naming, for example `properties.locations[0].locationName`. */
  readonly path: string;
  readonly what: 'unknown' | 'readOnly' | 'missing' | 'type' | 'value';
  /** A sentence part about the value at `path`; never the value itself, which may be a secret. */
  readonly problem: string;
}

/** What the check knows: the types, and what the kind's row corrects in them. */
export interface WireTypes {
  readonly file: TypeFile;
  readonly facts: Facts;
}

/** Where the walk is. `fact` and `base` are paths as kinds.json writes them: with and without the mark of the innermost variant. */
interface Place {
  readonly path: string;
  readonly fact: string;
  readonly base: string;
  /** Below `keepChildren` what GET answered is sent back as it is, read-only parts included. */
  readonly echoed: boolean;
}

/** What ARM itself puts into every answer: whoever sends an answer back is not refused for these. */
const TOLERATED_ON_TOP: readonly string[] = ['id', 'name', 'type', 'systemData', 'etag', 'eTag'];
const TOLERATED: readonly string[] = ['provisioningState'];

/** What Azure would refuse in the body of a PUT: empty when it is as the types want it. `null` counts as absent, as in ARM. */
export function wireProblems(types: WireTypes, body: ArmBody, sent: JsonObject): WireProblem[] {
  const tolerated = TOLERATED_ON_TOP.filter((name) => !isWritable(types.facts, body.properties[name], name));
  const rest = Object.fromEntries(Object.entries(sent).filter(([name]) => !tolerated.includes(name)));
  const { name: _name, ...properties } = body.properties;
  return objectProblems(types, { ...body, properties }, rest, { path: '', fact: '', base: '', echoed: false });
}

function isWritable(facts: Facts, type: ArmType | undefined, path: string): boolean {
  if (path === 'name') return false;
  return facts.has('add', path) || (type !== undefined && (type.readOnly !== true || facts.has('include', path)));
}

function objectProblems(types: WireTypes, body: ArmBody, sent: JsonObject, place: Place): WireProblem[] {
  const { variants, ...plain } = body;
  if (variants === undefined) return memberProblems(types, plain, sent, place);
  const property = body.discriminator ?? 'type';
  const path = placeOf(place.path, property);
  const value = sent[property];
  if (value === undefined || value === null) return [missing(path)];
  const type = typeof value === 'string' ? own(variants, value) : undefined;
  const variant = type && bodyOf(types.file, type);
  if (!variant || typeof value !== 'string') {
    const problem = `is none of ${Object.keys(variants).join(', ')}`;
    return [{ path, what: typeof value === 'string' ? 'value' : 'type', problem }];
  }
  const whole = { ...variant, properties: { ...body.properties, ...variant.properties } };
  return memberProblems(types, whole, sent, { ...place, fact: `${place.fact}<${value}>`, base: place.fact });
}

function memberProblems(types: WireTypes, body: ArmBody, sent: JsonObject, place: Place): WireProblem[] {
  const required = Object.entries(body.properties).flatMap(([name, type]) => {
    const absent = sent[name] === undefined || sent[name] === null;
    return absent && isRequired(types.facts, type, memberAt(place, name)) ? [missing(placeOf(place.path, name))] : [];
  });
  const isFree = types.facts.has('add', factOf(place.fact, 'additionalProperties'));
  const members = Object.entries(sent).flatMap(([name, value]) => {
    if (value === null) return [];
    const at = memberAt(place, name);
    const type = own(body.properties, name) ?? addedType(types.facts, at);
    if (type !== undefined) return memberProblem(types, type, name, value, at);
    if (isFree) return [];
    const problem: WireProblem = { path: at.path, what: 'unknown', problem: 'is not known' };
    const inMap = { ...at, fact: `${place.fact}{}`, base: `${place.base}{}` };
    return body.values ? typeProblems(types, body.values, value, inMap) : [problem];
  });
  return [...required, ...members];
}

function memberProblem(types: WireTypes, type: ArmType, name: string, value: Json, at: Place): WireProblem[] {
  if (type.readOnly === true && !has(types.facts, 'include', at) && !at.echoed) {
    return TOLERATED.includes(name)
      ? []
      : [{ path: at.path, what: 'readOnly', problem: 'is read-only and cannot be sent' }];
  }
  return typeProblems(types, type, value, { ...at, echoed: at.echoed || has(types.facts, 'keepChildren', at) });
}

function typeProblems(types: WireTypes, declared: ArmType, value: Json, at: Place): WireProblem[] {
  if (value === null) return [];
  const { facts } = types;
  // An embedded resource is sent as its id alone: what else the types want of it, Azure knows already.
  if (has(facts, 'idOnly', at) && isObject(value)) {
    const id = bodyOf(types.file, declared)?.properties['id'];
    return id?.required === true && typeof value['id'] !== 'string' ? [missing(placeOf(at.path, 'id'))] : [];
  }
  const type = corrected(facts, declared, at);
  const wrong = valueProblem(type, bodyOf(types.file, type) !== undefined, value, has(facts, 'number', at));
  if (wrong) return [{ path: at.path, ...wrong }];
  if (Array.isArray(value)) {
    const items = type.items ?? { type: 'any' };
    return value.flatMap((item, index) => typeProblems(types, items, item, inside(at, index, '[]')));
  }
  if (!isObject(value)) return [];
  const body = bodyOf(types.file, type);
  if (body) return objectProblems(types, body, value, at);
  const values = type.type === 'map' ? type.values : undefined;
  if (!values) return [];
  return Object.entries(value).flatMap(([key, item]) => typeProblems(types, values, item, inside(at, key, '{}')));
}

/** The type with what the row says better. */
function corrected(facts: Facts, declared: ArmType, at: Place): ArmType {
  const other = facts.at('types', at.fact) ?? facts.at('types', at.base);
  const { enum: old, ...rest } = declared;
  if (has(facts, 'freeMap', at) || secretMap(facts, at)) return { type: 'object' };
  if (has(facts, 'plainString', at)) return rest;
  if (!other) return declared;
  const values = other.enum ?? (other.type === undefined ? old : undefined);
  return { ...(other.type === undefined ? rest : { type: other.type }), ...(values ? { enum: values } : {}) };
}

function secretMap(facts: Facts, at: Place): boolean {
  return (facts.at('secretInputs', at.fact) ?? facts.at('secretInputs', at.base))?.map === true;
}

function addedType(facts: Facts, at: Place): ArmType | undefined {
  const fact = facts.at('add', at.fact);
  return fact && { type: fact.type === 'map' ? 'object' : 'string' };
}

function isRequired(facts: Facts, type: ArmType, at: Place): boolean {
  if (has(facts, 'required', at)) return true;
  return type.required === true && type.readOnly !== true && !has(facts, 'optional', at) && !has(facts, 'omit', at);
}

function missing(path: string): WireProblem {
  return { path, what: 'missing', problem: 'is required' };
}

function has(facts: Facts, name: Parameters<Facts['has']>[0], { fact, base }: Place): boolean {
  return facts.has(name, fact) || facts.has(name, base);
}

function memberAt(place: Place, name: string): Place {
  return {
    ...place,
    path: placeOf(place.path, name),
    fact: factOf(place.fact, name),
    base: factOf(place.base, name),
  };
}

function inside(at: Place, key: string | number, mark: '[]' | '{}'): Place {
  return { ...at, path: placeOf(at.path, key), fact: at.fact + mark, base: at.base + mark };
}

function factOf(parent: string, name: string): string {
  return parent === '' ? name : `${parent}.${name}`;
}

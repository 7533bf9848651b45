import type { Json, JsonObject } from '../../kinds/contract.ts';
import type { Facts } from '../../kinds/facts/row-facts.ts';
import { bodyOf, type ArmBody, type ArmType, type TypeFile } from '../../kinds/facts/type-file.ts';
import { isObject, ownProperty, childPath } from '../../kinds/json.ts';
import { valueProblem } from './value-problem.ts';

/** Why Azure would refuse a part of the body of a PUT. */
export interface BodyProblem {
  /** Wire naming, for example `properties.locations[0].locationName`. */
  readonly path: string;
  readonly what: 'unknown' | 'readOnly' | 'missing' | 'type' | 'value';
  /** Completes a sentence about the value at `path`. It never contains the value, which may be a secret. */
  readonly problem: string;
}

/** The types, and what the row of the kind corrects in them. */
export interface KnownTypes {
  readonly file: TypeFile;
  readonly facts: Facts;
}

/**
 * The value that is checked. `factPath` and `plainFactPath` are its path as kinds.json writes it: with and without the
 * marker of the innermost variant.
 */
interface Position {
  readonly path: string;
  readonly factPath: string;
  readonly plainFactPath: string;
  /**
   * Whether it is in a list of `keepChildren`: there the answer of GET is sent back, including read-only properties.
   */
  readonly echoed: boolean;
}

/** ARM adds these to every answer, and accepts them when an answer is sent back. */
const ACCEPTED_AT_TOP: readonly string[] = ['id', 'name', 'type', 'systemData', 'etag', 'eTag'];
const ACCEPTED_ANYWHERE: readonly string[] = ['provisioningState'];

/**
 * Lists what Azure would refuse in the body of a PUT; empty if it would accept the body. `null` counts as absent, as in
 * ARM.
 */
export function bodyProblems(types: KnownTypes, body: ArmBody, sent: JsonObject): BodyProblem[] {
  const accepted = ACCEPTED_AT_TOP.filter((name) => !isWritable(types.facts, body.properties[name], name));
  const rest = Object.fromEntries(Object.entries(sent).filter(([name]) => !accepted.includes(name)));
  const { name: _name, ...properties } = body.properties;
  return objectProblems(types, { ...body, properties }, rest, {
    path: '',
    factPath: '',
    plainFactPath: '',
    echoed: false,
  });
}

function isWritable(facts: Facts, type: ArmType | undefined, path: string): boolean {
  if (path === 'name') return false;
  return facts.has('add', path) || (type !== undefined && (type.readOnly !== true || facts.has('include', path)));
}

function objectProblems(types: KnownTypes, body: ArmBody, sent: JsonObject, position: Position): BodyProblem[] {
  const { variants, ...plain } = body;
  if (variants === undefined) return memberProblems(types, plain, sent, position);
  const property = body.discriminator ?? 'type';
  const path = childPath(position.path, property);
  const value = sent[property];
  if (value === undefined || value === null) return [missing(path)];
  const type = typeof value === 'string' ? ownProperty(variants, value) : undefined;
  const variant = type && bodyOf(types.file, type);
  if (!variant || typeof value !== 'string') {
    const problem = `is not one of ${Object.keys(variants).join(', ')}`;
    return [{ path, what: typeof value === 'string' ? 'value' : 'type', problem }];
  }
  const whole = { ...variant, properties: { ...body.properties, ...variant.properties } };
  return memberProblems(types, whole, sent, {
    ...position,
    factPath: `${position.factPath}<${value}>`,
    plainFactPath: position.factPath,
  });
}

function memberProblems(types: KnownTypes, body: ArmBody, sent: JsonObject, position: Position): BodyProblem[] {
  const required = Object.entries(body.properties).flatMap(([name, type]) => {
    const absent = sent[name] === undefined || sent[name] === null;
    return absent && isRequired(types.facts, type, memberAt(position, name))
      ? [missing(childPath(position.path, name))]
      : [];
  });
  const isFree = types.facts.has('add', childPath(position.factPath, 'additionalProperties'));
  const members = Object.entries(sent).flatMap(([name, value]) => {
    if (value === null) return [];
    const member = memberAt(position, name);
    const type = ownProperty(body.properties, name) ?? addedType(types.facts, member);
    if (type !== undefined) return memberProblem(types, type, name, value, member);
    if (isFree) return [];
    const problem: BodyProblem = { path: member.path, what: 'unknown', problem: 'is unknown' };
    const inMap = { ...member, factPath: `${position.factPath}{}`, plainFactPath: `${position.plainFactPath}{}` };
    return body.values ? typeProblems(types, body.values, value, inMap) : [problem];
  });
  return [...required, ...members];
}

function memberProblem(types: KnownTypes, type: ArmType, name: string, value: Json, position: Position): BodyProblem[] {
  if (type.readOnly === true && !has(types.facts, 'include', position) && !position.echoed) {
    return ACCEPTED_ANYWHERE.includes(name)
      ? []
      : [{ path: position.path, what: 'readOnly', problem: 'is read-only and cannot be sent' }];
  }
  return typeProblems(types, type, value, {
    ...position,
    echoed: position.echoed || has(types.facts, 'keepChildren', position),
  });
}

function typeProblems(types: KnownTypes, declared: ArmType, value: Json, position: Position): BodyProblem[] {
  if (value === null) return [];
  const { facts } = types;
  // An embedded resource is sent as its id only.
  if (has(facts, 'idOnly', position) && isObject(value)) {
    const id = bodyOf(types.file, declared)?.properties['id'];
    return id?.required === true && typeof value['id'] !== 'string' ? [missing(childPath(position.path, 'id'))] : [];
  }
  const type = corrected(facts, declared, position);
  const wrong = valueProblem(type, bodyOf(types.file, type) !== undefined, value, has(facts, 'number', position));
  if (wrong) return [{ path: position.path, ...wrong }];
  if (Array.isArray(value)) {
    const items = type.items ?? { type: 'any' };
    return value.flatMap((item, index) => typeProblems(types, items, item, inside(position, index, '[]')));
  }
  if (!isObject(value)) return [];
  const body = bodyOf(types.file, type);
  if (body) return objectProblems(types, body, value, position);
  const values = type.type === 'map' ? type.values : undefined;
  if (!values) return [];
  return Object.entries(value).flatMap(([key, item]) => typeProblems(types, values, item, inside(position, key, '{}')));
}

/** The type with the corrections of the row. */
function corrected(facts: Facts, declared: ArmType, position: Position): ArmType {
  const other = facts.at('types', position.factPath) ?? facts.at('types', position.plainFactPath);
  const { enum: old, ...rest } = declared;
  if (has(facts, 'freeMap', position) || secretMap(facts, position)) return { type: 'object' };
  if (has(facts, 'plainString', position)) return rest;
  if (!other) return declared;
  const values = other.enum ?? (other.type === undefined ? old : undefined);
  return { ...(other.type === undefined ? rest : { type: other.type }), ...(values ? { enum: values } : {}) };
}

function secretMap(facts: Facts, position: Position): boolean {
  return (
    (facts.at('secretInputs', position.factPath) ?? facts.at('secretInputs', position.plainFactPath))?.map === true
  );
}

function addedType(facts: Facts, position: Position): ArmType | undefined {
  const fact = facts.at('add', position.factPath);
  if (!fact) return undefined;
  const type = fact.type === 'map' ? 'object' : (fact.type ?? 'string');
  return { type, ...(fact.enum ? { enum: fact.enum } : {}) };
}

function isRequired(facts: Facts, type: ArmType, position: Position): boolean {
  if (has(facts, 'required', position)) return true;
  return (
    type.required === true &&
    type.readOnly !== true &&
    !has(facts, 'optional', position) &&
    !has(facts, 'omit', position)
  );
}

function missing(path: string): BodyProblem {
  return { path, what: 'missing', problem: 'is required' };
}

function has(
  facts: Facts,
  name: Parameters<Facts['has']>[0],
  { factPath: fact, plainFactPath: base }: Position,
): boolean {
  return facts.has(name, fact) || facts.has(name, base);
}

function memberAt(position: Position, name: string): Position {
  return {
    ...position,
    path: childPath(position.path, name),
    factPath: childPath(position.factPath, name),
    plainFactPath: childPath(position.plainFactPath, name),
  };
}

function inside(position: Position, key: string | number, mark: '[]' | '{}'): Position {
  return {
    ...position,
    path: childPath(position.path, key),
    factPath: position.factPath + mark,
    plainFactPath: position.plainFactPath + mark,
  };
}

import type { Facts } from '../facts/row-facts.ts';
import { bodyOf, type ArmType, type TypeFile } from '../facts/type-file.ts';
import type { Empty } from './node.ts';
import type { Limits } from '../facts/type-file.ts';

/** What the tree is built from: the types, the facts of the row, and whether it is for the spec or for the status. */
export interface NodeContext {
  readonly file: TypeFile;
  readonly facts: Facts;
  readonly side: 'spec' | 'status';
}

/** The context inside these named types, the outermost first. */
export type NestedContext = NodeContext & { readonly ancestors: readonly string[] };

/** Whether a property has no field: in a spec the read-only ones, in a status the write-only ones and secrets. */
export function isOmitted({ side, facts }: NodeContext, type: ArmType, path: string): boolean {
  if (side === 'status') return type.writeOnly === true || type.secret === true || facts.has('secretInputs', path);
  return facts.has('omit', path) || (type.readOnly === true && !facts.has('include', path));
}

/** Whether the fields of an object property become fields of the object that holds it. */
export function isFlattened({ file, facts }: NodeContext, name: string, type: ArmType, path: string): boolean {
  if (bodyOf(file, type) === undefined || facts.has('keepProperties', path)) return false;
  return name === 'properties' || facts.has('flatten', path);
}

/** What is sent for an empty list or map at a path. */
export function emptyAt({ facts }: NodeContext, path: string): Empty {
  if (facts.has('emptyAsEmpty', path)) return 'empty';
  return facts.emptyAsNull ? 'null' : 'leaveOut';
}

/** The type with the corrections of the row. */
export function correctedType({ facts }: NodeContext, declared: ArmType, path: string): ArmType {
  const correction = facts.at('types', path);
  if (correction === undefined) return declared;
  const { type, enum: values } = correction;
  const { enum: declaredValues, ...rest } = declared;
  const kept = values ?? (type === undefined ? declaredValues : undefined);
  const base = type === undefined ? rest : { type };
  return kept ? { ...base, enum: kept } : base;
}

/** Whether the value of one key of a Secret can be sent for this type. */
export function takesOneText(type: ArmType): boolean {
  return type.type === 'string' || (type.type === 'array' && takesOneText(type.items ?? {}));
}

/** A type that contains itself is expanded once and then cut off, because a CRD schema cannot refer to itself. */
export function isTooDeep({ side, ancestors }: NestedContext, type: ArmType): boolean {
  return side === 'spec' && ancestors.filter((name) => name === type.ref).length > 1;
}

/** The same context, one type further in. */
export function inside(context: NestedContext, type: ArmType): NestedContext {
  const { ancestors } = context;
  return { ...context, ancestors: type.ref === undefined ? ancestors : [...ancestors, type.ref] };
}

/** The limits that a type states. */
export function limitsOf(type: ArmType): Limits {
  const names = ['pattern', 'minLength', 'maxLength', 'minimum', 'maximum', 'minItems', 'maxItems'] as const;
  return Object.fromEntries(names.flatMap((name) => (type[name] === undefined ? [] : [[name, type[name]]])));
}

import type { Facts } from '../facts/row-facts.ts';
import { bodyOf, type ArmBody, type ArmType, type TypeFile } from '../facts/type-file.ts';
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

/** Whether a property has no field: in a spec the read-only ones, in a status the secrets. */
export function isOmitted({ side, facts }: NodeContext, type: ArmType, path: string): boolean {
  if (side === 'status') return isHidden(type) || type.secret === true || facts.has('secretInputs', path);
  return facts.has('omit', path) || (type.readOnly === true && !facts.has('include', path));
}

/**
 * Whether a write-only property is hidden in a status. Azure answers many of them all the same, and ASO shows them. But
 * lists, maps and values of unknown type have names and values that the types do not tell: they may hold secrets.
 */
function isHidden({ writeOnly, type }: ArmType): boolean {
  return writeOnly === true && ['array', 'map', 'any', 'object'].includes(type ?? '');
}

/**
 * Whether the fields of an object property become fields of the object that holds it. As in ASO, `properties` with
 * variants stays: its fields are the variants.
 */
export function isFlattened(context: NodeContext, name: string, type: ArmType, path: string): boolean {
  const body = bodyOf(context.file, type);
  if (body === undefined || context.facts.has('keepProperties', path)) return false;
  return name === 'properties' ? bodyOnSide(context, body).variants === undefined : context.facts.has('flatten', path);
}

/**
 * A body as this side of the resource has it. Where the type of the PUT has variants and that of the answer has none,
 * the type files have one body for both, in which everything that belongs to a variant is write-only.
 */
export function bodyOnSide({ file, side }: NodeContext, body: ArmBody): ArmBody {
  if (side === 'spec' || body.variants === undefined) return body;
  const own = Object.values(body.variants).flatMap((type) => Object.entries(bodyOf(file, type)?.properties ?? {}));
  const answered = own.filter(([name]) => name !== body.discriminator);
  if (answered.length === 0 || answered.some(([, type]) => type.writeOnly !== true)) return body;
  const { variants: _variants, discriminator: _discriminator, ...plain } = body;
  return plain;
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
  return type.type === 'string' || type.type === 'any' || (type.type === 'array' && takesOneText(type.items ?? {}));
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

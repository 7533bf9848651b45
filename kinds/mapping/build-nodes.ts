import { bodyOf, type ArmBody, type ArmType } from '../facts/type-file.ts';
import { childPath } from '../json.ts';
import { addedFields } from './added-fields.ts';
import { camelCase, isSameName, referenceName } from './field-names.ts';
import {
  bodyOnSide,
  correctedType,
  emptyAt,
  inside,
  isFlattened,
  isOmitted,
  isTooDeep,
  limitsOf,
  takesOneText,
  type NodeContext,
  type NestedContext,
} from './node-rules.ts';
import type { Field, Node, ObjectNode } from './node.ts';

/**
 * Builds the tree of nodes for the object that a user writes (spec) or reads (status), from the ARM body of a resource.
 * The fields of the operator itself are not part of it.
 */
export function buildNodes(context: NodeContext, body: ArmBody): ObjectNode {
  const { name: _name, apiVersion: _apiVersion, ...properties } = body.properties;
  const root = objectNode({ ...context, ancestors: [] }, { ...body, properties }, '');
  return root ?? { type: 'object', fields: [] };
}

/** Undefined if all properties of the object are omitted. */
function objectNode(context: NestedContext, declared: ArmBody, path: string): ObjectNode | undefined {
  const body = bodyOnSide(context, declared);
  const { variants } = body;
  const makeFields = (): Field[] =>
    variants ? variantFields(context, body, variants, path) : ownFields(context, body, path);
  if (context.side === 'status')
    return lazyObject(makeFields, variants && (() => fieldsOfNoVariant(context, body, path)));
  const fields = makeFields();
  const hasContent = Object.keys(body.properties).length > 0 || body.variants !== undefined;
  if (fields.length === 0 && hasContent) return undefined;
  const requiredObjects = requiredObjectPaths(context, body, path);
  return { type: 'object', fields, ...(requiredObjects.length > 0 ? { requiredObjects } : {}) };
}

/** The wire paths of flattened objects that Azure requires: they are sent even if none of their fields is set. */
function requiredObjectPaths(context: NestedContext, body: ArmBody, path: string): string[][] {
  if (body.variants) return [];
  return Object.entries(body.properties).flatMap(([name, type]) => {
    const at = childPath(path, name);
    if (type.required !== true || isOmitted(context, type, at) || !isFlattened(context, name, type, at)) return [];
    const inner = bodyOf(context.file, type);
    if (!inner || inner.variants) return [];
    return [[name], ...requiredObjectPaths(context, inner, at).map((wire) => [name, ...wire])];
  });
}

/**
 * The types of answers refer to each other in cycles (a subnet contains its network), so a level is built only when an
 * answer reaches it.
 */
function lazyObject(makeFields: () => Field[], makeFieldsOfNoVariant: (() => Field[]) | undefined): ObjectNode {
  let made: readonly Field[] | undefined;
  let madeOfNoVariant: readonly Field[] | undefined;
  return {
    type: 'object',
    get fields() {
      made ??= makeFields();
      return made;
    },
    get fieldsOfNoVariant() {
      madeOfNoVariant ??= makeFieldsOfNoVariant?.() ?? [];
      return madeOfNoVariant;
    },
  };
}

/**
 * What all variants have, and the name of the variant. Without what is hidden in one of them: the answer may be of that
 * one.
 */
function fieldsOfNoVariant(
  context: NestedContext,
  { properties, variants = {}, discriminator = 'type' }: ArmBody,
  path: string,
): Field[] {
  const shown = Object.entries(properties).filter(
    ([name, type]) =>
      !Object.keys(variants).some((value) => isOmitted(context, type, childPath(`${path}<${value}>`, name))),
  );
  const named = { [discriminator]: { type: 'string' } as const, ...Object.fromEntries(shown) };
  return ownFields(context, { properties: named }, path);
}

function variantFields(
  context: NestedContext,
  body: ArmBody,
  variants: Readonly<Record<string, ArmType>>,
  path: string,
): Field[] {
  const discriminator = body.discriminator ?? 'type';
  return Object.entries(variants).flatMap(([value, type]): Field[] => {
    const variantPath = `${path}<${value}>`;
    const variant = bodyOf(context.file, type);
    if (!variant || isOmitted(context, type, variantPath) || isTooDeep(context, type)) return [];
    const whole: ArmBody = { ...variant, properties: { ...body.properties, ...variant.properties } };
    const node = objectNode(inside(context, type), whole, variantPath);
    // In a status ASO names every variant after its value.
    const isNamedByType = context.side === 'spec' && context.facts.has('variantTypeNames', path);
    const name = camelCase(isNamedByType ? (type.ref ?? value) : value);
    return node ? [{ name, wire: [], node, required: false, when: { property: discriminator, value } }] : [];
  });
}

function ownFields(context: NestedContext, body: ArmBody, path: string): Field[] {
  const fields: Field[] = [];
  const flattened: Field[] = [];
  for (const [name, type] of Object.entries({ ...stateOfArm(context, body, path), ...body.properties })) {
    const at = childPath(path, name);
    if (isOmitted(context, type, at)) continue;
    if (!isFlattened(context, name, type, at)) {
      fields.push(...fieldsOf(context, name, type, at));
      continue;
    }
    const inner = nodeOf(context, type, at);
    if (inner?.type !== 'object') continue;
    flattened.push(...inner.fields.map((field) => ({ ...field, wire: [name, ...field.wire] })));
  }
  // Every answer has these three, although the types omit them.
  const isRoot = path.replace(/<[^>]*>/g, '') === '';
  const own = context.side === 'status' && isRoot ? ['id', 'name', 'type'] : [];
  // A property that the row omits is not in the spec. Others keep their names in both, so it takes none in the status.
  const named = fields.filter(({ wire }) => !context.facts.has('omit', wire.reduce(childPath, path)));
  const taken = [...own, ...named.map((field) => field.name)];
  return [
    ...fields,
    ...withFreeNames(flattened, taken),
    ...addedFields(context.facts, body, path),
    ...additionalProperties(context, body, path),
  ];
}

/** A flattened field whose name is taken becomes `properties_<name>`, as in ASO. */
function withFreeNames(fields: readonly Field[], taken: readonly string[]): Field[] {
  const isTaken = ({ name }: Field): boolean => taken.some((other) => isSameName(name, other));
  return fields.map((field) => (isTaken(field) ? { ...field, name: `properties_${field.name.toLowerCase()}` } : field));
}

/**
 * The state that ARM adds to the properties of every resource that it creates. Types often omit it or spell it in
 * another case; the answer decides.
 */
function stateOfArm({ side }: NestedContext, body: ArmBody, path: string): Readonly<Record<string, ArmType>> {
  if (side === 'spec' || path.replace(/<[^>]*>/g, '') !== 'properties') return {};
  const names = ['provisioningState', 'ProvisioningState'].filter((name) => body.properties[name] === undefined);
  return Object.fromEntries(names.map((name) => [name, { type: 'string' } as const]));
}

/** The map for the free keys of a body that also has named properties. */
function additionalProperties(context: NestedContext, body: ArmBody, path: string): Field[] {
  const except = Object.keys(body.properties);
  if (!body.values || except.length === 0 || context.facts.has('omit', `${path}{}`)) return [];
  const values = nodeOf(context, body.values, `${path}{}`);
  if (!values) return [];
  const node: Node = { type: 'map', values, empty: 'leaveOut' };
  return [{ name: 'additionalProperties', wire: [], required: false, node, except }];
}

/** The fields of a property: one, or two if the value may also come from a Secret, a ConfigMap or a reference. */
function fieldsOf(context: NestedContext, property: string, type: ArmType, path: string): Field[] {
  const { facts } = context;
  const wire = [property];
  const name = facts.at('newName', path)?.name ?? property;
  const required = facts.has('required', path) || (type.required === true && !facts.has('optional', path));
  const node = nodeOf(context, type, path);
  const plain: Field[] = node ? [{ name, wire, node, required: false }] : [];
  if (context.side === 'status') return plain;
  const twin = { of: name, required };
  if (facts.at('secretInputs', path)?.twin === true)
    return [...plain, { name: `${name}FromSecret`, wire, node: { type: 'secret' }, required: false, twin }];
  if (facts.has('configMapInputs', path))
    return [...plain, { name: `${name}FromConfig`, wire, node: { type: 'configMap' }, required: false, twin }];
  const fact = facts.at('references', path) ?? facts.at('references', `${path}[]`);
  if (!fact) return plain.map((field) => ({ ...field, required }));
  const reference = referenceNode(context, type, path, fact.wellKnown === true);
  const given = fact.name ?? referenceName(name, reference.type !== 'reference');
  const field: Field = { name: given, wire, node: reference, required };
  return fact.keepPlain === true ? [...plain, { ...field, required: false, twin }] : [field];
}

function referenceNode(context: NestedContext, type: ArmType, path: string, wellKnown: boolean): Node {
  const reference: Node = { type: 'reference', wellKnown };
  const empty = emptyAt(context, path);
  const body = bodyOf(context.file, type);
  // The limits of the list are for ids; ASO has none on references.
  if (type.type === 'array') return { type: 'array', items: reference, limits: {}, empty };
  if (type.type === 'map' || body?.values) return { type: 'map', values: reference, empty };
  return reference;
}

/** Undefined for an object without properties that are shown or sent, and for a secret in a status. */
function nodeOf(context: NestedContext, declared: ArmType, path: string): Node | undefined {
  const { facts } = context;
  const type = correctedType(context, declared, path);
  if (context.side === 'status' && (facts.has('secretInputs', path) || type.secret === true)) return undefined;
  const input = context.side === 'spec' ? inputNode(context, type, path) : undefined;
  if (input) return input;
  if (facts.has('freeMap', path)) return { type: 'map', values: { type: 'any' }, empty: emptyAt(context, path) };
  if (facts.has('number', path))
    return { type: 'number', limits: limitsOf(type), ...(type.enum ? { enum: type.enum } : {}) };
  if (facts.has('plainString', path) && type.type === 'string') return { type: 'string', limits: limitsOf(type) };
  return type.ref === undefined ? unnamedNode(context, type, path) : namedNode(context, type, path);
}

/** The node of a value that is read from a Secret or another resource; undefined for all other values. */
function inputNode(context: NestedContext, type: ArmType, path: string): Node | undefined {
  const { file, facts } = context;
  const secret = facts.at('secretInputs', path);
  if (secret && secret.twin !== true)
    return { type: secret.map === true || !takesOneText(type) ? 'secretMap' : 'secret' };
  const body = bodyOf(file, type);
  if (path.endsWith('userAssignedIdentities') && (type.type === 'map' || body?.values)) return { type: 'identities' };
  if (!facts.has('idOnly', path)) return undefined;
  const node: Node = { type: 'reference', wellKnown: false };
  const required = body?.properties['id']?.required === true;
  return { type: 'object', fields: [{ name: 'reference', wire: ['id'], node, required }] };
}

function namedNode(context: NestedContext, type: ArmType, path: string): Node | undefined {
  const { file, side } = context;
  const body = bodyOf(file, type);
  if (!body)
    throw new Error(
      `the type file of ${file.provider} ${file.apiVersion} lacks the type ${type.ref ?? ''} that ${path} refers to`,
    );
  if (isTooDeep(context, type) || (side === 'status' && body.secret === true)) return undefined;
  const within = inside(context, type);
  if (!body.values || Object.keys(body.properties).length > 0) return objectNode(within, body, path);
  const values = nodeOf(within, body.values, `${path}{}`);
  return values && { type: 'map', values, empty: emptyAt(context, path) };
}

function unnamedNode(context: NestedContext, type: ArmType, path: string): Node | undefined {
  switch (type.type) {
    case 'array': {
      const items = nodeOf(context, type.items ?? { type: 'any' }, `${path}[]`);
      return items && { type: 'array', items, limits: limitsOf(type), empty: emptyAt(context, path) };
    }
    case 'map': {
      const values = nodeOf(context, type.values ?? { type: 'any' }, `${path}{}`);
      return values && { type: 'map', values, empty: emptyAt(context, path) };
    }
    case 'string':
    case 'boolean':
    case 'integer':
    case 'number':
      return { type: type.type, limits: limitsOf(type), ...(type.enum ? { enum: type.enum } : {}) };
    default:
      return { type: 'any' };
  }
}

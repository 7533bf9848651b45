import type { Facts } from '../facts/facts.ts';
import { camelCase, referenceName } from './names.ts';
import type { Empty, Field, Limits, Node, ObjectNode } from './node.ts';
import { bodyOf, type ArmBody, type ArmType, type TypeFile } from '../facts/type-file.ts';

/** What the walk knows: the types, the row's facts, and whether the spec or the status is wanted. */
export interface Lowering {
  readonly file: TypeFile;
  readonly facts: Facts;
  readonly side: 'spec' | 'status';
}

type Walk = Lowering & { readonly open: readonly string[] };

/** The body of a resource as the object a user writes (spec) or reads (status), without our own fields. */
export function lowerBody(lowering: Lowering, body: ArmBody): ObjectNode {
  const { name: _name, apiVersion: _apiVersion, ...properties } = body.properties;
  const root = objectOf({ ...lowering, open: [] }, { ...body, properties }, '');
  return root ?? { is: 'object', fields: [] };
}

/** Undefined where nothing is left, although there was something. */
function objectOf(walk: Walk, body: ArmBody, path: string): ObjectNode | undefined {
  const fieldsNow = (): Field[] =>
    body.variants ? variantFields(walk, body, body.variants, path) : ownFields(walk, body, path);
  if (walk.side === 'status') return lazyObject(fieldsNow);
  const fields = fieldsNow();
  const known = Object.keys(body.properties).length > 0 || body.variants !== undefined;
  if (fields.length === 0 && known) return undefined;
  const always = requiredPlaces(walk, body, path);
  return { is: 'object', fields, ...(always.length > 0 ? { always } : {}) };
}

/** An object that moved up is in the payload when something in it is set; one that Azure requires must be there all the same. */
function requiredPlaces(walk: Walk, body: ArmBody, path: string): string[][] {
  if (body.variants) return [];
  return Object.entries(body.properties).flatMap(([name, type]) => {
    const here = join(path, name);
    if (type.required !== true || isLeftOut(walk, type, here) || !moves(walk, name, type, here)) return [];
    const inner = bodyOf(walk.file, type);
    if (!inner || inner.variants) return [];
    return [[name], ...requiredPlaces(walk, inner, here).map((place) => [name, ...place])];
  });
}

/** An answer's types name each other without end (a subnet has its network): a level is made when an answer gets there. */
function lazyObject(make: () => Field[]): ObjectNode {
  let made: readonly Field[] | undefined;
  return {
    is: 'object',
    get fields() {
      made ??= make();
      return made;
    },
  };
}

function variantFields(walk: Walk, body: ArmBody, variants: Readonly<Record<string, ArmType>>, path: string): Field[] {
  const discriminator = body.discriminator ?? 'type';
  return Object.entries(variants).flatMap(([value, type]): Field[] => {
    const variantPath = `${path}<${value}>`;
    const variant = bodyOf(walk.file, type);
    if (!variant || walk.facts.has('omit', variantPath) || tooDeep(walk, type)) return [];
    const whole: ArmBody = { ...variant, properties: { ...body.properties, ...variant.properties } };
    const node = objectOf(entered(walk, type), whole, variantPath);
    const byType = walk.facts.has('variantTypeNames', path) && type.ref !== undefined;
    const name = camelCase(byType ? (type.ref ?? value) : value);
    return node ? [{ name, wire: [], node, required: false, when: { property: discriminator, value } }] : [];
  });
}

function ownFields(walk: Walk, body: ArmBody, path: string): Field[] {
  const fields: Field[] = [];
  const flattened: Field[] = [];
  for (const [name, type] of Object.entries(body.properties)) {
    const at = join(path, name);
    if (isLeftOut(walk, type, at)) continue;
    if (!moves(walk, name, type, at)) {
      fields.push(...fieldsOf(walk, name, type, at));
      continue;
    }
    const inner = nodeOf(walk, type, at);
    if (inner?.is !== 'object') continue;
    flattened.push(...inner.fields.map((field) => ({ ...field, wire: [name, ...field.wire] })));
  }
  // Every resource answers with these three, although they are left out of the types.
  const own = walk.side === 'status' && withoutMarks(path) === '' ? ['id', 'name', 'type'] : [];
  const taken = new Set([...own, ...fields.map((field) => field.name)]);
  fields.push(...withFreeNames(flattened, taken), ...added(walk, body, path));
  if (body.values && Object.keys(body.properties).length > 0 && !walk.facts.has('omit', `${path}{}`)) {
    const values = nodeOf(walk, body.values, `${path}{}`);
    if (values)
      fields.push({
        name: 'additionalProperties',
        wire: [],
        required: false,
        node: { is: 'map', values, empty: 'leaveOut' },
        except: Object.keys(body.properties),
      });
  }
  return fields;
}

function withoutMarks(path: string): string {
  return path.replace(/<[^>]*>/g, '');
}

function added(walk: Walk, body: ArmBody, path: string): Field[] {
  return walk.facts.all('add').flatMap((fact): Field[] => {
    const dot = fact.path.lastIndexOf('.');
    // A variant's own name may hold dots: only a dot after the last mark separates the parent.
    const cut = dot > fact.path.lastIndexOf('>') ? dot : -1;
    const [parent, name] = cut === -1 ? ['', fact.path] : [fact.path.slice(0, cut), fact.path.slice(cut + 1)];
    if (parent !== path) return [];
    const isMap = fact.type === 'map';
    const node: Node = isMap ? { is: 'map', values: { is: 'any' }, empty: 'leaveOut' } : { is: 'string', limits: {} };
    const isFurther = isMap && name === 'additionalProperties';
    return [
      {
        name,
        wire: isFurther ? [] : [name],
        required: false,
        node,
        ...(isFurther ? { except: Object.keys(body.properties) } : {}),
      },
    ];
  });
}

function withFreeNames(fields: readonly Field[], taken: ReadonlySet<string>): Field[] {
  return fields.map((field) => (taken.has(field.name) ? { ...field, name: `properties_${field.name}` } : field));
}

function isLeftOut(walk: Walk, type: ArmType, path: string): boolean {
  const { facts } = walk;
  if (walk.side === 'status') return type.writeOnly === true || type.secret === true || facts.has('secretInputs', path);
  return facts.has('omit', path) || (type.readOnly === true && !facts.has('include', path));
}

function moves(walk: Walk, name: string, type: ArmType, path: string): boolean {
  if (bodyOf(walk.file, type) === undefined || walk.facts.has('keepProperties', path)) return false;
  return name === 'properties' || walk.facts.has('flatten', path);
}

/** A property's fields: one, or two where a plain value may also come from elsewhere. */
function fieldsOf(walk: Walk, name: string, type: ArmType, path: string): Field[] {
  const { facts } = walk;
  const wire = [name];
  const newName = facts.at('newName', path)?.name ?? name;
  const isRequired = facts.has('required', path) || (type.required === true && !facts.has('optional', path));
  const plain = (required: boolean): Field[] => {
    const node = nodeOf(walk, type, path);
    return node ? [{ name: newName, wire, node, required }] : [];
  };
  if (walk.side === 'status') return plain(false);
  const twin = { of: newName, required: isRequired };
  const secret = facts.at('secretInputs', path);
  if (secret?.twin === true) {
    return [...plain(false), { name: `${newName}FromSecret`, wire, node: { is: 'secret' }, required: false, twin }];
  }
  if (facts.has('configMapInputs', path)) {
    return [...plain(false), { name: `${newName}FromConfig`, wire, node: { is: 'configMap' }, required: false, twin }];
  }
  const reference = facts.at('references', path) ?? facts.at('references', `${path}[]`);
  if (reference) {
    const node = referenceNode(walk, type, path, reference.wellKnown === true);
    const made: Field = {
      name: reference.name ?? referenceName(newName, node.is !== 'reference'),
      wire,
      node,
      required: isRequired,
    };
    return reference.keepPlain === true ? [...plain(false), { ...made, required: false, twin }] : [made];
  }
  return plain(isRequired);
}

function referenceNode(walk: Walk, type: ArmType, path: string, wellKnown: boolean): Node {
  const reference: Node = { is: 'reference', wellKnown };
  const empty = emptyAt(walk, path);
  const body = bodyOf(walk.file, type);
  if (type.type === 'array') return { is: 'array', items: reference, limits: limitsOf(type), empty };
  if (type.type === 'map' || body?.values) return { is: 'map', values: reference, empty };
  return reference;
}

function emptyAt({ facts }: Walk, path: string): Empty {
  if (facts.has('emptyAsEmpty', path)) return 'empty';
  return facts.emptyAsNull ? 'null' : 'leaveOut';
}

/** Undefined for an object of which nothing is left. */
function nodeOf(walk: Walk, declared: ArmType, path: string): Node | undefined {
  const { facts } = walk;
  const other = facts.at('types', path);
  const type = other ? retyped(declared, other.type, other.enum) : declared;
  if (walk.side === 'spec') {
    const secret = facts.at('secretInputs', path);
    if (secret && secret.twin !== true)
      return { is: secret.map === true || !holdsOneValue(walk, type) ? 'secretMap' : 'secret' };
    if (path.endsWith('userAssignedIdentities') && (type.type === 'map' || bodyOf(walk.file, type)?.values)) {
      return { is: 'identities', empty: emptyAt(walk, path) };
    }
    if (facts.has('idOnly', path)) {
      return {
        is: 'object',
        fields: [
          {
            name: 'reference',
            wire: ['id'],
            node: { is: 'reference', wellKnown: false },
            required: idIsRequired(walk, type),
          },
        ],
      };
    }
  } else if (facts.has('secretInputs', path) || type.secret === true) return undefined;
  if (facts.has('freeMap', path)) return { is: 'map', values: { is: 'any' }, empty: emptyAt(walk, path) };
  if (facts.has('number', path))
    return { is: 'number', limits: limitsOf(type), ...(type.enum ? { enum: type.enum } : {}) };
  if (facts.has('plainString', path) && type.type === 'string') return { is: 'string', limits: limitsOf(type) };
  return type.ref === undefined ? simpleNode(walk, type, path) : refNode(walk, type, path);
}

function refNode(walk: Walk, type: ArmType, path: string): Node | undefined {
  const body = bodyOf(walk.file, type);
  if (!body)
    throw new Error(
      `types of ${walk.file.provider} ${walk.file.apiVersion}: ${path} names unknown type ${type.ref ?? ''}`,
    );
  if (tooDeep(walk, type) || (walk.side === 'status' && body.secret === true)) return undefined;
  const inside = entered(walk, type);
  if (body.values && Object.keys(body.properties).length === 0) {
    const values = nodeOf(inside, body.values, `${path}{}`);
    return values && { is: 'map', values, empty: emptyAt(walk, path) };
  }
  return objectOf(inside, body, path);
}

function simpleNode(walk: Walk, type: ArmType, path: string): Node | undefined {
  switch (type.type) {
    case 'array': {
      const items = nodeOf(walk, type.items ?? { type: 'any' }, `${path}[]`);
      return items && { is: 'array', items, limits: limitsOf(type), empty: emptyAt(walk, path) };
    }
    case 'map': {
      const values = nodeOf(walk, type.values ?? { type: 'any' }, `${path}{}`);
      return values && { is: 'map', values, empty: emptyAt(walk, path) };
    }
    case 'string':
    case 'boolean':
    case 'integer':
    case 'number':
      return { is: type.type, limits: limitsOf(type), ...(type.enum ? { enum: type.enum } : {}) };
    default:
      return { is: 'any' };
  }
}

function retyped(
  declared: ArmType,
  type: string | undefined,
  values: readonly (string | number)[] | undefined,
): ArmType {
  const { enum: old, ...rest } = declared;
  const kept = values ?? (type === undefined ? old : undefined);
  const base = type === undefined ? rest : { type: type as NonNullable<ArmType['type']> };
  return kept ? { ...base, enum: kept } : base;
}

function holdsOneValue(walk: Walk, type: ArmType): boolean {
  return type.type === 'string' || (type.type === 'array' && holdsOneValue(walk, type.items ?? {}));
}

function idIsRequired(walk: Walk, type: ArmType): boolean {
  return bodyOf(walk.file, type)?.properties['id']?.required === true;
}

/** A type that contains itself is written out once and then cut: CRD schemas cannot refer. */
function tooDeep(walk: Walk, type: ArmType): boolean {
  return walk.side === 'spec' && walk.open.filter((name) => name === type.ref).length > 1;
}

function entered(walk: Walk, type: ArmType): Walk {
  return { ...walk, open: type.ref === undefined ? walk.open : [...walk.open, type.ref] };
}

function limitsOf(type: ArmType): Limits {
  const names = ['pattern', 'minLength', 'maxLength', 'minimum', 'maximum', 'minItems', 'maxItems'] as const;
  return Object.fromEntries(names.flatMap((name) => (type[name] === undefined ? [] : [[name, type[name]]])));
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

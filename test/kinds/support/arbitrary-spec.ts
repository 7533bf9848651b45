import fc from 'fast-check';

import type { Json, JsonObject } from '../../../kinds/contract.ts';
import { isObject } from '../../../kinds/json.ts';
import type { Field, Node, ObjectNode } from '../../../kinds/mapping/node.ts';

type Draw = fc.GeneratorValue;
/** How likely a field that may be left out is there: whole trees at the top, a few leaves far down. */
const CHANCES = [60, 50, 40, 30, 20];
const ID = '/subscriptions/s/resourceGroups/g/providers/A.B/resolved-';

/**
 * A spec that the CRD accepts. Values follow the schema; the node says what a schema cannot: of the fields that speak of one and the same property
 * (`x` and `xFromConfig`) exactly one is set, and of variants exactly one.
 */
export function arbitrarySpec(schema: JsonObject, node: ObjectNode): fc.Arbitrary<JsonObject> {
  return fc.gen().map((draw) => objectValue(draw, schema, node, 0));
}

function objectValue(draw: Draw, schema: JsonObject, node: ObjectNode, depth: number): JsonObject {
  const properties = asObject(schema['properties']);
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const chosen = chosenFields(draw, node, required, depth);
  // A key like `__proto__` must become a member like any other, so no assignment here.
  return Object.fromEntries(
    chosen.map((field) => [field.name, valueOf(draw, asObject(properties[field.name]), field.node, depth + 1)]),
  );
}

function chosenFields(draw: Draw, node: ObjectNode, required: readonly Json[], depth: number): Field[] {
  const rivals = Map.groupBy(node.fields, (field) => {
    const wire = field.wire.join('.');
    if (field.when) return `<${wire}>`;
    return wire === '' ? field.name : wire;
  });
  return [...rivals.values()].flatMap((fields) => {
    const isThere =
      fields.length > 1 ||
      fields.some((field) => field.when) ||
      fields.some((field) => required.includes(field.name)) ||
      draw(fc.nat, 99) < (CHANCES[depth] ?? 10);
    return isThere ? [draw(oneField, fields)] : [];
  });
}

function valueOf(draw: Draw, schema: JsonObject, node: Node, depth: number): Json {
  switch (node.is) {
    case 'object':
      return objectValue(draw, schema, node, depth);
    case 'array':
      return many(draw, schema).map(() => valueOf(draw, asObject(schema['items']), node.items, depth));
    case 'map': {
      const values = asObject(schema['additionalProperties']);
      return Object.fromEntries(draw(keys).map((key) => [key, valueOf(draw, values, node.values, depth)]));
    }
    case 'identities':
      return many(draw, schema).map(() => ({ reference: reference(draw) }));
    case 'reference':
      return node.wellKnown && draw(fc.boolean) ? { wellKnownName: 'well-known' } : reference(draw);
    case 'secret':
    case 'configMap':
      return { name: 'an-object', key: 'a-key' };
    case 'secretMap':
      return { name: 'an-object' };
    case 'any':
      return draw(fc.jsonValue, { maxDepth: 1 }) as Json;
    default:
      return scalar(draw, schema);
  }
}

function reference(draw: Draw): JsonObject {
  const name = `n${String(draw(fc.nat, 9_999))}`;
  return draw(fc.boolean) ? { armId: ID + name } : { group: 'g.azure.com', kind: 'K', name };
}

function many(draw: Draw, { minItems, maxItems }: JsonObject): null[] {
  const least = typeof minItems === 'number' ? minItems : 0;
  const most = typeof maxItems === 'number' ? maxItems : least + 2;
  return Array.from({ length: draw(fc.integer, { min: least, max: Math.min(most, least + 2) }) }, () => null);
}

/** Keys of free maps: anything goes. */
function keys(): fc.Arbitrary<string[]> {
  const awkward = fc.constantFrom('__proto__', 'constructor', 'a.b', 'a[0]', 'A', 'a');
  return fc.uniqueArray(fc.oneof(fc.string({ minLength: 1, maxLength: 5 }), awkward), { maxLength: 2 });
}

function oneField(fields: readonly Field[]): fc.Arbitrary<Field> {
  return fc.constantFrom(...fields);
}

function oneValue(values: readonly Json[]): fc.Arbitrary<Json> {
  return fc.constantFrom(...values);
}

function scalar(draw: Draw, schema: JsonObject): Json {
  const { type, minimum, maximum } = schema;
  if (Array.isArray(schema['enum'])) return draw(oneValue, schema['enum']);
  if (type === 'boolean') return draw(fc.boolean);
  if (type === 'string') return text(draw, schema);
  const range = {
    ...(typeof minimum === 'number' ? { min: minimum } : {}),
    ...(typeof maximum === 'number' ? { max: maximum } : {}),
  };
  if (type === 'integer') return draw(integer, range);
  return draw(fc.double, { ...range, noNaN: true, noDefaultInfinity: true });
}

function integer({ min = -1_000, max = min + 100_000 }: { min?: number; max?: number }): fc.Arbitrary<number> {
  return fc.integer({ min: Math.min(min, max), max });
}

function text(draw: Draw, { pattern, minLength, maxLength }: JsonObject): string {
  const least = typeof minLength === 'number' ? minLength : 0;
  const most = typeof maxLength === 'number' ? maxLength : least + 12;
  if (typeof pattern === 'string') return draw(matching, pattern, least, most);
  return draw(fc.string, { unit: 'grapheme-ascii', minLength: least, maxLength: Math.min(most, least + 12) });
}

function matching(pattern: string, least: number, most: number): fc.Arbitrary<string> {
  return fc.stringMatching(new RegExp(pattern)).filter((value) => value.length >= least && value.length <= most);
}

function asObject(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

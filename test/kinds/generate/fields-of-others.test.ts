import { describe, expect, it } from '@jest/globals';

import type { Json, JsonObject } from '../../../kinds/contract.ts';
import { crdOf } from '../../../kinds/generate/crd.ts';
import { withFieldsOfOthers } from '../../../kinds/generate/fields-of-others.ts';
import { specSchema } from '../../../kinds/generate/spec-schema.ts';
import { isObject } from '../../../kinds/json.ts';
import { loadKindsWithParts } from '../../../kinds/load.ts';
import { fullValue } from '../../crds/full-spec.ts';

const TEXT: JsonObject = { type: 'string' };
const ANYTHING: JsonObject = { 'x-kubernetes-preserve-unknown-fields': true };
const OF_ANOTHER: JsonObject = {
  description: 'Of another api-version, such as 2024-01-01: kept, but not to be set at this one.',
  ...ANYTHING,
};
const object = (properties: JsonObject): JsonObject => ({ type: 'object', properties });
const list = (items: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'array', items, ...more });
const map = (additionalProperties: JsonObject): JsonObject => ({ type: 'object', additionalProperties });
const BY_KEY = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['a'] };

describe('a version keeps the fields of the others', () => {
  it.each<[reason: string, own: JsonObject, other: JsonObject, kept: JsonObject]>([
    ['a field of the other', object({ a: TEXT }), object({ b: TEXT }), object({ a: TEXT, b: OF_ANOTHER })],
    [
      'in an object of a list, in a map',
      map(list(object({ a: TEXT }))),
      map(list(object({ b: list(TEXT) }))),
      map(list(object({ a: TEXT, b: OF_ANOTHER }))),
    ],
    ['an object without fields', { type: 'object' }, object({ a: TEXT }), object({ a: OF_ANOTHER })],
    [
      'what the own version demands stays: unchanged values are not checked again',
      { ...object({ a: { ...TEXT, enum: ['x'] } }), required: ['a'] },
      object({ a: TEXT }),
      { ...object({ a: { ...TEXT, enum: ['x'] } }), required: ['a'] },
    ],
    ['a string that is an object elsewhere', TEXT, object({ a: TEXT }), ANYTHING],
    [
      'an object that is a string elsewhere',
      { description: 'D.', ...object({}) },
      TEXT,
      { description: 'D.', ...ANYTHING },
    ],
    ['a string that is anything elsewhere', TEXT, ANYTHING, ANYTHING],
    ['anything keeps everything', ANYTHING, object({ a: TEXT }), ANYTHING],
    ['an integer and a number are both numbers', { type: 'integer' }, { type: 'number' }, { type: 'integer' }],
    ['a number that is a string elsewhere', { type: 'integer' }, TEXT, ANYTHING],
    ['a list that is merged by keys elsewhere', list(object({ a: TEXT })), list(object({ a: TEXT }), BY_KEY), ANYTHING],
    ['a map that is an object elsewhere', map(TEXT), object({ a: TEXT }), { type: 'object', ...ANYTHING }],
    ['an object that is a map elsewhere', object({ a: TEXT }), map(TEXT), { ...object({ a: TEXT }), ...ANYTHING }],
    [
      'a field whose name may be a key elsewhere',
      object({ a: TEXT }),
      map(object({})),
      { ...object({ a: ANYTHING }), ...ANYTHING },
    ],
    [
      'an object that keeps everything elsewhere',
      object({ a: TEXT }),
      { type: 'object', ...ANYTHING },
      { ...object({ a: TEXT }), ...ANYTHING },
    ],
  ])('%s', (_reason, own, other, kept) => {
    const result = withFieldsOfOthers({ apiVersion: '2021-01-01', schema: own }, [
      { apiVersion: '2024-01-01', schema: other },
    ]);
    expect(result).toEqual(kept);
  });

  it('names the newest api-version that has the field', () => {
    const others = ['2023-01-01', '2024-01-01', '2022-01-01'].map((apiVersion) => ({
      apiVersion,
      schema: object({ a: TEXT }),
    }));
    expect(withFieldsOfOthers({ apiVersion: '2021-01-01', schema: object({}) }, others)).toEqual(
      object({ a: OF_ANOTHER }),
    );
  });

  /** `npm run test:crds` asks an API server the same. */
  it('is so for every pair of versions of every kind', () => {
    const kinds = loadKindsWithParts();
    const counts = { pairs: 0, lostWithout: 0 };
    const faults = kinds.all().flatMap((kind) => {
      const ownSchema = (apiVersion: string): JsonObject => specSchema(kinds.shape(kind, apiVersion));
      const { versions } = crdOf(kind, ownSchema)['spec'] as { versions: { name: string; schema: JsonObject }[] };
      return kind.apiVersions.flatMap((apiVersion) => {
        const spec = fullValue(ownSchema(apiVersion));
        return versions.flatMap(({ name, schema }) => {
          const through = (schema as { openAPIV3Schema: { properties: { spec: JsonObject } } }).openAPIV3Schema;
          const other = kinds.apiVersionOf(kind, name);
          counts.pairs += 1;
          if (other !== undefined) counts.lostWithout += lostThrough(ownSchema(other), spec).length;
          return lostThrough(through.properties.spec, spec).map(
            (path) => `${kind.kind} ${name}: ${apiVersion} ${path}`,
          );
        });
      });
    });
    expect(faults).toEqual([]);
    expect(counts.pairs).toBeGreaterThan(2_000);
    expect(counts.lostWithout).toBeGreaterThan(700);
  }, 120_000);
});

/** The paths of a value that a version with this schema deletes, or whose type it refuses. */
function lostThrough(schema: JsonObject, value: Json, path = ''): string[] {
  const keepsAll = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const { type, properties, additionalProperties, items } = schema;
  if (type === undefined) return keepsAll ? [] : [path];
  if (Array.isArray(value)) {
    if (type !== 'array' || !isObject(items)) return [path];
    return value.flatMap((item) => lostThrough(items, item, `${path}[]`));
  }
  if (!isObject(value)) return typeof value === (type === 'integer' ? 'number' : type) ? [] : [path];
  if (type !== 'object') return [path];
  return Object.entries(value).flatMap(([name, inner]) => {
    const known = isObject(properties) ? (properties[name] ?? additionalProperties) : additionalProperties;
    if (isObject(known)) return lostThrough(known, inner, `${path}.${name}`);
    return keepsAll ? [] : [`${path}.${name}`];
  });
}

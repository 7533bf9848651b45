import { describe, expect, it } from '@jest/globals';

import type { JsonObject } from '../../../kinds/contract.ts';
import { withFieldsOfOthers } from '../../../kinds/generate/fields-of-others.ts';

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
});

import { describe, expect, it } from '@jest/globals';
import { extract } from '../../../activities/exports/extract.ts';
import type { JsonObject, ValueSelector } from '../../../kinds/contract.ts';

const keys: JsonObject = {
  keys: [{ keyName: 'key1', value: 'one' }, { keyName: 'key2', value: 'two' }, { value: 'unnamed' }],
};

const rows: { reason: string; source: ValueSelector; answer: JsonObject; want: string | undefined }[] = [
  {
    reason: 'a path of the GET answer',
    source: { path: 'properties.documentEndpoint' },
    answer: { properties: { documentEndpoint: 'https://x/' } },
    want: 'https://x/',
  },
  {
    reason: 'a number is written as text',
    source: { path: 'port' },
    answer: { port: 6380 },
    want: '6380',
  },
  { reason: 'an empty value is no value', source: { path: 'a' }, answer: { a: '' }, want: undefined },
  { reason: 'a missing parent is no value', source: { path: 'a.b' }, answer: {}, want: undefined },
  {
    reason: 'an item of a list, by a property',
    source: { list: 'keys', where: { keyName: 'key2' }, path: 'value' },
    answer: keys,
    want: 'two',
  },
  {
    reason: 'null picks the item without the property',
    source: { list: 'keys', where: { keyName: null }, path: 'value' },
    answer: keys,
    want: 'unnamed',
  },
  {
    reason: 'without a condition, the first item',
    source: { list: 'keys', first: true, path: 'value' },
    answer: keys,
    want: 'one',
  },
  {
    reason: 'a condition may have a path below an item, and a value that is not a string',
    source: { list: 'p.configs', where: { 'properties.primary': true }, path: 'properties.ip' },
    answer: { p: { configs: [{ properties: { ip: 'a' } }, { properties: { primary: true, ip: 'b' } }] } },
    want: 'b',
  },
  {
    reason: 'an item by its index',
    source: { path: 'keys[1].value' },
    answer: keys,
    want: 'two',
  },
  {
    reason: 'base64 is decoded',
    source: { path: 'v', encoding: 'base64' },
    answer: { v: Buffer.from('hello').toString('base64') },
    want: 'hello',
  },
];

describe('extract', () => {
  it.each(rows)('$reason', ({ source, answer, want }) => {
    expect(extract(source, answer)).toBe(want);
  });
});

import { describe, expect, it } from '@jest/globals';
import type { Json, JsonObject, Shape } from '../../kinds/contract.ts';
import { GENERIC_KIND } from '../../kinds/generic/generic-kind.ts';
import { readGenericTypes } from '../../kinds/generic/generic-types.ts';
import { loadKinds } from '../../kinds/load.ts';

const kinds = loadKinds({ genericTypes: readGenericTypes({ GENERIC_RESOURCE_TYPES: '*' }) });
const kind = kinds.find(GENERIC_KIND)!;

/** For all calls of a case together, on a busy machine. What this finds takes minutes without its limit. */
const MOST_MS = 5_000;

function shapeOf(spec: JsonObject): Shape {
  return kinds.shapeFor(kind, { versionName: 'v1', spec });
}

const TYPE = { type: 'Microsoft.Odd/things', apiVersion: '2024-01-01' };

function deep(levels: number): Json {
  let value: Json = 'bottom';
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? { in: value } : [value];
  return value;
}

/** Everything that a step does with a spec and an answer. */
function everything(spec: JsonObject): void {
  const shape = shapeOf(spec);
  expect(shape.problems(spec)).toEqual([]);
  const inputs = new Map(shape.inputs(spec).map(({ path }) => [path, 'value']));
  const payload = shape.payload({ spec, name: 'thing', inputs });
  shape.exports(spec);
  shape.expressions(spec);
  shape.status(payload);
  const reordered = JSON.parse(JSON.stringify(payload), (_, value: Json) =>
    Array.isArray(value) ? [...value].reverse() : value,
  ) as JsonObject;
  shape.differences(payload, payload);
  shape.differences(payload, reordered);
}

describe('deep and huge objects', () => {
  it.each<[reason: string, body: JsonObject]>([
    ['a text of 1 MB', { properties: { text: 'x'.repeat(1_000_000) } }],
    ['10,000 texts', { properties: { list: Array.from({ length: 10_000 }, (_, at) => `item ${at}`) } }],
    [
      '10,000 equal entries',
      { properties: { list: Array.from({ length: 10_000 }, () => ({ name: 'same', value: 'same' })) } },
    ],
    [
      '10,000 entries that resemble each other',
      {
        properties: { list: Array.from({ length: 10_000 }, (_, at) => ({ value: at % 7, other: { more: at % 11 } })) },
      },
    ],
    [
      '100 lists with 100 entries',
      { lists: Array.from({ length: 100 }, () => Array.from({ length: 100 }, (_, at) => at)) },
    ],
    ['200 levels, every other one a list', { properties: { deep: deep(200) } }],
    [
      '10,000 members',
      { properties: Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`member${at}`, at])) },
    ],
    [
      'dangerous names',
      JSON.parse('{"__proto__":{"a":1},"constructor":{"prototype":{"a":1}},"toString":"x"}') as JsonObject,
    ],
  ])('%s', (_, body) => {
    const startedAt = performance.now();
    everything({ ...TYPE, body });
    expect(performance.now() - startedAt).toBeLessThan(MOST_MS);
    expect(({} as JsonObject)['a']).toBeUndefined();
  });

  it.each<[reason: string, more: JsonObject, says: RegExp]>([
    [
      'an index that would fill gigabytes',
      { secrets: [{ path: 'x[60000000]', secretRef: { name: 'a', key: 'b' } }] },
      /^secrets\[0\]\.path: the path has the index 60000000, and an index may be at most 1000/,
    ],
    [
      'the same of a reference',
      { references: [{ path: 'x[60000000]', reference: { armId: '/a' } }] },
      /^references\[0\]\.path: .* at most 1000/,
    ],
    [
      'the same of an export',
      { operatorSpec: { secrets: { key: { name: 'a', key: 'b', path: 'keys[9999].value' } } } },
      /^operatorSpec\.secrets\.key\.path: .* at most 1000/,
    ],
    [
      '10,000 secrets',
      { secrets: Array.from({ length: 10_000 }, () => ({ path: 'x', secretRef: { name: 'a', key: 'b' } })) },
      /^secrets: there are 10000 secrets and references, and there may be 500: split/,
    ],
    [
      '10,000 expressions',
      {
        operatorSpec: { configMapExpressions: Array.from({ length: 10_000 }, () => ({ name: 'a', value: 'self.a' })) },
      },
      /^operatorSpec: there are 10000 expressions, .* 200: remove some/,
    ],
  ])('%s: the spec is refused', (_, more, says) => {
    const spec = { ...TYPE, ...more };
    const startedAt = performance.now();
    const [problem] = shapeOf(spec).problems(spec);
    expect(`${problem?.field}: ${problem?.message}`).toMatch(says);
    expect(performance.now() - startedAt).toBeLessThan(MOST_MS);
  });
});

describe('names of secrets in expressions', () => {
  const named = (names: readonly string[], value: string): string[] => {
    const spec: JsonObject = {
      ...TYPE,
      operatorSpec: {
        secrets: Object.fromEntries(names.map((name) => [name, { path: 'x' }])),
        secretExpressions: [{ name: 'out', key: 'k', value }],
      },
    };
    return Object.keys(shapeOf(spec).expressions(spec)[0]!.secrets);
  };

  it.each<[reason: string, names: string[], expression: string, want: string[]]>([
    ['a member', ['one', 'two'], 'secret.one', ['one']],
    ['an optional member', ['one', 'two'], 'secret.?one.orValue("")', ['one']],
    ['a key', ['one', 'two'], 'secret["two"] + secret[\'one\']', ['one', 'two']],
    ['an optional key', ['one', 'two'], 'secret[?"two"].orValue("")', ['two']],
    ['the map as a whole', ['one', 'two'], 'secret', ['one', 'two']],
    ['none', ['one', 'two'], 'self.metadata.name', []],
    ['a name with signs of regular expressions', ['a+(b', '.*', 'one'], 'secret["a+(b"]', ['a+(b']],
    ['a name that would match all', ['.*', 'one'], 'secret.one', ['one']],
    ['a name that would backtrack', ['(a+)+$', 'one'], `secret.one + "${'a'.repeat(50)}!"`, ['one']],
    ['a name of JavaScript', ['constructor', 'one'], 'secret.constructor', ['constructor']],
  ])('%s', (_, names, expression, want) => {
    expect(named(names, expression)).toEqual(want);
  });

  it('are found in time, however many there are', () => {
    const names = Array.from({ length: 10_000 }, (_, at) => `(a|a)*${at}`);
    const startedAt = performance.now();
    expect(named(names, `secret["(a|a)*7"] + "${'a'.repeat(9_000)}"`)).toEqual(['(a|a)*7']);
    expect(performance.now() - startedAt).toBeLessThan(MOST_MS);
  });
});

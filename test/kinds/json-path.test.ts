import { describe, expect, it } from '@jest/globals';
import type { Json, JsonObject } from '../../kinds/contract.ts';
import { pathProblem, valueAt, withChanges, withValueAt } from '../../kinds/json-path.ts';

describe('paths that a user writes', () => {
  it.each<[reason: string, path: string, says: RegExp | undefined]>([
    ['an index that would fill gigabytes', 'x[60000000]', /index 60000000, .* at most 1000/],
    ['the first index that is too large', 'a[1001].b', /at most 1000/],
    ['the last one that is not', 'a[1000].b', undefined],
    ['an index that is no safe number', `a[${'9'.repeat(400)}]`, /at most 1000/],
    ['too many steps', 'a.'.repeat(101), /101 steps, and may have 100: shorten it/],
    ['too long', 'a'.repeat(1_001), /1001 characters, and may have 1000: shorten it/],
    ['an ordinary path', 'properties.endpoints[0].hostName', undefined],
  ])('%s', (_, path, says) => {
    if (says === undefined) expect(pathProblem(path)).toBeUndefined();
    else {
      expect(pathProblem(path)).toMatch(says);
      expect(() => withValueAt({}, path, 1)).toThrow(says);
    }
  });

  it('are data, whatever they are called', () => {
    const changed = withChanges({ a: 1 }, [
      ['__proto__.polluted', 'x'],
      ['constructor.prototype.polluted', 'y'],
    ]);
    expect(JSON.stringify(changed)).toBe(
      '{"a":1,"__proto__":{"polluted":"x"},"constructor":{"prototype":{"polluted":"y"}}}',
    );
    expect(valueAt(changed, '__proto__.polluted')).toBe('x');
    expect(valueAt({}, 'constructor.name')).toBeUndefined();
    expect(({} as JsonObject)['polluted']).toBeUndefined();
    expect(JSON.stringify(withValueAt(changed, '__proto__', undefined))).not.toContain('__proto__');
  });
});

describe('withChanges', () => {
  it.each<[reason: string, value: Json, path: string, put: Json | undefined, want: Json]>([
    ['creates parents', {}, 'a.b[1].c', 1, { a: { b: [null, { c: 1 }] } }],
    ['replaces', { a: { b: 1, c: 2 } }, 'a.b', 3, { a: { b: 3, c: 2 } }],
    ['removes', { a: { b: 1, c: 2 } }, 'a.b', undefined, { a: { c: 2 } }],
    ['removes nothing where nothing is', { a: [] }, 'a[2].b', undefined, { a: [] }],
    ['an item that is removed is null', { a: [1, 2] }, 'a[0]', undefined, { a: [null, 2] }],
    ['a value of another type is replaced', { a: 'text' }, 'a.b', 1, { a: { b: 1 } }],
  ])('%s', (_, value, path, put, want) => {
    const before = JSON.stringify(value);
    expect(withChanges(value, [[path, put]])).toEqual(want);
    expect(JSON.stringify(value)).toBe(before);
  });

  it('copies once, however many changes there are', () => {
    const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`member${at}`, at]));
    const changes = Array.from({ length: 500 }, (_, at) => [`added${at}`, at] as const);
    const startedAt = performance.now();
    expect(Object.keys(withChanges(wide, changes) as JsonObject)).toHaveLength(50_500);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

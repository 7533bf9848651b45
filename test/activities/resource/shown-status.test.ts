import { describe, expect, it } from '@jest/globals';
import { shownStatus } from '../../../activities/resource/shown-status.ts';
import type { JsonObject } from '../../../kinds/contract.ts';

const SECRET = 'Echo-1-Canary';

function shown(answer: JsonObject, secrets: readonly string[] = [SECRET]): JsonObject {
  return shownStatus({ status: (given) => given }, answer, secrets);
}

describe('shownStatus', () => {
  it.each<[reason: string, answer: JsonObject, want: JsonObject]>([
    ['under a harmless name', { note: SECRET, state: 'ok' }, { state: 'ok' }],
    ['as a part of a text', { note: `set to ${SECRET}!`, state: 'ok' }, { state: 'ok' }],
    ['in base64', { note: Buffer.from(SECRET).toString('base64') }, {}],
    ['in a list', { list: ['a', SECRET, { b: SECRET, c: 1 }] }, { list: ['a', { c: 1 }] }],
    ['deep below', { a: { b: { c: SECRET, d: null } } }, { a: { b: { d: null } } }],
    ['not where the ARM id has it', { id: `/x/${SECRET}`, name: SECRET }, { id: `/x/${SECRET}`, name: SECRET }],
  ])('leaves out a secret value that Azure repeats: %s', (_, answer, want) => {
    expect(shown(answer)).toEqual(want);
  });

  it('leaves out a short value only where it is all there is: it may be part of many texts', () => {
    expect(shown({ a: 'prod', b: 'production' }, ['prod'])).toEqual({ b: 'production' });
  });

  it('is the status itself where there are no secrets', () => {
    const answer = { a: 'b' };
    expect(shown(answer, [])).toBe(answer);
  });
});

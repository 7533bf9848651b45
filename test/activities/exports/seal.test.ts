import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createSeal } from '../../../activities/exports/seal.ts';

const key = randomBytes(32);
const seal = createSeal(key);

describe('seal', () => {
  it('decrypts what it encrypted, under the same context', () => {
    const sealed = seal.encrypt({ password: 'canary-7' }, 'a/b#exports');
    expect(sealed).not.toContain('canary');
    expect(seal.decrypt(sealed, 'a/b#exports')).toEqual({ password: 'canary-7' });
  });

  it.each([
    { reason: 'another workflow must not decrypt it', open: () => seal.decrypt(seal.encrypt('x', 'a'), 'b') },
    {
      reason: 'another key must not decrypt it',
      open: () => createSeal(randomBytes(32)).decrypt(seal.encrypt('x', 'a'), 'a'),
    },
    { reason: 'a changed byte is noticed', open: () => seal.decrypt(seal.encrypt('x', 'a').slice(0, -2) + 'AA', 'a') },
  ])('refuses: $reason', ({ open }) => {
    expect(open).toThrow();
  });

  it('gives the same fingerprint in every worker that has the key, and another with another key', () => {
    expect(createSeal(key).fingerprint('pw')).toBe(seal.fingerprint('pw'));
    expect(createSeal(randomBytes(32)).fingerprint('pw')).not.toBe(seal.fingerprint('pw'));
  });

  it('never gives the same text twice', () => {
    expect(seal.encrypt('x', 'a')).not.toBe(seal.encrypt('x', 'a'));
  });
});

import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createSeal, type KeySource, type SealKeys } from '../../../activities/exports/seal.ts';
import { fixedKeys, sealOf } from '../../support/seal-keys.ts';

const key = randomBytes(32);
const other = randomBytes(32);
const seal = sealOf(key);

/** As the release before wrote it: without the id of a key. */
function sealedBefore(value: unknown, context: string): string {
  const iv = randomBytes(12);
  const derived = new Uint8Array(hkdfSync('sha256', key, '', 'seal', 32));
  const cipher = createCipheriv('aes-256-gcm', derived, iv).setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
  return `sealed:1:${Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')}`;
}

describe('seal', () => {
  it('decrypts what it encrypted, under the same context', async () => {
    const sealed = seal.encrypt({ password: 'canary-7' }, 'a/b#exports');
    expect(sealed).not.toContain('canary');
    expect(await seal.decrypt(sealed, 'a/b#exports')).toEqual({ password: 'canary-7' });
  });

  it.each([
    { reason: 'another workflow must not decrypt it', open: () => seal.decrypt(seal.encrypt('x', 'a'), 'b') },
    { reason: 'another key must not decrypt it', open: () => sealOf(other).decrypt(seal.encrypt('x', 'a'), 'a') },
    { reason: 'a changed byte is noticed', open: () => seal.decrypt(seal.encrypt('x', 'a').slice(0, -2) + 'AA', 'a') },
    { reason: 'a key that is gone', open: () => seal.decrypt(seal.encrypt('x', 'a').replace(':test:', ':old:'), 'a') },
    { reason: 'the context of the release before counts too', open: () => seal.decrypt(sealedBefore('x', 'a'), 'b') },
    { reason: 'what was never sealed', open: () => seal.decrypt('sealed:3:abc', 'a') },
  ])('refuses: $reason', async ({ open }) => {
    expect(await open()).toBeUndefined();
  });

  it('opens what the release before sealed, without the id of a key: histories outlive an upgrade', async () => {
    expect(await createSeal(fixedKeys({ new: other, old: key })).decrypt(sealedBefore('x', 'a'), 'a')).toBe('x');
  });

  it('encrypts with the current key and opens with every key that is still there', async () => {
    const rotated = createSeal(fixedKeys({ new: other, test: key }));
    expect(rotated.encrypt('x', 'a')).toMatch(/^sealed:2:new:/);
    expect(await rotated.decrypt(seal.encrypt('x', 'a'), 'a')).toBe('x');
  });

  it('reads the keys again when one does not open: another worker may know a newer key', async () => {
    let reads = 0;
    const after: SealKeys = fixedKeys({ new: other, test: key }).keys();
    const source: KeySource = {
      ...fixedKeys({ test: key }),
      reload: () => {
        reads += 1;
        return Promise.resolve(after);
      },
    };
    const behind = createSeal(source);
    expect(await behind.decrypt(seal.encrypt('x', 'a'), 'a')).toBe('x');
    expect(reads).toBe(0);
    expect(await behind.decrypt(createSeal(fixedKeys({ new: other })).encrypt('y', 'a'), 'a')).toBe('y');
    expect(reads).toBe(1);
  });

  it('gives the same fingerprint in every worker that has the key, and another with another key', () => {
    expect(sealOf(key).fingerprint('pw')).toBe(seal.fingerprint('pw'));
    expect(sealOf(other).fingerprint('pw')).not.toBe(seal.fingerprint('pw'));
  });

  it('gives the same fingerprint after a rotation: a new key must not send every resource to Azure again', () => {
    expect(createSeal(fixedKeys({ new: other, test: key }, key)).fingerprint('pw')).toBe(seal.fingerprint('pw'));
  });

  it('never gives the same text twice', () => {
    expect(seal.encrypt('x', 'a')).not.toBe(seal.encrypt('x', 'a'));
  });
});

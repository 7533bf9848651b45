import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSeal } from '../../activities/exports/seal.ts';
import { createKubeClient } from '../../kube/client.ts';
import type { KubeClient } from '../../kube/contract.ts';
import { OWN_SECRET_LABEL, SEAL_SECRET } from '../../kube/names.ts';
import { KeyRing } from '../../worker/key-ring.ts';
import { connectEnvironment, type TestEnvironment } from '../support/environment.ts';
import { secretKey } from './scene.ts';

/** The keys of several workers, in a namespace of the test's own. */
describe('the sealing keys', () => {
  let env: TestEnvironment;
  let kube: KubeClient;
  let namespace: string;
  beforeAll(async () => {
    env = connectEnvironment();
    kube = await createKubeClient({ kubeconfig: env.stack.kubeconfig });
  }, 30_000);
  afterAll(async () => {
    await kube.close();
    env.close();
  });
  const open = async (): Promise<KeyRing> => await KeyRing.load(kube, namespace);
  const key = () => secretKey(namespace, SEAL_SECRET);
  const read = async (): Promise<Record<string, string>> => (await env.kube.get(key()))?.data ?? {};
  const write = async (data: Record<string, Buffer | string>): Promise<void> => {
    const encoded = Object.fromEntries(
      Object.entries(data).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
    );
    await env.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: SEAL_SECRET, namespace },
      data: encoded,
    });
  };

  it('are made once, however many workers start at the same time, in a Secret that is marked as the operator’s', async () => {
    namespace = await env.createNamespace('ring-start');
    const rings = await Promise.all([open(), open(), open(), open()]);
    const [first] = rings.map((ring) => createSeal(ring));
    const sealed = first!.encrypt('x', 'a');
    for (const ring of rings) {
      expect(await createSeal(ring).decrypt(sealed, 'a')).toBe('x');
      expect(createSeal(ring).fingerprint('pw')).toBe(first!.fingerprint('pw'));
    }
    expect(await env.kube.get(key())).toMatchObject({ metadata: { labels: { [OWN_SECRET_LABEL]: 'true' } } });
  });

  it('know since when the current one is current: the Secret was made, or the entry `current` was written', async () => {
    namespace = await env.createNamespace('ring-age');
    const ring = await open();
    const { metadata } = (await kube.get({ version: 'v1', plural: 'secrets', namespace, name: SEAL_SECRET }))!;
    expect(ring.currentSince).toEqual(new Date(metadata.creationTimestamp!));
    const data = Object.fromEntries(
      Object.entries(await read()).map(([name, text]) => [name, Buffer.from(text, 'base64')]),
    );
    // The API server writes whole seconds.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const before = Date.now();
    await write({ ...data, '2027-01': randomBytes(32), current: '2027-01' });
    await ring.reload();
    expect(ring.currentSince!.getTime()).toBeGreaterThanOrEqual(Math.floor(before / 1_000) * 1_000);
    expect(ring.currentSince!.getTime()).toBeLessThanOrEqual(Date.now());
  });

  it('rotation: a worker that does not know the new key reads it when it meets it; old values open; no digest changes', async () => {
    namespace = await env.createNamespace('ring-rotate');
    const [behind, seal] = await open().then((ring) => [ring, createSeal(ring)] as const);
    const [before, digest] = [seal.encrypt('old', 'a'), seal.fingerprint('pw')];
    const data = Object.fromEntries(
      Object.entries(await read()).map(([name, text]) => [name, Buffer.from(text, 'base64')]),
    );
    await write({ ...data, '2027-01': randomBytes(32), current: '2027-01\n' });
    const ahead = createSeal(await open());
    const after = ahead.encrypt('new', 'a');
    expect(after).toMatch(/^sealed:2:2027-01-[0-9a-f]{8}:/);
    expect(await ahead.decrypt(before, 'a')).toBe('old');
    expect(seal.encrypt('x', 'a')).toMatch(/^sealed:2:key-/);
    expect(await seal.decrypt(after, 'a')).toBe('new');
    expect(seal.encrypt('x', 'a')).toMatch(/^sealed:2:2027-01-/);
    expect([ahead.fingerprint('pw'), seal.fingerprint('pw')]).toEqual([digest, digest]);
    expect(behind.keys().byId.size).toBe(2);
  });

  it('of the release before, a Secret with a single key, stay in use for seals and digests', async () => {
    namespace = await env.createNamespace('ring-upgrade');
    const old = randomBytes(32);
    await write({ key: old });
    const ring = await open();
    expect([...ring.keys().byId.values()]).toEqual([old]);
    expect(ring.keys().digest).toEqual(old);
    await write({ digest: old, new: randomBytes(32), current: 'new' });
    const digest = createSeal(ring).fingerprint('pw');
    await ring.reload();
    expect(createSeal(ring).encrypt('x', 'a')).toMatch(/^sealed:2:new-/);
    expect(createSeal(ring).fingerprint('pw')).toBe(digest);
  });

  it('deleted: a worker that runs puts them back, and one that starts at that moment gets the same', async () => {
    namespace = await env.createNamespace('ring-deleted');
    const running = await open();
    const [before, sealed] = [await read(), createSeal(running).encrypt('x', 'a')];
    await env.kube.delete(key());
    await running.reload();
    expect(await read()).toEqual(before);
    expect(await createSeal(await open()).decrypt(sealed, 'a')).toBe('x');
  });

  it('deleted and made anew by a worker that knew none: all end with the new ones, and what ran still opens its own', async () => {
    namespace = await env.createNamespace('ring-anew');
    const running = await open();
    const mine = createSeal(running).encrypt('mine', 'a');
    await env.kube.delete(key());
    const started = createSeal(await open());
    const theirs = started.encrypt('theirs', 'a');
    expect(await createSeal(running).decrypt(theirs, 'a')).toBe('theirs');
    expect(await createSeal(running).decrypt(mine, 'a')).toBe('mine');
    expect(createSeal(running).fingerprint('pw')).toBe(started.fingerprint('pw'));
    expect(await started.decrypt(createSeal(running).encrypt('now', 'a'), 'a')).toBe('now');
  });

  it.each<[reason: string, data: Record<string, Buffer | string>, says: RegExp]>([
    ['a key of another length', { key: 'short' }, /"key": a key has 32 bytes, and this one 5/],
    ['a current key that is not there', { key: randomBytes(32), current: 'new' }, /has no key "new"/],
    ['no key at all', { digest: randomBytes(32) }, /has no key "key"/],
    [
      'the digest key removed together with the first',
      { a: randomBytes(32), current: 'a' },
      /neither "digest" nor "key"/,
    ],
  ])('refuses to start with %s, and says what to do', async (_, data, says) => {
    namespace = await env.createNamespace('ring-wrong');
    await write(data);
    await expect(open()).rejects.toThrow(says);
  });

  it('a running worker keeps its keys when the Secret becomes unusable', async () => {
    namespace = await env.createNamespace('ring-broken');
    const ring = await open();
    const sealed = createSeal(ring).encrypt('x', 'a');
    await write({ key: 'short' });
    await expect(ring.reload()).rejects.toThrow('32 bytes');
    expect(await createSeal(ring).decrypt(sealed, 'a')).toBe('x');
  });
});

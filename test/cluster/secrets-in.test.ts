import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Manifest } from '../../dev/kube-api.ts';
import { OWN_SECRET_LABEL, SEAL_SECRET } from '../../kube/names.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { digestOf, flexibleServer, openScene, passwordDigest, readyGroup, secret, type Scene } from './scene.ts';

describe('Secrets that a spec names', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await openScene('secrets-in');
    await readyGroup(scene);
  }, 60_000);
  afterAll(() => scene.close());

  function server(name: string, key = 'password') {
    return flexibleServer(scene.namespace, `${name}-${scene.namespace}`, {
      administratorLoginPassword: { name: `${name}-pw`, key },
    });
  }
  const puts = (name: string) => scene.requests({ method: 'PUT', path: new RegExp(`/flexibleServers/${name}`, 'i') });

  it('are waited for with a warning that names Secret and key; when the Secret exists, the reconcile continues', async () => {
    const manifest = server('late');
    await scene.env.apply(manifest);
    const waiting = await scene.env.waitForCondition(keyOf(manifest), {
      status: 'False',
      severity: 'Warning',
      reason: 'SecretNotFound',
    });
    expect(readyOf(waiting)?.message).toMatch(/late-pw/);
    expect(readyOf(waiting)?.message).toMatch(/"password"/);
    expect(await puts('late')).toEqual([]);

    await scene.env.apply(secret(scene.namespace, 'late-pw', { other: 'x' }));
    const keyless = await waitFor(async () => {
      const object = await scene.env.kube.get(keyOf(manifest));
      return object !== undefined && /no key/.test(readyOf(object)?.message ?? '') && object;
    });
    expect(readyOf(keyless)).toMatchObject({ severity: 'Warning', reason: 'SecretNotFound' });
    expect(readyOf(keyless)?.message).toMatch(/late-pw.*"password"/);

    await scene.env.apply(secret(scene.namespace, 'late-pw', { password: 'Now-1-There' }));
    await waitFor(async () => (await puts('late')).length > 0, 5_000);
    await scene.env.waitForReady(keyOf(manifest));
    expect((await puts('late')).map(passwordDigest)).toEqual([digestOf('Now-1-There')]);
  }, 60_000);

  it('are sent to Azure again when their values change', async () => {
    const manifest = server('changed');
    await scene.env.apply(secret(scene.namespace, 'changed-pw', { password: 'First-1-Value' }));
    await scene.env.apply(manifest);
    await scene.env.waitForReady(keyOf(manifest));
    await scene.env.apply(secret(scene.namespace, 'changed-pw', { password: 'Second-2-Value' }));
    await waitFor(async () => (await puts('changed')).length === 2, 10_000);
    expect((await puts('changed')).map(passwordDigest)).toEqual([
      digestOf('First-1-Value'),
      digestOf('Second-2-Value'),
    ]);
    await scene.env.waitForReady(keyOf(manifest));
  }, 60_000);

  it.each<[reason: string, labels: Record<string, string>, name: string]>([
    ['has the name of the sealing keys', {}, SEAL_SECRET],
    ['is marked as the operator’s own', { [OWN_SECRET_LABEL]: 'true' }, 'own-pw'],
  ])(
    'are never read from a Secret that %s: it would be sent to Azure',
    async (_, labels, name) => {
      const { metadata, ...rest } = secret(scene.namespace, name, { key: 'The-1-Key' });
      await scene.env.apply({ ...rest, metadata: { ...metadata, labels } });
      const manifest = flexibleServer(scene.namespace, `own-${name.slice(0, 3)}-${scene.namespace}`, {
        administratorLoginPassword: { name, key: 'key' },
      });
      const generic: Manifest = {
        apiVersion: 'generic.azure-temporal-operator.io/v1',
        kind: 'GenericResource',
        metadata: { name: `own-${name.slice(0, 3)}`, namespace: scene.namespace },
        spec: {
          type: 'Microsoft.Maps/accounts',
          apiVersion: '2023-06-01',
          owner: { group: 'resources.azure.com', kind: 'ResourceGroup', name: 'rg' },
          body: { location: 'westus2', kind: 'Gen2', sku: { name: 'G2' } },
          secrets: [{ path: 'properties.note', secretRef: { name, key: 'key' } }],
        },
      };
      for (const each of [manifest, generic]) {
        await scene.env.apply(each);
        const refused = await scene.env.waitForCondition(keyOf(each), { severity: 'Error', reason: 'SecretReserved' });
        expect(readyOf(refused)?.message).toContain(`Secret ${scene.namespace}/${name}`);
        expect(readyOf(refused)?.message).toContain('name another Secret');
      }
      const path = new RegExp(`/own-${name.slice(0, 3)}`, 'i');
      expect(await scene.requests({ method: 'PUT', path })).toEqual([]);
    },
    60_000,
  );

  it('are never read from another namespace', async () => {
    const elsewhere = await scene.env.createNamespace('elsewhere');
    await scene.env.apply(secret(elsewhere, 'foreign-pw', { password: 'Not-1-Yours' }));
    const manifest = server('foreign');
    await scene.env.apply(manifest);
    await scene.env.waitForCondition(keyOf(manifest), { status: 'False', reason: 'SecretNotFound' });
    expect(await puts('foreign')).toEqual([]);
    const reaching = flexibleServer(scene.namespace, 'reaching', {
      administratorLoginPassword: { name: 'foreign-pw', key: 'password', namespace: elsewhere },
    });
    await expect(scene.env.apply(reaching)).rejects.toThrow(/namespace/);
  }, 60_000);
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { keyOf, waitFor } from '../support/environment.ts';
import { flexibleServer, openScene, readyGroup, resourceGroup, secret, type Scene } from './scene.ts';

describe('a server, from creation to deletion', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await openScene('lifecycle');
    await scene.env.apply(secret(scene.namespace, 'server-admin-pw', { password: 'Life-1-Cycle' }));
    await readyGroup(scene);
  }, 60_000);
  afterEach(() => scene.release());
  afterAll(() => scene.close());

  const server = (name: string, storageSizeGB = 128) =>
    flexibleServer(scene.namespace, `${name}-${scene.namespace}`, { storage: { storageSizeGB } });
  const of = (method: string, name: string) =>
    scene.requests({ method, path: new RegExp(`/flexibleServers/${name}-`, 'i') });
  const sizes = async (name: string) =>
    (await of('PUT', name)).map(
      ({ body }) => (body as { properties: { storage: { storageSizeGB: number } } }).properties.storage.storageSizeGB,
    );

  it('is updated by one PUT of the whole desired state when the spec changes', async () => {
    const { env } = scene;
    await env.apply(server('update'));
    await env.waitForReady(keyOf(server('update')));
    await env.apply(server('update', 256));
    const updated = await env.waitForReady(keyOf(server('update')));
    expect(updated.metadata.generation).toBe(2);
    expect(updated.status?.['storage']).toMatchObject({ storageSizeGB: 256 });
    expect(await sizes('update')).toEqual([128, 256]);
  }, 60_000);

  it('is not sent again when an edit changes nothing', async () => {
    const { env } = scene;
    await env.apply(server('same'));
    await env.waitForReady(keyOf(server('same')));
    await env.kube.patch(keyOf(server('same')), { spec: { azureName: `same-${scene.namespace}` } });
    const after = await env.waitForReady(keyOf(server('same')));
    expect(after.metadata.generation).toBeGreaterThanOrEqual(1);
    expect(await sizes('same')).toEqual([128]);
  }, 60_000);

  it('is sent an edit that is made during provisioning only after the operation has ended', async () => {
    const { env } = scene;
    await scene.hold();
    await env.apply(server('edited'));
    await waitFor(async () => (await of('PUT', 'edited')).length === 1);
    await env.apply(server('edited', 512));
    const polls = async () => (await scene.requests({ method: 'GET', path: /azureAsyncOperation|operation/i })).length;
    const before = await polls();
    await waitFor(async () => (await polls()) > before + 1);
    expect(await sizes('edited')).toEqual([128]);
    await scene.release();
    const ready = await env.waitForReady(keyOf(server('edited')));
    expect(ready.status?.['storage']).toMatchObject({ storageSizeGB: 512 });
    expect(await sizes('edited')).toEqual([128, 512]);
  }, 60_000);

  it('can be deleted during provisioning, and exists in Kubernetes until Azure says that it is gone', async () => {
    const { env } = scene;
    await scene.hold();
    await env.apply(server('short'));
    await waitFor(async () => (await of('PUT', 'short')).length === 1);
    await env.kube.delete(keyOf(server('short')));
    await waitFor(async () => (await of('DELETE', 'short')).length === 1, 15_000);
    const deleting = await env.waitForCondition(keyOf(server('short')), { status: 'False', reason: 'Deleting' });
    expect(deleting.metadata.finalizers).toEqual(['serviceoperator.azure.com/finalizer']);
    await scene.release();
    await env.waitForGone(keyOf(server('short')));
    expect(await of('PUT', 'short')).toHaveLength(1);
  }, 60_000);

  it('is released if it does not exist in Azure any more', async () => {
    const { env } = scene;
    await env.apply(server('lost'));
    const { status } = await env.waitForReady(keyOf(server('lost')));
    await scene.tell('drift', { id: String(status?.['id']), delete: true });
    await env.kube.delete(keyOf(server('lost')));
    await env.waitForGone(keyOf(server('lost')));
    expect((await of('DELETE', 'lost')).every(({ status: code }) => code === 204 || code === 404)).toBe(true);
  }, 60_000);

  it('is released if its resource group was deleted first', async () => {
    const { env, namespace } = scene;
    const group = resourceGroup(namespace, 'doomed');
    await env.apply(group);
    await env.waitForReady(keyOf(group));
    const orphan = flexibleServer(namespace, `orphan-${namespace}`, { owner: { name: 'doomed' } });
    await env.apply(orphan);
    await env.waitForReady(keyOf(orphan));
    await env.kube.delete(keyOf(group));
    await env.waitForGone(keyOf(group));
    await env.waitForGone(keyOf(orphan));
  }, 60_000);
});

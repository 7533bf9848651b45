import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { databaseAccount, openScene, resourceGroup, type Scene } from './scene.ts';

describe('the owner', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await openScene('owner');
  }, 60_000);
  afterAll(() => scene.close());

  it('is waited for by name; when it is Ready, the reconcile continues', async () => {
    const { env, namespace } = scene;
    const child = databaseAccount(namespace, `child-${namespace}`, { owner: { name: 'later' } });
    await env.apply(child);
    const waiting = await env.waitForCondition(keyOf(child), {
      status: 'False',
      severity: 'Warning',
      reason: 'WaitingForOwner',
    });
    expect(readyOf(waiting)?.message).toMatch(/later/);
    expect(waiting.metadata.finalizers ?? []).toEqual([]);
    expect(await scene.requests({ method: 'PUT' })).toEqual([]);

    const owner = resourceGroup(namespace, 'later');
    await env.apply(owner);
    const ready = await env.waitForReady(keyOf(owner));
    await waitFor(async () => (await scene.requests({ method: 'PUT', path: /databaseAccounts/i })).length > 0, 5_000);
    const done = await env.waitForReady(keyOf(child));
    expect(done.metadata.ownerReferences).toEqual([
      expect.objectContaining({ kind: 'ResourceGroup', name: 'later', uid: ready.metadata.uid }),
    ]);
  }, 60_000);

  it('is claimed first: finalizer and resource-id are stored before the first PUT', async () => {
    const { env, namespace } = scene;
    await env.apply(resourceGroup(namespace));
    await env.waitForReady(keyOf(resourceGroup(namespace)));
    const child = databaseAccount(namespace, `claimed-${namespace}`, {});
    // The PUT hangs on the wire: what is stored now was stored before it.
    await scene.fault({ method: 'PUT', path: 'claimed', delayMs: 3_000, reset: 'before' });
    await env.apply(child);
    const claimed = await waitFor(async () => {
      const object = await env.kube.get(keyOf(child));
      return (object?.metadata.finalizers ?? []).length > 0 && object;
    });
    expect(await scene.requests({ method: 'PUT', path: /claimed/ })).toEqual([]);
    expect(claimed.metadata.finalizers).toEqual(['serviceoperator.azure.com/finalizer']);
    expect(claimed.metadata.annotations?.['serviceoperator.azure.com/resource-id']).toBe(
      `/subscriptions/${scene.subscription.subscriptionId}/resourceGroups/rg/providers/Microsoft.DocumentDB/databaseAccounts/${child.metadata.name}`,
    );
    await env.waitForReady(keyOf(child), 45_000);
  }, 60_000);

  it('may have another name in Azure, azureName', async () => {
    const { env, namespace } = scene;
    const { spec, ...group } = resourceGroup(namespace, 'nick');
    await env.apply({ ...group, spec: { ...(spec as object), azureName: 'formal' } });
    const ready = await env.waitForReady(keyOf({ ...group }));
    expect(ready.status?.['id']).toBe(`/subscriptions/${scene.subscription.subscriptionId}/resourceGroups/formal`);
  }, 60_000);
});

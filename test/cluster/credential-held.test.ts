import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { keyOf } from '../support/environment.ts';
import { databaseAccount, openScene, readyGroup, secretKey, type Scene } from './scene.ts';

describe('the credential of a claimed resource outlives it (row 20)', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene('held');
  }, 30_000);
  afterAll(() => scene.close());

  it('a namespace that is deleted with its credential is gone, and its resources were deleted in Azure with it', async () => {
    await readyGroup(scene);
    const accounts = ['one', 'two'].map((name) => databaseAccount(scene.namespace, `${name}-${scene.namespace}`));
    for (const manifest of accounts) await scene.env.apply(manifest);
    for (const manifest of accounts) await scene.env.waitForReady(keyOf(manifest));
    const credential = await scene.env.kube.get(secretKey(scene.namespace, 'aso-credential'));
    expect(credential?.metadata.finalizers).toEqual(['azure-temporal-operator.io/credential']);
    const namespace = { apiVersion: 'v1', kind: 'Namespace', name: scene.namespace };
    await scene.env.kube.delete(namespace);
    await scene.env.waitForGone(namespace, 60_000);
    // Whose group is gone already needs no DELETE of its own; the group itself does.
    expect((await scene.requests({ method: 'DELETE', path: /resourceGroups\/rg(\?|$)/i })).length).toBeGreaterThan(0);
  }, 120_000);

  it('a credential that nothing is claimed with goes at once', async () => {
    const other = await openScene('unused');
    try {
      const key = secretKey(other.namespace, 'aso-credential');
      await other.env.kube.delete(key);
      await other.env.waitForGone(key, 10_000);
    } finally {
      other.close();
    }
  }, 30_000);
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cosmosKeys } from '../../simulator/keys.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { databaseAccount, openScene, readyGroup, secret, secretKey, secretValues, type Scene } from './scene.ts';

describe('Secrets that an account writes', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await openScene('secrets-out');
    await readyGroup(scene);
  }, 60_000);
  afterAll(() => scene.close());

  const account = (name: string, secrets: object) =>
    databaseAccount(scene.namespace, `${name}-${scene.namespace}`, { operatorSpec: { secrets } });

  it('are not written if a Secret of that name belongs to somebody else', async () => {
    await scene.env.apply(secret(scene.namespace, 'taken', { mine: 'hands off' }));
    const before = await scene.env.kube.get(secretKey(scene.namespace, 'taken'));
    const manifest = account('taken', { primaryMasterKey: { name: 'taken', key: 'key' } });
    await scene.env.apply(manifest);
    const failed = await scene.env.waitForCondition(keyOf(manifest), {
      status: 'False',
      severity: 'Error',
      reason: 'FailedWritingAdditionalKubernetesObjects',
    });
    expect(readyOf(failed)?.message).toMatch(/taken/);
    expect(await scene.env.kube.get(secretKey(scene.namespace, 'taken'))).toEqual(before);
  }, 60_000);

  it('lose a key that the spec no longer names', async () => {
    const primary = { name: 'shrinking', key: 'primary' };
    const secondary = { name: 'shrinking', key: 'secondary' };
    const both = account('shrinking', { primaryMasterKey: primary, secondaryMasterKey: secondary });
    const keys = cosmosKeys(both.metadata.name);
    await scene.env.apply(both);
    await scene.env.waitForReady(keyOf(both));
    expect(await secretValues(scene, 'shrinking')).toEqual({
      primary: keys.primaryMasterKey,
      secondary: keys.secondaryMasterKey,
    });

    await scene.env.apply(account('shrinking', { primaryMasterKey: primary }));
    await waitFor(async () => Object.keys((await secretValues(scene, 'shrinking')) ?? {}).length === 1);
    expect(await secretValues(scene, 'shrinking')).toEqual({ primary: keys.primaryMasterKey });
    await scene.env.waitForReady(keyOf(both));
  }, 60_000);

  it('are not written before the operation has ended', async () => {
    await scene.hold();
    try {
      const manifest = account('patient', { primaryMasterKey: { name: 'patient', key: 'key' } });
      await scene.env.apply(manifest);
      await waitFor(async () => (await scene.requests({ method: 'PUT', path: /patient/ })).length > 0);
      const polls = async () => (await scene.requests({ method: 'GET', path: /operationsStatus/i })).length;
      const before = await polls();
      await waitFor(async () => (await polls()) > before);
      expect(await secretValues(scene, 'patient')).toBeUndefined();
      expect(await scene.requests({ method: 'POST', path: /patient.*listKeys/i })).toEqual([]);
      await scene.finish();
      await scene.env.waitForReady(keyOf(manifest));
      expect(await secretValues(scene, 'patient')).toEqual({
        key: cosmosKeys(manifest.metadata.name).primaryMasterKey,
      });
    } finally {
      await scene.release();
    }
  }, 60_000);
});

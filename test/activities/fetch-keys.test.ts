import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportContext } from '../../activities/exports/exported-value.ts';
import type { Target } from '../../contract/steps.ts';
import { cosmosKeys } from '../../simulator/keys.ts';
import { databaseAccount, secretValues } from '../cluster/scene.ts';
import { sealOf } from '../support/seal-keys.ts';
import { failureOfStep, openStepSceneWithGroup, type StepScene } from './step-scene.ts';

const MASTER_KEYS = {
  primaryMasterKey: { name: 'keys', key: 'primary' },
  secondaryMasterKey: { name: 'keys', key: 'secondary' },
};

describe('fetchKeys', () => {
  let scene: StepScene;
  beforeAll(async () => {
    scene = await openStepSceneWithGroup('step-keys');
  }, 60_000);
  afterAll(() => scene.close());

  async function made(name: string, secrets: object): Promise<Target> {
    const operatorSpec = { secrets };
    const target = await scene.claim(databaseAccount(scene.namespace, `${name}-${scene.namespace}`, { operatorSpec }));
    await scene.steps.createOrUpdate({ target, observe: false, failures: 0, order: scene.order() });
    await scene.finish();
    const polled = await scene.steps.pollProvisioning({ target, failures: 0, patient: false, order: scene.order() });
    expect(polled).toMatchObject({ result: 'accepted' });
    return target;
  }
  const listed = async ({ armId }: Target) =>
    (await scene.requests({ method: 'POST', path: /listKeys/i })).filter(({ path }) => path.includes(armId));

  it('returns the values sealed, for its own workflow only, and asks Azure once for all of them', async () => {
    const target = await made('two', MASTER_KEYS);
    const result = await scene.steps.fetchKeys({ target, order: scene.order() });
    expect(Object.keys(result)).toEqual(['sealed']);
    const { primaryMasterKey, secondaryMasterKey } = cosmosKeys(target.ref.name);
    expect(result.sealed).not.toContain(primaryMasterKey);
    expect(await listed(target)).toHaveLength(1);

    const other = { ...target, ref: { ...target.ref, name: 'another' } };
    const input = { target: other, sealed: result.sealed, order: scene.order() };
    await expect(scene.steps.writeSecrets(input)).rejects.toThrow();

    await scene.steps.writeSecrets({ target, sealed: result.sealed, order: scene.order() });
    const written = await scene.env.kube.get({
      apiVersion: 'v1',
      kind: 'Secret',
      name: 'keys',
      namespace: scene.namespace,
    });
    expect(written?.data).toEqual({
      primary: Buffer.from(primaryMasterKey ?? '').toString('base64'),
      secondary: Buffer.from(secondaryMasterKey ?? '').toString('base64'),
    });
  }, 60_000);

  it('shows no key in a failure, when Azure quotes one that was fetched before', async () => {
    const target = await made('quoted', { primaryMasterKey: { name: 'quoted', key: 'primary' } });
    const { sealed } = await scene.steps.fetchKeys({ target, order: scene.order() });
    await scene.steps.writeSecrets({ target, sealed, order: scene.order() });
    const key = cosmosKeys(target.ref.name).primaryMasterKey ?? '';
    const message = `The key ${key} has expired.`;
    await scene.fault({ method: 'POST', path: 'listKeys', status: 409, code: 'Conflict', message });
    const failure = await failureOfStep(scene.steps.fetchKeys({ target, order: scene.order() }));
    expect(failure.message).toBe('The key <hidden> has expired.');
  }, 60_000);

  it('is done again by writeSecrets when no key opens the values any more', async () => {
    const target = await made('lost', { primaryMasterKey: { name: 'again', key: 'primary' } });
    const sealed = sealOf(randomBytes(32)).encrypt([], exportContext(target));
    const result = await scene.steps.writeSecrets({ target, sealed, order: scene.order() });
    expect(result).toEqual({ exported: [{ kind: 'Secret', name: 'again' }] });
    expect(await secretValues(scene, 'again')).toEqual({ primary: cosmosKeys(target.ref.name).primaryMasterKey });
  }, 60_000);

  it('calls no action that no destination needs', async () => {
    const target = await made('endpoint', { documentEndpoint: { name: 'endpoint', key: 'url' } });
    await scene.steps.fetchKeys({ target, order: scene.order() });
    expect(await listed(target)).toEqual([]);
  }, 60_000);

  it('a refusal is shown in the resource and is free of keys', async () => {
    const target = await made('forbidden', MASTER_KEYS);
    await scene.fault({ method: 'POST', path: '/listKeys', status: 403, code: 'AuthorizationFailed', message: 'No.' });
    const failure = await failureOfStep(scene.steps.fetchKeys({ target, order: scene.order() }));
    expect(failure).toMatchObject({ type: 'AuthorizationFailed' });
    expect(JSON.stringify([failure, failure.message, await scene.read(target.ref)])).not.toContain(
      cosmosKeys(target.ref.name).primaryMasterKey,
    );
  }, 60_000);
});

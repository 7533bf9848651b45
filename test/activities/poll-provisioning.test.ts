import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CancelledFailure } from '@temporalio/common';
import { createActivities } from '../../activities/create-activities.ts';
import type { Target } from '../../contract/steps.ts';
import { flexibleServer, secret } from '../cluster/scene.ts';
import { readyOf, waitFor } from '../support/environment.ts';
import { sealOf } from '../support/seal-keys.ts';
import { failureOfStep, openStepSceneWithGroup, type StepScene } from './step-scene.ts';

const PASSWORD = 'Poll-1-Canary';

describe('pollProvisioning', () => {
  let scene: StepScene;
  beforeAll(async () => {
    scene = await openStepSceneWithGroup('step-poll');
    await scene.env.apply(secret(scene.namespace, 'server-admin-pw', { password: PASSWORD }));
    await scene.hold();
  }, 60_000);
  afterAll(() => scene.close());

  async function started(name: string): Promise<Target> {
    const target = await scene.claim(flexibleServer(scene.namespace, name));
    const result = await scene.steps.createOrUpdate({ target, observe: false, failures: 0, order: scene.order() });
    expect(result).toEqual({ result: 'operation' });
    return target;
  }
  const poll = (target: Target) =>
    scene.steps.pollProvisioning({ target, failures: 0, patient: false, order: scene.order() });
  const finish = async ({ armId }: Target, failure: object = {}) =>
    await scene.tell('operations/finish', { resource: armId, ...failure });

  it('ends when Azure has finished, and what Azure answers then becomes the status; a second time it says the same', async () => {
    const target = await started('finished');
    await finish(target);
    const first = await poll(target);
    expect(first).toMatchObject({ result: 'accepted', status: { id: target.armId }, applied: { generation: 1 } });
    expect(await poll(target)).toEqual(first);
    expect(JSON.stringify(first)).not.toContain(PASSWORD);
  }, 30_000);

  it('is over where no operation is stored any more: an attempt before this one saw its end', async () => {
    const target = await started('over');
    await finish(target);
    const accepted = await poll(target);
    if (accepted.result !== 'accepted') throw new Error(accepted.result);
    const { status, applied } = accepted;
    await scene.steps.patchReady({ target, status, applied, fingerprint: 'f', exported: null, order: scene.order() });
    expect(await poll(target)).toEqual({ result: 'ended' });
  }, 30_000);

  it('leads back to comparing when the spec is newer than what the operation has applied', async () => {
    const target = await started('outrun');
    await scene.env.apply(flexibleServer(scene.namespace, 'outrun', { tags: { newer: 'yes' } }));
    await finish(target);
    // A second attempt: the first one may begin with the resource as the step before left it.
    const second = scene.attempt(target.ref, () => poll(target), { heartbeats: [] });
    expect(await second.outcome).toEqual({ result: 'ended' });
    const stored = await scene.stored(target.ref);
    expect(stored?.operation).toBeUndefined();
    expect(stored?.applied).toMatchObject({ generation: 1 });
  }, 30_000);

  it('follows a creation by the state of the resource when its URL opens with no key any more', async () => {
    const target = await started('keyless');
    const before = (await scene.stored(target.ref))?.operation;
    const { deps, order } = scene;
    const steps = createActivities({ ...deps, seal: sealOf(randomBytes(32)) });
    const again = () => steps.pollProvisioning({ target, failures: 0, patient: false, order: order() });
    expect(await again()).toEqual({ result: 'running' });
    const after = (await scene.stored(target.ref))?.operation;
    expect(after).toMatchObject({ creates: true, digest: before?.digest });
    expect(after?.sealed).not.toBe(before?.sealed);
    await finish(target);
    // The other key makes another digest, so what was sent counts as another payload.
    expect(await again()).toEqual({ result: 'ended' });
  }, 30_000);

  it('tells why Azure gave up, and when to begin again', async () => {
    const target = await started('failed');
    await finish(target, { code: 'InternalServerError', message: 'Azure has a bad day.' });
    const result = await poll(target);
    expect(result).toMatchObject({ result: 'failed', reason: 'InternalServerError' });
    expect(result).toHaveProperty('delayMs', expect.any(Number));
    expect(readyOf(await scene.read(target.ref))).toMatchObject({ status: 'False', reason: 'InternalServerError' });
    expect((await scene.stored(target.ref))?.operation).toBeUndefined();
  }, 30_000);

  it('cancelled while Azure works it ends within a second and writes nothing', async () => {
    const target = await started('long');
    const before = await scene.read(target.ref);
    const polls = async () =>
      (await scene.requests({ method: 'GET', path: /azureAsyncOperation|operationStatus/i })).length;
    const known = await polls();
    const running = failureOfStep(poll(target));
    await waitFor(async () => (await polls()) > known);
    const cancelledAt = Date.now();
    await scene.supersede(target.ref);
    expect(await running).toBeInstanceOf(CancelledFailure);
    expect(Date.now() - cancelledAt).toBeLessThan(1_000);
    expect((await scene.read(target.ref)).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    await finish(target);
  }, 30_000);
});

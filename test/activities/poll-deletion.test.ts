import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CancelledFailure } from '@temporalio/common';
import type { Target } from '../../contract/steps.ts';
import { resourceGroup } from '../cluster/scene.ts';
import { readyOf, waitFor } from '../support/environment.ts';
import { failureOfStep, openStepScene, type StepScene } from './step-scene.ts';

describe('pollDeletion', () => {
  let scene: StepScene;
  beforeAll(async () => {
    scene = await openStepScene('step-gone');
    await scene.hold();
  }, 60_000);
  afterAll(() => scene.close());

  async function deleting(name: string): Promise<Target> {
    const manifest = resourceGroup(scene.namespace, name);
    const target = await scene.claim(manifest);
    await scene.steps.createOrUpdate({ target, observe: false, failures: 0, order: scene.order() });
    await scene.env.kube.delete({ ...manifest, name, namespace: scene.namespace });
    expect(await scene.steps.deleteResource({ target, order: scene.order() })).toEqual({ result: 'operation' });
    return target;
  }
  const poll = (target: Target) =>
    scene.steps.pollDeletion({ target, failures: 0, patient: false, order: scene.order() });
  const finish = async ({ armId }: Target, failure: object = {}) =>
    await scene.tell('operations/finish', { resource: `${armId}$`, ...failure });

  it('is gone when Azure says that nothing is there; the resource stays until it is released, and a second time says the same', async () => {
    const target = await deleting('gone');
    await finish(target);
    expect(await poll(target)).toEqual({ result: 'gone' });
    expect((await scene.read(target.ref)).metadata.finalizers).toHaveLength(1);
    expect(await poll(target)).toEqual({ result: 'gone' });
  }, 30_000);

  it('a deletion that failed is told, and begun again after a while', async () => {
    const target = await deleting('in-use');
    await finish(target, { code: 'ResourceInUse', message: 'It is in use.' });
    expect(await poll(target)).toMatchObject({ result: 'failed', reason: 'ResourceInUse' });
    expect(readyOf(await scene.read(target.ref))).toMatchObject({ reason: 'ResourceInUse', severity: 'Warning' });
    expect((await scene.stored(target.ref))?.operation).toBeUndefined();
    expect(await poll(target)).toEqual({ result: 'again' });
  }, 30_000);

  it('cancelled while Azure works it ends within a second and writes nothing', async () => {
    const target = await deleting('long');
    const before = await scene.read(target.ref);
    const polls = async () => (await scene.requests({ method: 'GET', path: /operationresults/i })).length;
    const known = await polls();
    const running = failureOfStep(poll(target));
    await waitFor(async () => (await polls()) > known);
    const cancelledAt = Date.now();
    const successor = scene.supersede(target.ref);
    expect(await running).toBeInstanceOf(CancelledFailure);
    expect(Date.now() - cancelledAt).toBeLessThan(1_000);
    await successor;
    expect((await scene.read(target.ref)).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  }, 30_000);
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CancelledFailure } from '@temporalio/common';
import type { Manifest } from '../../dev/kube-api.ts';
import type { Activities, Target } from '../../contract/steps.ts';
import { exportContext } from '../../activities/exports/exported-value.ts';
import { resourceGroup, secretValues } from '../cluster/scene.ts';
import { failureOfStep, openStepScene, type StepScene } from './step-scene.ts';

type Run = (steps: Activities, target: Target, scene: StepScene) => Promise<unknown>;

/** A step more in `Activities` does not compile until it has a row here. */
const STEPS: Readonly<Record<keyof Activities, Run>> = {
  resolveInputs: (steps, { ref }, { order }) => steps.resolveInputs({ ref, order: order() }),
  createOrUpdate: (steps, target, { order }) =>
    steps.createOrUpdate({ target, observe: false, failures: 0, order: order() }),
  pollProvisioning: (steps, target, { order }) =>
    steps.pollProvisioning({ target, failures: 0, patient: false, order: order() }),
  fetchKeys: (steps, target, { order }) => steps.fetchKeys({ target, order: order() }),
  writeSecrets: (steps, target, { order, deps }) => {
    const value = { target: 'Secret', name: 'cancelled', key: 'k', value: 'v' };
    const sealed = deps.seal.encrypt([value], exportContext(target));
    return steps.writeSecrets({ target, sealed, order: order() });
  },
  patchReady: (steps, target, { order }) =>
    steps.patchReady({ target, status: {}, fingerprint: 'f', applied: null, exported: null, order: order() }),
  deleteResource: (steps, target, { order }) => steps.deleteResource({ target, order: order() }),
  pollDeletion: (steps, target, { order }) =>
    steps.pollDeletion({ target, failures: 0, patient: false, order: order() }),
  releaseFinalizer: (steps, { ref, uid }, { order }) => steps.releaseFinalizer({ ref, uid, order: order() }),
  reportFailure: (steps, { ref, uid, generation }, { order }) => {
    const what = { fingerprint: 'f', reason: 'InvalidSpec', message: 'm' };
    return steps.reportFailure({ ref, uid, generation, ...what, order: order() });
  },
};

describe('every step', () => {
  let scene: StepScene;
  beforeAll(async () => {
    scene = await openStepScene('step-every');
  }, 60_000);
  afterAll(() => scene.close());

  async function unclaimed(manifest: Manifest): Promise<Target> {
    const ref = await scene.create(manifest);
    return { ref, uid: '', generation: 1, armId: '', apiVersion: '' };
  }
  const rows = Object.entries(STEPS).flatMap(([step, run]) => [
    { step, run, how: 'cancelled by Temporal', by: 'temporal' },
    { step, run, how: 'overtaken by a later step', by: 'successor' },
  ]);
  it.each(rows)('$step: $how, it writes nothing, here or in Azure', async ({ step, run, by }) => {
    const name = `${step}-${by}`.toLowerCase();
    const manifest = resourceGroup(scene.namespace, name);
    const target = step === 'resolveInputs' ? await unclaimed(manifest) : await scene.claim(manifest);
    const before = await scene.read(target.ref);
    const attempt = scene.attempt(target.ref, () => run(scene.steps, target, scene));
    const running = failureOfStep(attempt.outcome);
    if (by === 'temporal') attempt.cancel();
    else await scene.supersede(target.ref);
    expect(await running).toBeInstanceOf(CancelledFailure);
    expect((await scene.read(target.ref)).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    expect(await secretValues(scene, 'cancelled')).toBeUndefined();
    const requests = await scene.requests({ path: new RegExp(`/${name}(\\?|$)`, 'i') });
    expect(requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  });
});

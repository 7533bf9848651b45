import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { StepOrder } from '../../contract/stored-state.ts';
import type { Target } from '../../contract/steps.ts';
import { resourceGroup } from '../cluster/scene.ts';
import { readyOf } from '../support/environment.ts';
import { openStepScene, type StepScene } from './step-scene.ts';

describe('reportFailure', () => {
  let scene: StepScene;
  beforeAll(async () => {
    scene = await openStepScene('step-report');
  }, 60_000);
  afterAll(() => scene.close());

  const report = (target: Omit<Target, 'uid'> & { uid: string | null }, order: StepOrder = scene.order()) => {
    const { ref, uid, generation } = target;
    const what = { fingerprint: `f${String(generation)}`, reason: 'InvalidSpec', message: `of ${String(generation)}` };
    return scene.steps.reportFailure({ ref, uid, generation, ...what, order });
  };

  it('says Error, and that these facts were dealt with; a second time it writes nothing', async () => {
    const target = await scene.claim(resourceGroup(scene.namespace, 'failed'));
    await report(target);
    const object = await scene.read(target.ref);
    const condition = { status: 'False', severity: 'Error', reason: 'InvalidSpec', message: 'of 1' };
    expect(readyOf(object)).toMatchObject({ ...condition, observedGeneration: 1 });
    expect(await scene.stored(target.ref)).toMatchObject({ fingerprint: 'f1' });
    await report(target);
    expect((await scene.read(target.ref)).metadata.resourceVersion).toBe(object.metadata.resourceVersion);
  });

  it('speaks for the generation that is there where the resource could not be read at first', async () => {
    const target = await scene.claim(resourceGroup(scene.namespace, 'unread'));
    await report({ ...target, uid: null, generation: 0 });
    expect(readyOf(await scene.read(target.ref))).toMatchObject({ status: 'False', observedGeneration: 1 });
  });

  it.each([
    { why: 'a step that comes late', name: 'late', generation: 2, isLate: true },
    { why: 'an older generation', name: 'older', generation: 1, isLate: false },
  ])('$why replaces nothing', async ({ name, generation, isLate }) => {
    const manifest = resourceGroup(scene.namespace, name);
    const target = await scene.claim(manifest);
    await scene.env.apply({ ...manifest, spec: { location: 'westus2', tags: { newer: 'yes' } } });
    const early = scene.order();
    const ready = { status: {}, fingerprint: 'f', applied: null, exported: null };
    await scene.steps.patchReady({ target: { ...target, generation: 2 }, ...ready, order: scene.order() });
    await report({ ...target, generation }, isLate ? early : undefined);
    expect(readyOf(await scene.read(target.ref))).toMatchObject({ status: 'True', observedGeneration: 2 });
  });

  it('says nothing of the next resource of the same name', async () => {
    const target = await scene.claim(resourceGroup(scene.namespace, 'next'));
    await report({ ...target, uid: 'of the one before' });
    expect(readyOf(await scene.read(target.ref))).toBeUndefined();
  });
});

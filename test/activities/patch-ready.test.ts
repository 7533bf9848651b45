import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Target } from '../../contract/steps.ts';
import { resourceGroup } from '../cluster/scene.ts';
import { readyOf } from '../support/environment.ts';
import { openStepScene, type StepScene } from './step-scene.ts';

describe('patchReady', () => {
  let scene: StepScene;
  beforeAll(async () => {
    scene = await openStepScene('step-ready');
  }, 60_000);
  afterAll(() => scene.close());

  const patch = (target: Target, order = scene.order()) =>
    scene.steps.patchReady({
      target,
      status: { id: target.armId, location: 'westus2' },
      fingerprint: `f${String(target.generation)}`,
      applied: { generation: target.generation, apiVersion: target.apiVersion, digest: 'd' },
      exported: [{ kind: 'Secret', name: 's' }],
      order,
    });

  it('writes status, Ready and what the next run must know at once; a second time it writes nothing', async () => {
    const target = await scene.claim(resourceGroup(scene.namespace, 'ready'));
    await patch(target);
    const object = await scene.read(target.ref);
    expect(readyOf(object)).toMatchObject({ status: 'True', reason: 'Succeeded', observedGeneration: 1 });
    expect(object.status).toMatchObject({ id: target.armId, location: 'westus2' });
    expect(await scene.stored(target.ref)).toMatchObject({
      uid: target.uid,
      fingerprint: 'f1',
      applied: { generation: 1, digest: 'd' },
      exported: [{ kind: 'Secret', name: 's' }],
    });
    await patch(target);
    expect((await scene.read(target.ref)).metadata.resourceVersion).toBe(object.metadata.resourceVersion);
  });

  it('a step that comes late never replaces what a later one wrote', async () => {
    const target = await scene.claim(resourceGroup(scene.namespace, 'late'));
    const early = scene.order();
    await scene.steps.reportFailure({ ...failed(target), order: scene.order() });
    const before = await scene.read(target.ref);
    await patch(target, early);
    const after = await scene.read(target.ref);
    expect(readyOf(after)).toMatchObject({ status: 'False', reason: 'InvalidSpec' });
    expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });

  it('never replaces the condition or the status of a newer generation', async () => {
    const manifest = resourceGroup(scene.namespace, 'older');
    const target = await scene.claim(manifest);
    await scene.env.apply({ ...manifest, spec: { location: 'westus2', tags: { newer: 'yes' } } });
    await scene.steps.reportFailure({ ...failed({ ...target, generation: 2 }), order: scene.order() });
    await patch(target);
    const object = await scene.read(target.ref);
    expect(readyOf(object)).toMatchObject({ status: 'False', reason: 'InvalidSpec', observedGeneration: 2 });
    expect(object.status?.['location']).toBeUndefined();
  });

  it('does nothing for a resource that was replaced', async () => {
    const target = await scene.claim(resourceGroup(scene.namespace, 'replaced'));
    await patch({ ...target, uid: 'another' });
    expect(readyOf(await scene.read(target.ref))).toBeUndefined();
  });
});

function failed({ ref, uid, generation }: Target) {
  return { ref, uid, generation, fingerprint: 'g', reason: 'InvalidSpec', message: 'It is wrong.' };
}

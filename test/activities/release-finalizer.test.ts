import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { resourceGroup } from '../cluster/scene.ts';
import { keyOf } from '../support/environment.ts';
import { openStepScene, type StepScene } from './step-scene.ts';

const THEIRS = 'example.com/theirs';

describe('releaseFinalizer', () => {
  let scene: StepScene;
  beforeAll(async () => {
    scene = await openStepScene('step-release');
  }, 60_000);
  afterAll(() => scene.close());

  it('takes away its own finalizer and nobody else’s; a second time it changes nothing', async () => {
    const { metadata, ...rest } = resourceGroup(scene.namespace, 'shared');
    const manifest = { ...rest, metadata: { ...metadata, finalizers: [THEIRS] } };
    const { ref, uid } = await scene.claim(manifest);
    await scene.env.kube.delete(keyOf(manifest));
    await scene.steps.releaseFinalizer({ ref, uid, order: scene.order() });
    const released = await scene.read(ref);
    expect(released.metadata.finalizers).toEqual([THEIRS]);
    await scene.steps.releaseFinalizer({ ref, uid, order: scene.order() });
    expect((await scene.read(ref)).metadata.resourceVersion).toBe(released.metadata.resourceVersion);
  });

  it('lets a deleted resource go, and is content when it is gone', async () => {
    const manifest = resourceGroup(scene.namespace, 'goes');
    const { ref, uid } = await scene.claim(manifest);
    await scene.env.kube.delete(keyOf(manifest));
    await scene.steps.releaseFinalizer({ ref, uid, order: scene.order() });
    await scene.env.waitForGone(keyOf(manifest));
    await scene.steps.releaseFinalizer({ ref, uid, order: scene.order() });
  });

  it('does not release a resource that nobody deletes, whoever has scheduled the step', async () => {
    const { ref, uid } = await scene.claim(resourceGroup(scene.namespace, 'stays'));
    await scene.steps.releaseFinalizer({ ref, uid, order: scene.order() });
    expect((await scene.read(ref)).metadata.finalizers).toHaveLength(1);
  });

  it('does not release the next resource of the same name', async () => {
    const { ref } = await scene.claim(resourceGroup(scene.namespace, 'next'));
    await scene.steps.releaseFinalizer({ ref, uid: 'of the one before', order: scene.order() });
    expect((await scene.read(ref)).metadata.finalizers).toHaveLength(1);
  });
});

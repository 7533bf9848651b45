import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Target } from '../../contract/steps.ts';
import { resourceGroup } from '../cluster/scene.ts';
import { readyOf } from '../support/environment.ts';
import { failureOfStep, openStepScene, type StepScene } from './step-scene.ts';

describe('deleteResource', () => {
  let scene: StepScene;
  beforeAll(async () => {
    scene = await openStepScene('step-delete');
    await scene.hold();
  }, 60_000);
  afterAll(() => scene.close());

  async function deleted(name: string): Promise<Target> {
    const manifest = resourceGroup(scene.namespace, name);
    const target = await scene.claim(manifest);
    await scene.steps.createOrUpdate({ target, observe: false, failures: 0, order: scene.order() });
    await scene.env.kube.delete({ ...manifest, name, namespace: scene.namespace });
    return target;
  }
  const remove = (target: Target) => scene.steps.deleteResource({ target, order: scene.order() });
  const sent = async (name: string) =>
    await scene.requests({ method: 'DELETE', path: new RegExp(`/${name}(\\?|$)`, 'i') });

  it('sends the DELETE and stores its operation, sealed; a second time it is the same one', async () => {
    const target = await deleted('deleted');
    expect(await remove(target)).toEqual({ result: 'operation' });
    const object = await scene.read(target.ref);
    expect((await scene.stored(target.ref))?.operation).toMatchObject({ method: 'DELETE' });
    expect(readyOf(object)).toMatchObject({ status: 'False', reason: 'Deleting' });
    expect(JSON.stringify(object)).not.toMatch(/operationresults/i);
    expect(await remove(target)).toEqual({ result: 'operation' });
    expect(await sent('deleted')).toHaveLength(1);
  });

  it('is done where Azure has nothing', async () => {
    const manifest = resourceGroup(scene.namespace, 'never-made');
    const target = await scene.claim(manifest);
    await scene.env.kube.delete({ ...manifest, name: 'never-made', namespace: scene.namespace });
    expect(await remove(target)).toEqual({ result: 'gone' });
  });

  it('is done where the resource was replaced: the one of its name is not touched', async () => {
    const target = await deleted('replaced');
    expect(await remove({ ...target, uid: 'another' })).toEqual({ result: 'gone' });
    expect(await sent('replaced')).toEqual([]);
  });

  it('tells why Azure refuses, and never gives up', async () => {
    const target = await deleted('locked');
    await scene.fault({ method: 'DELETE', path: '/locked', status: 409, code: 'ScopeLocked', message: 'A lock.' });
    const failure = await failureOfStep(remove(target));
    expect(failure).toMatchObject({ type: 'ScopeLocked', nonRetryable: false });
    expect(readyOf(await scene.read(target.ref))).toMatchObject({ reason: 'ScopeLocked', severity: 'Warning' });
    expect(await remove(target)).toEqual({ result: 'operation' });
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CancelledFailure } from '@temporalio/common';
import { flexibleServer, resourceGroup, secret } from '../cluster/scene.ts';
import { readyOf, waitFor } from '../support/environment.ts';
import { failureOfStep, openStepSceneWithGroup, type StepScene } from './step-scene.ts';

const PASSWORD = 'Create-1-Canary';

describe('createOrUpdate', () => {
  let scene: StepScene;
  beforeAll(async () => {
    scene = await openStepSceneWithGroup('step-create');
    await scene.env.apply(secret(scene.namespace, 'server-admin-pw', { password: PASSWORD }));
  }, 60_000);
  afterAll(() => scene.close());

  const sent = async (name: string) =>
    await scene.requests({ method: 'PUT', path: new RegExp(`/${name}(\\?|$)`, 'i') });
  const input = (target: Awaited<ReturnType<StepScene['claim']>>, observe = false) => ({
    target,
    observe,
    failures: 0,
    order: scene.order(),
  });

  it('sends what does not exist, and what Azure answers becomes the status; the next attempt sends nothing', async () => {
    const target = await scene.claim(resourceGroup(scene.namespace, 'made'));
    const create = () => scene.steps.createOrUpdate(input(target));
    const first = scene.attempt(target.ref, create);
    const result = await first.outcome;
    expect(result).toMatchObject({ result: 'accepted', status: { id: target.armId }, applied: { generation: 1 } });
    // The first may have died before Temporal heard of its end: its heartbeat is what is left of it.
    expect(await scene.attempt(target.ref, create, first).outcome).toEqual(result);
    expect(await sent('made')).toHaveLength(1);
  });

  it('stores an operation that Azure starts, sealed; a second time it is the same one', async () => {
    await scene.hold();
    const target = await scene.claim(flexibleServer(scene.namespace, 'started'));
    expect(await scene.steps.createOrUpdate(input(target))).toEqual({ result: 'operation' });
    const object = await scene.read(target.ref);
    const { operation } = (await scene.stored(target.ref)) ?? {};
    expect(operation).toMatchObject({ method: 'PUT', generation: 1, creates: true });
    expect(operation?.sealed).toMatch(/^sealed:2:/);
    expect(readyOf(object)).toMatchObject({ status: 'False', reason: 'Reconciling' });
    expect(JSON.stringify(object)).not.toMatch(/operationsStatus|azureAsyncOperation/i);
    expect(JSON.stringify(object)).not.toContain(PASSWORD);

    expect(await scene.steps.createOrUpdate(input(target))).toEqual({ result: 'operation' });
    expect(await sent('started')).toHaveLength(1);
    await scene.release();
  });

  it('does not create what it may only observe', async () => {
    const target = await scene.claim(resourceGroup(scene.namespace, 'unseen'));
    const failure = await failureOfStep(scene.steps.createOrUpdate(input(target, true)));
    expect(failure).toMatchObject({ type: 'AzureResourceNotFound' });
    expect(await sent('unseen')).toEqual([]);
  });

  it('does not speak for a spec that has changed since', async () => {
    const manifest = resourceGroup(scene.namespace, 'changed');
    const target = await scene.claim(manifest);
    await scene.env.apply({ ...manifest, spec: { location: 'westus2', tags: { newer: 'yes' } } });
    expect(await scene.steps.createOrUpdate(input(target))).toEqual({ result: 'superseded' });
    expect(await sent('changed')).toEqual([]);
  });

  it('a refusal is told with its code, and without what was sent', async () => {
    const target = await scene.claim(flexibleServer(scene.namespace, 'refused'));
    const message = `The password ${PASSWORD} is too weak.`;
    await scene.fault({ method: 'PUT', path: '/refused', status: 400, code: 'InvalidParameterValue', message });
    const failure = await failureOfStep(scene.steps.createOrUpdate(input(target)));
    expect(failure).toMatchObject({ type: 'InvalidParameterValue' });
    const object = await scene.read(target.ref);
    expect((await scene.stored(target.ref))?.refused).toBe(true);
    expect(JSON.stringify([failure, failure.message, failure.stack, object])).not.toContain(PASSWORD);
  });

  it('cancelled while it compares, it sends nothing and writes nothing', async () => {
    const target = await scene.claim(resourceGroup(scene.namespace, 'cancelled'));
    const before = await scene.read(target.ref);
    await scene.fault({ method: 'GET', path: '/cancelled', delayMs: 1_000 });
    const seen = async () => (await scene.requests({ path: /\/cancelled\?/ })).length > 0;
    const running = failureOfStep(scene.steps.createOrUpdate(input(target)));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await scene.supersede(target.ref);
    expect(await running).toBeInstanceOf(CancelledFailure);
    await waitFor(seen);
    expect(await sent('cancelled')).toEqual([]);
    expect((await scene.read(target.ref)).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });

  it('a PUT on the wire is not abandoned: its operation is stored although the step was cancelled', async () => {
    await scene.hold();
    const target = await scene.claim(flexibleServer(scene.namespace, 'on-the-wire'));
    await scene.fault({ method: 'PUT', path: '/on-the-wire', delayMs: 1_000, status: undefined });
    const running = scene.steps.createOrUpdate(input(target)).catch((error: unknown) => error);
    await waitFor(
      async () => readyOf(await scene.read(target.ref))?.message?.includes('waiting for its answer') ?? false,
    );
    await scene.supersede(target.ref);
    await running;
    expect((await scene.stored(target.ref))?.operation).toMatchObject({ method: 'PUT' });
    expect(await sent('on-the-wire')).toHaveLength(1);
    await scene.release();
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ANNOTATIONS } from '../../kube/annotations.ts';
import { FINALIZER } from '../../kube/names.ts';
import type { Manifest } from '../../dev/kube-api.ts';
import { keyOf, readyOf } from '../support/environment.ts';
import { flexibleServer, resourceGroup, secret } from '../cluster/scene.ts';
import { openStepSceneWithGroup, type StepScene } from './step-scene.ts';

const PASSWORD = 'Resolve-1-Canary';

function annotated(manifest: Manifest, policy: string): Manifest {
  const annotations = { [ANNOTATIONS.reconcilePolicy.name]: policy };
  return { ...manifest, metadata: { ...manifest.metadata, annotations } };
}

describe('resolveInputs', () => {
  let scene: StepScene;
  beforeAll(async () => {
    scene = await openStepSceneWithGroup('step-resolve');
    await scene.env.apply(secret(scene.namespace, 'server-admin-pw', { password: PASSWORD }));
  }, 60_000);
  afterAll(() => scene.close());

  const group = (name: string) => resourceGroup(scene.namespace, name);
  const asked = async (name: string) => await scene.requests({ path: new RegExp(`/${name}(\\?|$)`, 'i') });

  it('says gone of what does not exist', async () => {
    const ref = { group: 'resources.azure.com', kind: 'ResourceGroup', namespace: scene.namespace, name: 'never-was' };
    expect(await scene.steps.resolveInputs({ ref, order: scene.order() })).toEqual({ action: 'gone' });
  });

  it.each([
    {
      why: 'an owner that is not there',
      name: 'no-owner',
      spec: { owner: { name: 'missing' } },
      reason: 'WaitingForOwner',
    },
    {
      why: 'a Secret that is not there',
      name: 'no-secret',
      spec: { administratorLoginPassword: { name: 'missing', key: 'password' } },
      reason: 'SecretNotFound',
    },
  ])('waits for $why: it is told, and nothing is claimed', async ({ name, spec, reason }) => {
    const ref = await scene.create(flexibleServer(scene.namespace, name, spec));
    const plan = await scene.steps.resolveInputs({ ref, order: scene.order() });
    expect(plan).toMatchObject({ action: 'wait', reason, generation: 1 });
    const object = await scene.read(ref);
    expect(readyOf(object)).toMatchObject({ status: 'False', reason });
    expect(object.metadata.finalizers ?? []).toEqual([]);
    expect(object.metadata.annotations?.[ANNOTATIONS.resourceId.name]).toBeUndefined();
    expect(await asked(name)).toEqual([]);
  });

  it('waits for a policy that it understands', async () => {
    const ref = await scene.create(annotated(group('odd-policy'), 'Skip'));
    const plan = await scene.steps.resolveInputs({ ref, order: scene.order() });
    expect(plan).toMatchObject({ action: 'wait', reason: 'AnnotationInvalid' });
    expect((await scene.read(ref)).metadata.finalizers ?? []).toEqual([]);
  });

  it('claims before Azure is called, names the inputs without their values, and a second time changes nothing', async () => {
    const ref = await scene.create(flexibleServer(scene.namespace, 'claimed'));
    const plan = await scene.steps.resolveInputs({ ref, order: scene.order() });
    const object = await scene.read(ref);
    const armId = `/subscriptions/${scene.subscription.subscriptionId}/resourceGroups/rg/providers/Microsoft.DBforMySQL/flexibleServers/claimed`;
    expect(plan).toMatchObject({
      action: 'apply',
      target: { ref, uid: object.metadata.uid, generation: 1, armId, apiVersion: '2021-05-01' },
      inputs: [{ path: 'administratorLoginPassword', name: 'server-admin-pw', key: 'password' }],
      exports: false,
      operation: false,
    });
    expect(object.metadata.finalizers).toEqual([FINALIZER]);
    expect(object.metadata.annotations?.[ANNOTATIONS.resourceId.name]).toBe(armId);
    expect(object.metadata.ownerReferences).toMatchObject([{ kind: 'ResourceGroup', name: 'rg' }]);
    expect(await asked('claimed')).toEqual([]);
    expect(JSON.stringify([plan, object])).not.toContain(PASSWORD);
    expect(JSON.stringify([plan, object])).not.toContain(Buffer.from(PASSWORD).toString('base64'));

    expect(await scene.steps.resolveInputs({ ref, order: scene.order() })).toEqual(plan);
    expect((await scene.read(ref)).metadata.resourceVersion).toBe(object.metadata.resourceVersion);
  });

  it('only observes where the policy is skip: nothing holds the resource back', async () => {
    const ref = await scene.create(annotated(group('observed'), 'skip'));
    const plan = await scene.steps.resolveInputs({ ref, order: scene.order() });
    expect(plan).toMatchObject({ action: 'observe', operation: false });
    expect((await scene.read(ref)).metadata.finalizers ?? []).toEqual([]);
  });

  it.each([
    { why: 'is deleted in Azure', name: 'to-delete', policy: 'manage', action: 'delete' },
    { why: 'stays in Azure', name: 'to-detach', policy: 'detach-on-delete', action: 'detach' },
  ])('what was claimed $why when it is deleted under the policy $policy', async ({ name, policy, action }) => {
    const manifest = annotated(group(name), policy);
    const { ref, armId } = await scene.claim(manifest);
    await scene.env.kube.delete(keyOf(manifest));
    const plan = await scene.steps.resolveInputs({ ref, order: scene.order() });
    expect(plan).toMatchObject({ action });
    if (plan.action === 'delete') expect(plan).toMatchObject({ target: { armId }, operation: false });
    expect(await asked(name)).toEqual([]);
  });
});

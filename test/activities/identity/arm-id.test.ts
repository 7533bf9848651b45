import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sealOf } from '../../support/seal-keys.ts';
import { createActivities } from '../../../activities/create-activities.ts';
import { STORED_STATE, type Claim, type StoredState } from '../../../contract/stored-state.ts';
import type { JsonObject } from '../../../kube/contract.ts';
import { ANNOTATIONS } from '../../../kube/annotations.ts';
import { FINALIZER } from '../../../kube/names.ts';
import { STORAGE_VERSION } from '../../../kinds/contract.ts';
import type { Manifest } from '../../../dev/kube-api.ts';
import type { ResourceRef } from '../../../contract/resource-ref.ts';
import { keyOf } from '../../support/environment.ts';
import { databaseAccount, resourceGroup } from '../../cluster/scene.ts';
import { openStepSceneWithGroup, type StepScene } from '../step-scene.ts';

const RESOURCE_ID = ANNOTATIONS.resourceId.name;
const APPLIED = { generation: 1, apiVersion: '2020-06-01', digest: 'some' };

describe('which ARM id a resource without an accepted one is deleted by', () => {
  let scene: StepScene;
  beforeAll(async () => {
    scene = await openStepSceneWithGroup('step-identity');
  }, 60_000);
  afterAll(() => scene.close());

  const idOf = (name: string): string => `/subscriptions/${scene.subscription.subscriptionId}/resourceGroups/${name}`;
  const plan = async (ref: ResourceRef) => await scene.steps.resolveInputs({ ref, order: scene.order() });

  async function store(ref: ResourceRef, stored: Partial<StoredState>): Promise<void> {
    const { uid } = (await scene.read(ref)).metadata;
    const { group, namespace, name } = ref;
    const path = { group, version: STORAGE_VERSION, plural: scene.deps.kinds.find(ref)!.plural, namespace, name };
    const state = { uid, order: { scheduledAt: 1, step: 1 }, ...stored };
    const body = { status: { conditions: [], [STORED_STATE]: state } } as unknown as JsonObject;
    await scene.deps.kube.mergePatch({ ...path, subresource: 'status' }, body, { fieldManager: 'test' });
  }

  /** As another operator, an earlier release or an attacker left it, and then deleted. */
  async function left(manifest: Manifest, armId: string, stored?: Partial<StoredState>): Promise<ResourceRef> {
    const { metadata, ...rest } = manifest;
    const annotations = { [RESOURCE_ID]: armId };
    const ref = await scene.create({ ...rest, metadata: { ...metadata, annotations, finalizers: [FINALIZER] } });
    if (stored) await store(ref, stored);
    await scene.env.kube.delete(keyOf(manifest));
    return ref;
  }

  it('what name and owner give: taken over from ASO, and deleted before the first reconcile', async () => {
    const ref = await left(resourceGroup(scene.namespace, 'own'), idOf('OWN'));
    expect(await plan(ref)).toMatchObject({ action: 'delete', target: { armId: idOf('OWN') } });
  });

  it('refused by Azure, and given the name of another before the deletion: what was claimed is deleted', async () => {
    const manifest = resourceGroup(scene.namespace, 'refused');
    const { ref, armId } = await scene.claim(manifest);
    await store(ref, { refused: true });
    const { spec, ...rest } = manifest;
    await scene.env.apply({ ...rest, spec: { ...(spec as object), azureName: 'victim' } });
    await scene.env.kube.delete(keyOf(manifest));
    expect(await plan(ref)).toMatchObject({ action: 'delete', target: { armId } });
  });

  const account = (name: string): Manifest =>
    databaseAccount(scene.namespace, name, { owner: { name: 'that-is-gone' } });
  const accountId = (name: string, subscription = scene.subscription.subscriptionId): string =>
    `/subscriptions/${subscription}/resourceGroups/gone/providers/Microsoft.DocumentDB/databaseAccounts/${name}`;

  it('an earlier release sent it, and its owner is gone: type, name and subscription decide', async () => {
    const ref = await left(account('legacy'), accountId('legacy'), { applied: APPLIED });
    expect(await plan(ref)).toMatchObject({ action: 'delete', target: { armId: accountId('legacy') } });
  });

  it.each([
    {
      reason: 'another name than that of name and owner',
      made: () => resourceGroup(scene.namespace, 'thief'),
      armId: () => idOf('victim'),
      stored: { applied: APPLIED },
    },
    {
      reason: 'the owner is gone, and nothing was ever sent',
      made: () => account('waited'),
      armId: () => accountId('waited'),
      stored: { fingerprint: 'of a run that waited' },
    },
    {
      reason: 'the owner is gone, and the name is another',
      made: () => account('other-name'),
      armId: () => accountId('victim'),
      stored: { applied: APPLIED },
    },
    {
      reason: 'the owner is gone, and the type is another',
      made: () => account('other-type'),
      armId: () => idOf('other-type'),
      stored: { applied: APPLIED },
    },
    {
      reason: 'the owner is gone, and the subscription is another',
      made: () => account('elsewhere'),
      armId: () => accountId('elsewhere', '99999999-9999-4999-8999-999999999999'),
      stored: { applied: APPLIED },
    },
    {
      reason: 'the owner is gone, and another id was accepted',
      made: () => account('edited'),
      armId: () => accountId('edited'),
      stored: {
        applied: APPLIED,
        claim: { digest: 'of another id', credential: { from: 'global' } },
      },
    },
    {
      reason: 'the owner is gone, and the claim has a form that this release does not know',
      made: () => account('newer'),
      armId: () => accountId('newer'),
      stored: { applied: APPLIED, claim: { form: 2 } as unknown as Claim },
    },
  ])('none: $reason', async ({ made, armId, stored }) => {
    const ref = await left(made(), armId(), stored);
    expect(await plan(ref)).toMatchObject({ action: 'wait', reason: 'ResourceIdMismatch' });
  });

  it('the Lease says what was accepted, until the first status write and after the loss of the key', async () => {
    const manifest = databaseAccount(scene.namespace, 'leased');
    const { ref, armId, claim } = await scene.claim(manifest);
    expect(claim).toMatchObject({
      lease: expect.any(String),
      credential: { from: `${scene.namespace}/aso-credential` },
    });
    expect(await scene.stored(ref)).toBeUndefined();
    await scene.env.kube.delete(keyOf(manifest));
    const otherKey = createActivities({ ...scene.deps, seal: sealOf(new Uint8Array(32)) });
    for (const steps of [scene.steps, otherKey])
      expect(await steps.resolveInputs({ ref, order: scene.order() })).toMatchObject({
        action: 'delete',
        target: { armId, claim: { credential: { from: `${scene.namespace}/aso-credential` } } },
      });
  });
});

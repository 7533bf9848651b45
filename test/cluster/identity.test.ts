import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LiveObject, Manifest } from '../../dev/kube-api.ts';
import { ANNOTATIONS } from '../../kube/annotations.ts';
import { FINALIZER } from '../../kube/names.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { databaseAccount, openScene, readyGroup, resourceGroup, secretKey, type Scene } from './scene.ts';

const RESOURCE_ID = ANNOTATIONS.resourceId.name;
const POLICY = ANNOTATIONS.reconcilePolicy.name;
const OPERATOR = ANNOTATIONS.operatorNamespace.name;
const REQUESTED = ANNOTATIONS.reconcileRequestedAt.name;
const OURS = 'azure-temporal-operator';

const annotated = (manifest: Manifest, annotations: Record<string, string>, finalizers: string[] = []): Manifest => ({
  ...manifest,
  metadata: { ...manifest.metadata, annotations, ...(finalizers.length > 0 && { finalizers }) },
});
const named = (manifest: Manifest, azureName: string): Manifest => ({
  ...manifest,
  spec: { ...(manifest['spec'] as object), azureName },
});

/** What stands in Azure already, and must not be touched. */
async function victimIn(scene: Scene, name: string): Promise<string> {
  const id = `/subscriptions/${scene.subscription.subscriptionId}/resourceGroups/${name}`;
  const body = { location: 'eastus', tags: { of: 'somebody' } };
  expect((await scene.azure.call('PUT', `${id}?api-version=2020-06-01`, body)).status).toBe(201);
  return id;
}

async function expectUntouched(scene: Scene, id: string): Promise<void> {
  const { status, json } = await scene.azure.call('GET', `${id}?api-version=2020-06-01`);
  expect({ status, json }).toMatchObject({ status: 200, json: { location: 'eastus', tags: { of: 'somebody' } } });
}

const writesTo = async (scene: Scene, name: string) =>
  (await scene.requests({ path: new RegExp(`resourceGroups/${name}\\?`, 'i') })).filter(
    ({ method }) => method !== 'GET',
  );

describe('the annotation resource-id is no order (row 2)', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene('identity');
    await readyGroup(scene);
  }, 60_000);
  afterAll(() => scene.close());

  it('set at creation, it is written over: the resource is created under its own name', async () => {
    const { env, namespace } = scene;
    const victim = await victimIn(scene, 'victim-a');
    const group = annotated(resourceGroup(namespace, 'thief-a'), { [RESOURCE_ID]: victim });
    await env.apply(group);
    const ready = await env.waitForReady(keyOf(group));
    expect(ready.metadata.annotations?.[RESOURCE_ID]).toMatch(/resourceGroups\/thief-a$/);
    expect(await writesTo(scene, 'victim-a')).toHaveLength(1);
    await expectUntouched(scene, victim);
  }, 60_000);

  it('set at creation together with the finalizer, as if it were claimed: refused, and told how to get out', async () => {
    const { env, namespace } = scene;
    const victim = await victimIn(scene, 'victim-b');
    const group = annotated(resourceGroup(namespace, 'thief-b'), { [RESOURCE_ID]: victim }, [FINALIZER]);
    await env.apply(group);
    const refused = await env.waitForCondition(keyOf(group), { status: 'False', reason: 'ResourceIdMismatch' });
    expect(readyOf(refused)?.message).toContain(victim);
    expect(readyOf(refused)?.message).toMatch(/resourceGroups\/thief-b\b.*detach-on-delete/s);
    // The way out: it lets go, and leaves both alone.
    await env.kube.patch(keyOf(group), { metadata: { annotations: { [POLICY]: 'detach-on-delete' } } });
    await env.kube.delete(keyOf(group));
    await env.waitForGone(keyOf(group));
    expect(await writesTo(scene, 'thief-b')).toEqual([]);
    await expectUntouched(scene, victim);
  }, 60_000);

  it('an owner that is missing does not help: what was never accepted is not deleted', async () => {
    const { env, namespace, subscription } = scene;
    const account = `victim-${namespace}`;
    const id = `/subscriptions/${subscription.subscriptionId}/resourceGroups/elsewhere/providers/Microsoft.DocumentDB/databaseAccounts/${account}`;
    const plain = databaseAccount(namespace, account, { owner: { name: 'never' } });
    await env.apply(plain);
    await env.waitForCondition(keyOf(plain), { status: 'False', reason: 'WaitingForOwner' });
    await env.apply(annotated(plain, { [RESOURCE_ID]: id }, [FINALIZER]));
    await env.kube.delete(keyOf(plain));
    await env.waitForCondition(keyOf(plain), { status: 'False', reason: 'ResourceIdMismatch' });
    await env.kube.patch(keyOf(plain), { metadata: { annotations: { [POLICY]: 'detach-on-delete' } } });
    await env.waitForGone(keyOf(plain));
    expect(await scene.requests({ path: new RegExp(account) })).toEqual([]);
  }, 60_000);

  it.each([
    { where: 'in the same subscription', foreign: false },
    { where: 'in another subscription', foreign: true },
  ])(
    'set before a deletion to a resource $where, it deletes only what was accepted',
    async ({ foreign }) => {
      const { env, namespace } = scene;
      const other = foreign ? await openScene('identity-other') : scene;
      try {
        const name = foreign ? 'thief-d' : 'thief-c';
        const victim = await victimIn(other, `victim-${name}`);
        const group = resourceGroup(namespace, name);
        await env.apply(group);
        await env.waitForReady(keyOf(group));
        await env.kube.patch(keyOf(group), { metadata: { annotations: { [RESOURCE_ID]: victim } } });
        await env.kube.delete(keyOf(group));
        await env.waitForGone(keyOf(group));
        expect((await writesTo(scene, name)).map(({ method }) => method)).toEqual(['PUT', 'DELETE']);
        await expectUntouched(other, victim);
      } finally {
        if (foreign) other.close();
      }
    },
    60_000,
  );

  it('edited on a resource that is Ready, it is corrected with the next reconcile', async () => {
    const { env, namespace } = scene;
    const victim = await victimIn(scene, 'victim-e');
    const group = resourceGroup(namespace, 'thief-e');
    await env.apply(group);
    const before = await env.waitForReady(keyOf(group));
    const annotations = { [RESOURCE_ID]: victim, [REQUESTED]: '1' };
    await env.kube.patch(keyOf(group), { metadata: { annotations } });
    await waitFor(async () => {
      const now = await env.kube.get(keyOf(group));
      return now?.metadata.annotations?.[RESOURCE_ID] === before.metadata.annotations?.[RESOURCE_ID];
    });
    await expectUntouched(scene, victim);
  }, 60_000);

  it('edited on an owner, it does not send the children elsewhere', async () => {
    const { env, namespace } = scene;
    const victim = await victimIn(scene, 'victim-f');
    const group = resourceGroup(namespace, 'owner-f');
    await env.apply(group);
    await env.waitForReady(keyOf(group));
    await env.kube.patch(keyOf(group), { metadata: { annotations: { [RESOURCE_ID]: victim } } });
    const child = databaseAccount(namespace, `f-${namespace}`, { owner: { name: 'owner-f' } });
    await env.apply(child);
    const ready = await env.waitForReady(keyOf(child));
    expect(ready.status?.['id']).toMatch(/resourceGroups\/owner-f\//);
    expect(await scene.requests({ path: /victim-f\/providers/ })).toEqual([]);
  }, 60_000);
});

describe('what Azure Service Operator managed is taken over', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene('identity-aso');
  }, 60_000);
  afterAll(() => scene.close());

  it('with its finalizer, annotations and labels; it is adopted in Azure, and not created again', async () => {
    const { env, namespace } = scene;
    const id = await victimIn(scene, 'from-aso');
    const aso = { 'serviceoperator.azure.com/poller-resume-id': 'x', [RESOURCE_ID]: id, [OPERATOR]: OURS };
    const { spec, ...rest } = annotated(resourceGroup(namespace, 'from-aso'), aso, [FINALIZER]);
    const manifest = { ...rest, spec: { ...(spec as object), location: 'eastus', tags: { of: 'somebody' } } };
    await env.apply(manifest);
    const ready = await env.waitForReady(keyOf(manifest));
    expect(ready.metadata.annotations?.[RESOURCE_ID]).toBe(id);
    await env.kube.delete(keyOf(manifest));
    await env.waitForGone(keyOf(manifest));
    expect((await writesTo(scene, 'from-aso')).at(-1)).toMatchObject({ method: 'DELETE' });
  }, 60_000);
});

describe('a credential that disappears is not replaced by the global one (row 3)', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene('identity-credential');
    await readyGroup(scene);
  }, 60_000);
  afterAll(() => scene.close());

  it('nothing is sent until the Secret is back; then the deletion goes on', async () => {
    const { env, namespace } = scene;
    const group = keyOf(resourceGroup(namespace));
    const credential = secretKey(namespace, 'aso-credential');
    const was = await env.kube.get(credential);
    // Its finalizer is taken away, as somebody in a hurry does.
    await env.kube.patch(credential, { metadata: { finalizers: null } });
    await env.kube.delete(credential);
    await env.waitForGone(credential);
    const before = (await scene.requests()).length;
    await env.kube.patch(group, { metadata: { annotations: { [REQUESTED]: 'now' } } });
    const refused = await env.waitForCondition(group, { status: 'False', reason: 'CredentialNotFound' });
    expect(readyOf(refused)?.message).toContain(`Secret ${namespace}/aso-credential`);
    await env.kube.delete(group);
    await env.waitForCondition(group, { status: 'False', reason: 'CredentialNotFound' });
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await scene.requests()).toHaveLength(before);

    await env.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'aso-credential', namespace },
      data: was?.data ?? {},
    });
    await env.waitForGone(group, 45_000);
    expect((await scene.requests()).at(-1)).toMatchObject({ method: 'GET', status: 404 });
    expect(await scene.requests({ method: 'DELETE' })).toHaveLength(1);
  }, 90_000);
});

describe('one resource in Azure is managed by one resource (row 6)', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene('identity-index');
    await readyGroup(scene);
  }, 60_000);
  afterAll(() => scene.close());

  const refusal = { status: 'False', severity: 'Warning', reason: 'AlreadyManaged' } as const;
  const leaseOf = async (armId: string): Promise<LiveObject | undefined> => {
    const leases = await scene.env.kube.list({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: OURS });
    return leases.find(({ metadata }) => metadata.annotations?.['azure-temporal-operator.io/arm-id'] === armId);
  };

  it('of two that are created at the same moment, one is told by whom it is managed', async () => {
    const { env, namespace } = scene;
    const pair = ['twin-1', 'twin-2'].map((name) => named(resourceGroup(namespace, name), 'twins'));
    await Promise.all(pair.map((manifest) => env.apply(manifest)));
    const settled = await waitFor(async () => {
      const now = await Promise.all(pair.map((manifest) => env.kube.get(keyOf(manifest))));
      const reasons = now.map((object) => object && readyOf(object)?.reason);
      return reasons.includes('Succeeded') && reasons.includes('AlreadyManaged') ? now : undefined;
    });
    const [winner, loser] = settled.toSorted((a) => (readyOf(a!)?.reason === 'Succeeded' ? -1 : 1));
    expect(readyOf(loser!)?.message).toContain(
      `ResourceGroup.resources.azure.com ${namespace}/${winner!.metadata.name}`,
    );
    expect(loser!.metadata.finalizers ?? []).toEqual([]);
    expect(await writesTo(scene, 'twins')).toHaveLength(1);
  }, 60_000);

  it('a later one waits, and goes on when the first is deleted', async () => {
    const { env, namespace } = scene;
    const [first, second] = ['first', 'second'].map((name) => named(resourceGroup(namespace, name), 'shared'));
    await env.apply(first!);
    await env.waitForReady(keyOf(first!));
    await env.apply(second!);
    await env.waitForCondition(keyOf(second!), refusal);
    await env.kube.delete(keyOf(first!));
    await env.waitForGone(keyOf(first!));
    await env.waitForReady(keyOf(second!), 10_000);
    expect((await writesTo(scene, 'shared')).map(({ method }) => method)).toEqual(['PUT', 'DELETE', 'PUT']);
  }, 60_000);

  it('what waits is deleted without a request to Azure; what is detached is adopted by the next', async () => {
    const { env, namespace } = scene;
    const [one, two, three] = ['one', 'two', 'three'].map((name) => named(resourceGroup(namespace, name), 'handed'));
    await env.apply(annotated(one!, { [POLICY]: 'detach-on-delete' }));
    await env.waitForReady(keyOf(one!));
    for (const manifest of [two!, three!]) {
      await env.apply(manifest);
      await env.waitForCondition(keyOf(manifest), refusal);
    }
    await env.kube.delete(keyOf(two!));
    await env.waitForGone(keyOf(two!), 5_000);
    await env.kube.delete(keyOf(one!));
    await env.waitForReady(keyOf(three!), 10_000);
    expect((await writesTo(scene, 'handed')).map(({ method }) => method)).not.toContain('DELETE');
  }, 60_000);

  it('a GenericResource beside a kind, whatever the case of the id', async () => {
    const { env, namespace, subscription } = scene;
    const account = databaseAccount(namespace, `beside-${namespace}`);
    await env.apply(account);
    await env.waitForReady(keyOf(account));
    const generic: Manifest = {
      apiVersion: 'generic.azure-temporal-operator.io/v1',
      kind: 'GenericResource',
      metadata: { name: 'beside', namespace },
      spec: {
        type: 'microsoft.documentdb/DATABASEACCOUNTS',
        apiVersion: '2021-05-15',
        azureName: account.metadata.name,
        owner: { armId: `/subscriptions/${subscription.subscriptionId}/resourceGroups/RG` },
        body: { location: 'westus2', properties: {} },
      },
    };
    await env.apply(generic);
    const refused = await env.waitForCondition(keyOf(generic), refusal);
    expect(readyOf(refused)?.message).toContain(
      `DatabaseAccount.documentdb.azure.com ${namespace}/${account.metadata.name}`,
    );
    expect(await scene.requests({ method: 'PUT', path: /DATABASEACCOUNTS/ })).toEqual([]);
  }, 60_000);

  it('a name that Azure refused, and that was corrected, is free for the next', async () => {
    const { env, namespace, subscription } = scene;
    const code = 'StorageAccountAlreadyTaken';
    await scene.fault({ method: 'PUT', path: 'resourceGroups/taken', times: 9, status: 409, code, message: 'No.' });
    const group = resourceGroup(namespace, 'corrected');
    await env.apply(named(group, 'taken'));
    await env.waitForCondition(keyOf(group), { status: 'False', reason: code });
    const armId = `/subscriptions/${subscription.subscriptionId}/resourceGroups/taken`;
    expect(await leaseOf(armId)).toBeDefined();
    await env.apply(named(group, 'free'));
    await env.waitForReady(keyOf(group), 15_000);
    expect(await leaseOf(armId)).toBeUndefined();
    expect(await leaseOf(armId.replace('taken', 'free'))).toBeDefined();
  }, 60_000);

  it('a resource that lost its finalizer by force does not block the next', async () => {
    const { env, namespace } = scene;
    const [lost, next] = ['lost', 'next'].map((name) => named(resourceGroup(namespace, name), 'left'));
    await env.apply(lost!);
    const { metadata } = await env.waitForReady(keyOf(lost!));
    const armId = metadata.annotations?.[RESOURCE_ID] ?? '';
    expect(await leaseOf(armId)).toMatchObject({ spec: { holderIdentity: expect.stringContaining('/lost') } });
    await env.kube.patch(keyOf(lost!), { metadata: { finalizers: null } });
    await env.kube.delete(keyOf(lost!));
    await env.apply(next!);
    await env.waitForReady(keyOf(next!));
    expect(await leaseOf(armId)).toMatchObject({ spec: { holderIdentity: expect.stringContaining('/next') } });
    await env.kube.delete(keyOf(next!));
    await env.waitForGone(keyOf(next!));
    await waitFor(async () => (await leaseOf(armId)) === undefined, 5_000);
  }, 60_000);
});

describe('operator-namespace, as in ASO', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene('identity-operator');
  }, 60_000);
  afterAll(() => scene.close());

  it('ours is written with the claim; another operator’s resource is left alone until it is handed over', async () => {
    const { env, namespace } = scene;
    const theirs = annotated(resourceGroup(namespace, 'theirs'), { [OPERATOR]: 'azureserviceoperator-system' });
    await env.apply(theirs);
    const ours = await readyGroup(scene);
    expect(ours.metadata.annotations?.[OPERATOR]).toBe(OURS);
    const alone = await env.kube.get(keyOf(theirs));
    // The default of the CRD: nobody has looked at it.
    expect(alone?.status).toEqual({ observedGeneration: -1 });
    expect(alone?.metadata.finalizers ?? []).toEqual([]);
    expect(await scene.requests({ path: /theirs/ })).toEqual([]);
    await env.kube.patch(keyOf(theirs), { metadata: { annotations: { [OPERATOR]: OURS } } });
    await env.waitForReady(keyOf(theirs), 10_000);
  }, 60_000);

  it('handed to another operator and deleted, it stays in Azure, and the other operator finds its finalizer', async () => {
    const { env, namespace } = scene;
    const group = resourceGroup(namespace, 'moved');
    await env.apply(group);
    await env.waitForReady(keyOf(group));
    await env.kube.patch(keyOf(group), { metadata: { annotations: { [OPERATOR]: 'other' } } });
    await waitFor(
      async () => (await scene.events()).some((event) => 'reason' in event && event.reason === 'Overlap'),
      10_000,
    );
    await env.kube.delete(keyOf(group));
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect((await env.kube.get(keyOf(group)))?.metadata.finalizers).toEqual([FINALIZER]);
    expect(await scene.requests({ method: 'DELETE' })).toEqual([]);
    await env.kube.patch(keyOf(group), { metadata: { annotations: { [OPERATOR]: OURS } } });
    await env.waitForGone(keyOf(group), 15_000);
  }, 60_000);
});

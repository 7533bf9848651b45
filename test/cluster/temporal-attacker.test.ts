import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { TASK_QUEUE, workflowId, WORKFLOW_TYPE, type ResourceRef } from '../../contract/resource-ref.ts';
import { attemptFailed, changed, progress, retry, type Change } from '../../contract/signals.ts';
import type { Target } from '../../contract/steps.ts';
import type { LiveObject, Manifest } from '../../dev/kube-api.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { databaseAccount, flexibleServer, openScene, readyGroup, resourceGroup, secret, type Scene } from './scene.ts';

const OWN_QUEUE = `attacker-${randomUUID()}`;
const PASSWORD = `Attack+1/"${randomUUID()}"`;
const POLICY = 'serviceoperator.azure.com/reconcile-policy';

/**
 * docs/security.md, "whoever reaches Temporal's frontend": with the real client, and with a worker of their own that
 * schedules the operator's steps with inputs of their choice.
 */
describe('whoever reaches Temporal', () => {
  let scene: Scene;
  let connection: Connection;
  let native: NativeConnection;
  let client: Client;
  let worker: Worker;
  let running: Promise<void>;
  let group: LiveObject;
  let order = 0;

  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    scene = await openScene('attacker');
    group = await readyGroup(scene);
    const address = scene.env.stack.temporalAddress;
    connection = await Connection.connect({ address });
    native = await NativeConnection.connect({ address });
    client = new Client({ connection });
    const workflowBundle = await bundleWorkflowCode({
      workflowsPath: join(import.meta.dirname, 'workflows/foreign.ts'),
      logger: new DefaultLogger('ERROR'),
    });
    worker = await Worker.create({ connection: native, taskQueue: OWN_QUEUE, workflowBundle });
    running = worker.run();
  }, 90_000);
  afterAll(async () => {
    worker?.shutdown();
    await running;
    await connection?.close();
    await native?.close();
    scene.close();
  }, 30_000);

  const refOf = ({ apiVersion, kind, metadata: { name } }: Manifest): ResourceRef => ({
    group: apiVersion.split('/')[0] ?? '',
    kind,
    namespace: scene.namespace,
    name,
  });
  const idInAzure = (name: string): string =>
    `/subscriptions/${scene.subscription.subscriptionId}/resourceGroups/${name}`;
  /** A target as `resolveInputs` would have made it, but for what the attack changes. */
  const targetOf = (object: LiveObject, manifest: Manifest, forged: Partial<Target> = {}): Target => ({
    ref: refOf(manifest),
    uid: object.metadata.uid,
    generation: object.metadata.generation ?? 0,
    armId: object.metadata.annotations?.['serviceoperator.azure.com/resource-id'] ?? '',
    apiVersion: '2020-06-01',
    ...forged,
  });
  async function schedule(step: string, input: object): Promise<unknown> {
    order += 1;
    const given = { ...input, order: { scheduledAt: Date.now(), step: order } };
    return await client.workflow
      .execute('foreign', { taskQueue: OWN_QUEUE, workflowId: `foreign-${randomUUID()}`, args: [step, given] })
      .catch((error: unknown) => error);
  }
  const changes = async (path: RegExp): Promise<string[]> =>
    (await scene.requests({ path })).filter(({ method }) => method !== 'GET').map(({ method }) => method);
  const writes = async (name: string): Promise<string[]> =>
    await changes(new RegExp(`/resourceGroups/${name}(\\?|$)`, 'i'));
  const handle = (manifest: Manifest) => client.workflow.getHandle(workflowId(refOf(manifest)));
  const signalWithStart = async (manifest: Manifest, change: Partial<Change>): Promise<unknown> => {
    const facts = { uid: 'u', generation: 1, deleting: false, fingerprint: 'f', dependencies: 'd', ...change };
    const ref = refOf(manifest);
    const run = await client.workflow.signalWithStart(WORKFLOW_TYPE, {
      taskQueue: TASK_QUEUE,
      workflowId: workflowId(ref),
      args: [{ ref }],
      signal: changed,
      signalArgs: [facts],
    });
    return await run.result();
  };

  describe('with steps of their own', () => {
    it.each([
      { what: 'on the resource of somebody else', name: 'somebody-elses' },
      { what: 'on a resource that no custom resource describes', name: 'invented' },
    ])(
      'cannot send a payload $what',
      async ({ name }) => {
        const target = targetOf(group, resourceGroup(scene.namespace), { armId: idInAzure(name) });
        await schedule('createOrUpdate', { target, observe: false, failures: 0 });
        expect(await writes(name)).toEqual([]);
      },
      30_000,
    );

    it('cannot delete the resource of somebody else', async () => {
      const target = targetOf(group, resourceGroup(scene.namespace), { armId: idInAzure('victim') });
      expect(String(await schedule('deleteResource', { target }))).not.toMatch(/operation/);
      expect(await writes('victim')).toEqual([]);
    }, 30_000);

    it('cannot delete a resource that nobody has deleted in Kubernetes, nor take its finalizer', async () => {
      const manifest = resourceGroup(scene.namespace);
      const target = targetOf(group, manifest);
      await schedule('deleteResource', { target });
      await schedule('releaseFinalizer', { ref: target.ref, uid: target.uid });
      expect(await writes('rg')).toEqual(['PUT']);
      expect((await scene.env.kube.get(keyOf(manifest)))?.metadata.finalizers).toHaveLength(1);
    }, 30_000);

    it("cannot have the keys of another account written into this one's Secret", async () => {
      const manifest = databaseAccount(scene.namespace, `keys-${scene.namespace}`, {
        operatorSpec: { secrets: { primaryMasterKey: { name: 'keys', key: 'primary' } } },
      });
      await scene.env.apply(manifest);
      const object = await scene.env.waitForReady(keyOf(manifest));
      const armId = `${idInAzure('rg')}/providers/Microsoft.DocumentDB/databaseAccounts/another`;
      await schedule('fetchKeys', { target: targetOf(object, manifest, { armId, apiVersion: '2021-05-15' }) });
      expect(await scene.requests({ path: /databaseAccounts\/another/i })).toEqual([]);
    }, 60_000);

    it('cannot have a resource written that is only observed', async () => {
      const manifest = resourceGroup(scene.namespace, 'observed');
      const annotations = { [POLICY]: 'skip' };
      await scene.env.apply({ ...manifest, metadata: { ...manifest.metadata, annotations } });
      const object = await scene.env.waitForCondition(keyOf(manifest), { reason: 'AzureResourceNotFound' });
      await schedule('createOrUpdate', { target: targetOf(object, manifest), observe: false, failures: 0 });
      expect(await writes('observed')).toEqual([]);
    }, 60_000);

    it.each([
      { what: 'a Secret', ref: { group: '', kind: 'Secret', namespace: 'default', name: 'aso-credential' } },
      {
        what: 'a path instead of a name',
        ref: { group: 'resources.azure.com', kind: 'ResourceGroup', namespace: '..', name: '../../secrets/x' },
      },
      {
        what: 'a resource that does not exist',
        ref: { group: 'resources.azure.com', kind: 'ResourceGroup', namespace: 'nowhere', name: 'x' },
      },
    ])(
      'get nothing for $what in the place of a resource',
      async ({ ref }) => {
        const answer = await schedule('resolveInputs', { ref });
        const text = answer instanceof Error ? String(answer.cause ?? answer) : JSON.stringify(answer);
        expect(text).toMatch(/gone|does not support that kind|ActivityFailure|failed/);
        expect(text).not.toContain(scene.subscription.clientSecret);
      },
      30_000,
    );
  });

  describe('with forged signals', () => {
    it('make the operator read the resource once more, and nothing else', async () => {
      const manifest = resourceGroup(scene.namespace);
      const before = await writes('rg');
      const forged = [{ deleting: true }, { generation: 99 }, { uid: 'of-nobody' }, { fingerprint: 'gone' }];
      for (const change of forged) {
        expect(await signalWithStart(manifest, change)).toEqual({
          state: 'Ready',
          generation: 1,
          azureResourceId: idInAzure('rg'),
        });
      }
      expect(await writes('rg')).toEqual(before);
      expect(readyOf((await scene.env.kube.get(keyOf(manifest))) as LiveObject)).toMatchObject({ status: 'True' });
    }, 60_000);

    it('cannot stop a run or fill the resource: what no watcher and no step has sent is ignored', async () => {
      const owned = flexibleServer(scene.namespace, 'waits', { owner: { name: 'later' } });
      await scene.env.apply(secret(scene.namespace, 'server-admin-pw', { password: PASSWORD }));
      await scene.env.apply(owned);
      await scene.env.waitForCondition(keyOf(owned), { reason: 'WaitingForOwner' });
      const run = handle(owned);
      const long = 'x'.repeat(900_000);
      for (const garbage of [null, 5, {}, [], { fingerprint: {} }, { uid: 'u', generation: 1, fingerprint: long }])
        await run.signal(changed, garbage as unknown as Change);
      const attempt = { step: 'createOrUpdate', attempt: 1, reason: 'Failed', message: '<script>alert(1)</script>' };
      for (const garbage of [
        5,
        {},
        { ...attempt, reason: {} },
        { ...attempt, message: null },
        { ...attempt, message: long },
      ])
        await run.signal(attemptFailed, garbage as typeof attempt);
      const answer = await run.query(progress);
      expect(answer.lastError?.message).toHaveLength(10_000);
      await run.signal(attemptFailed, attempt);
      expect(JSON.stringify(await scene.env.kube.get(keyOf(owned)))).not.toContain('script');
      // It goes on as if nothing had been sent.
      await scene.env.apply(resourceGroup(scene.namespace, 'later'));
      const ready = await scene.env.waitForReady(keyOf(owned), 60_000);
      expect(JSON.stringify(ready).length).toBeLessThan(20_000);
    }, 120_000);

    it('by hundreds of retries cost reads, and no PUT', async () => {
      const manifest = resourceGroup(scene.namespace);
      const before = await writes('rg');
      const ref = refOf(manifest);
      const storm = Array.from({ length: 200 }, () =>
        client.workflow.signalWithStart(WORKFLOW_TYPE, {
          taskQueue: TASK_QUEUE,
          workflowId: workflowId(ref),
          args: [{ ref }],
          signal: retry,
          signalArgs: [],
        }),
      );
      await Promise.all(storm);
      await handle(manifest).result();
      expect(await writes('rg')).toEqual(before);
    }, 60_000);
  });

  it('cannot start a second run for a resource under another id', async () => {
    const start = client.workflow.execute(WORKFLOW_TYPE, {
      taskQueue: TASK_QUEUE,
      workflowId: `second-${randomUUID()}`,
      args: [{ ref: refOf(resourceGroup(scene.namespace)) }],
    });
    const failure = (await start.catch((error: unknown) => error)) as Error;
    expect(String(failure.cause)).toMatch(/must be for the resource that its workflow id names/);
  }, 30_000);

  it('find no secret in the histories of a resource that has one', async () => {
    const server = flexibleServer(scene.namespace, 'waits', {});
    const bytes = payloadsIn(await handle(server).fetchHistory());
    // What is readable: names, ids, status.
    expect(bytes).toContain('flexibleServers/waits');
    const encoded = Buffer.from(PASSWORD).toString('base64');
    for (const value of [PASSWORD, encoded, scene.subscription.clientSecret]) expect(bytes).not.toContain(value);
  }, 30_000);

  // What is not defended against: docs/security.md says so.
  it('can stop work: a terminated run does nothing until the next change or resync, which continues where it was', async () => {
    const owned = databaseAccount(scene.namespace, `ended-${scene.namespace}`, { owner: { name: 'much-later' } });
    await scene.env.apply(owned);
    await scene.env.waitForCondition(keyOf(owned), { reason: 'WaitingForOwner' });
    await handle(owned).terminate('attack');
    await scene.env.apply(resourceGroup(scene.namespace, 'much-later'));
    await scene.env.waitForReady(keyOf(owned), 60_000);
  }, 90_000);

  it('can lie: an answer in the name of a step makes a resource look Ready; the next reconcile compares with Azure', async () => {
    const manifest = databaseAccount(scene.namespace, `lie-${scene.namespace}`);
    await scene.hold();
    await scene.env.apply(manifest);
    const running = await waitFor(async () => {
      const { raw } = await handle(manifest)
        .describe()
        .catch(() => ({ raw: undefined }));
      return (
        raw?.pendingActivities?.find(({ activityId }) => activityId?.startsWith('pollProvisioning'))?.activityId ??
        undefined
      );
    });
    const lie = { result: 'accepted', status: { id: '/of/the/attacker' }, applied: null, kept: [] };
    await client.activity.complete({ workflowId: workflowId(refOf(manifest)), activityId: running }, lie);
    expect((await scene.env.waitForReady(keyOf(manifest))).status?.['id']).toBe('/of/the/attacker');
    await scene.release();
    const annotations = { 'azure-temporal-operator.io/reconcile-requested-at': 'now' };
    await scene.env.apply({ ...manifest, metadata: { ...manifest.metadata, annotations } });
    await waitFor(async () => {
      const object = await scene.env.kube.get(keyOf(manifest));
      return object?.status?.['id'] !== '/of/the/attacker' && readyOf(object as LiveObject)?.status === 'True';
    });
    expect(await changes(/databaseAccounts\/lie-/i)).not.toContain('DELETE');
  }, 90_000);
});

/** The texts of all payloads of a history. */
function payloadsIn(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  return Object.values(value).map(payloadsIn).join('\n');
}

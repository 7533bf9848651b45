import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { TASK_QUEUE, WORKFLOW_TYPE, workflowId } from '../../contract/resource-ref.ts';
import type { Manifest } from '../../dev/kube-api.ts';
import { keyOf, waitFor } from '../support/environment.ts';
import { storyOf, type Line } from './kubectl.ts';
import { databaseAccount, openScene, readyGroup, resourceGroup, secret, type Scene } from './scene.ts';

/** Each test waits for resources of its own, so they wait beside each other. */
const it = test.concurrent;

const POLICY = 'serviceoperator.azure.com/reconcile-policy';

/** What `kubectl events` tells of a resource, without our tools (docs/events.md). */
describe('the story of a resource', () => {
  let scene: Scene;
  let connection: Connection;
  let group: Manifest;
  beforeAll(async () => {
    scene = await openScene('story');
    connection = await Connection.connect({ address: scene.env.stack.temporalAddress });
    group = resourceGroup(scene.namespace);
    await readyGroup(scene);
  }, 60_000);
  afterAll(async () => {
    await connection?.close();
    scene.close();
  });

  const account = (name: string, spec: object = {}): Manifest =>
    databaseAccount(scene.namespace, `${name}-${scene.namespace}`, { tags: { team: 'one' }, ...spec });
  const idOf = ({ metadata: { name } }: Manifest): string =>
    `/subscriptions/${scene.subscription.subscriptionId}/resourceGroups/rg/providers/Microsoft.DocumentDB/databaseAccounts/${name}`;
  const exportTo = (name: string) => ({
    operatorSpec: { secrets: { primaryMasterKey: { name, key: 'key' } } },
  });

  /** Waits for the last reason; an event comes a moment after what it is about. */
  async function story(manifest: Manifest, last: string): Promise<Line[]> {
    return await waitFor(async () => {
      const lines = await storyOf(scene.env, manifest);
      return lines.at(-1)?.reason === last && lines;
    }, 10_000);
  }
  const reasons = (lines: readonly Line[]): string[] => lines.map(({ reason }) => reason);

  async function ready(manifest: Manifest): Promise<Line[]> {
    await scene.env.apply(manifest);
    await scene.env.waitForReady(keyOf(manifest));
    return await story(manifest, 'Ready');
  }

  /** One reconcile without a change, as a resync makes it. */
  async function reconcile({ apiVersion, kind, metadata: { name } }: Manifest): Promise<void> {
    const ref = { group: apiVersion.split('/')[0] ?? '', kind, namespace: scene.namespace, name };
    const run = await new Client({ connection }).workflow.signalWithStart(WORKFLOW_TYPE, {
      workflowId: workflowId(ref),
      taskQueue: TASK_QUEUE,
      args: [{ ref }],
      signal: 'retry',
    });
    await run.result();
  }

  it('a creation tells three events, four if Azure works on it, in their order', async () => {
    const synchronous = await story(group, 'Ready');
    expect(reasons(synchronous)).toEqual(['Claimed', 'CreateSent', 'Ready']);
    const manifest = account('created');
    const lines = await ready(manifest);
    expect(lines).toEqual([
      expect.objectContaining({ type: 'Normal', reason: 'Claimed', message: `claimed ${idOf(manifest)}` }),
      expect.objectContaining({
        reason: 'CreateSent',
        message: 'generation 1 is sent to Azure with api-version 2021-05-15: the resource is created',
      }),
      expect.objectContaining({ reason: 'AzureWorking', message: `Azure is working on ${idOf(manifest)}` }),
      expect.objectContaining({ type: 'Normal', reason: 'Ready', message: 'generation 1 is ready in Azure' }),
    ]);
    expect(lines[0]?.lastSeen).toMatch(/^\d+(s|m|m\d+s)$/);
  }, 60_000);

  it('a resync that finds nothing tells nothing; an edit tells the update', async () => {
    const manifest = account('quiet');
    const before = await ready(manifest);
    await reconcile(manifest);
    await reconcile(manifest);
    await scene.env.apply(account('quiet', { tags: { team: 'two' } }));
    await scene.env.waitForReady(keyOf(manifest));
    const after = await waitFor(async () => {
      const lines = await storyOf(scene.env, manifest);
      return lines.some(({ message }) => message.startsWith('generation 2 is ready')) && lines;
    });
    // Azure works on the update as on the creation: the same event, which is counted up and so comes later.
    const isRepeated = ({ lastSeen }: { lastSeen: string }): boolean => lastSeen.includes('x');
    const once = reasons(after.filter((line) => !isRepeated(line)));
    expect(once.filter((reason) => reason !== 'AzureWorking')).toEqual([
      ...reasons(before).filter((reason) => reason !== 'AzureWorking'),
      'UpdateSent',
      'Ready',
    ]);
    expect(after.filter(isRepeated).every(({ reason }) => reason === 'AzureWorking')).toBe(true);
  }, 60_000);

  it('a wait is told once, however often its timer fires, and who is waited for', async () => {
    const waiting = account('waits', { owner: { name: 'not-yet' } });
    await scene.env.apply(waiting);
    await scene.env.waitForCondition(keyOf(waiting), { reason: 'WaitingForOwner' });
    const { kind, metadata } = waiting;
    const ref = { group: 'documentdb.azure.com', kind, namespace: scene.namespace, name: metadata.name };
    const run = new Client({ connection }).workflow.getHandle(workflowId(ref));
    const steps = async () => (await run.describe()).historyLength;
    const before = await steps();
    await run.signal('retry');
    await waitFor(async () => (await steps()) > before + 5);
    expect(await story(waiting, 'WaitingForOwner')).toEqual([
      expect.objectContaining({
        type: 'Warning',
        lastSeen: expect.not.stringContaining('x'),
        message: expect.stringContaining('not-yet'),
      }),
    ]);
    await scene.env.apply(resourceGroup(scene.namespace, 'not-yet'));
    await scene.env.waitForReady(keyOf(waiting));
    const whole = await story(waiting, 'Ready');
    // The owner that appeared may have been seen before it was Ready: another wait, with other words.
    const waits = whole.filter(({ reason }) => reason === 'WaitingForOwner');
    expect(new Set(waits.map(({ message }) => message)).size).toBe(waits.length);
    expect(reasons(whole.slice(waits.length - 1))).toEqual([
      'WaitingForOwner',
      'Claimed',
      'CreateSent',
      'AzureWorking',
      'Ready',
    ]);
  }, 60_000);

  it('a failure is told once, with Azure’s reason; attempts that fail alike say nothing, whatever their ids', async () => {
    const manifest = account('fails');
    const code = 'AnotherOperationInProgress';
    for (const id of ['11111111-2222-3333-4444-555555555555', '99999999-2222-3333-4444-555555555555'])
      await scene.fault({
        method: 'PUT',
        path: 'fails-',
        status: 409,
        code,
        message: `Wait. Request ${id}.`,
        times: 1,
      });
    expect(reasons(await ready(manifest))).toEqual(['Claimed', 'CreateSent', code, 'AzureWorking', 'Ready']);
    const [failure] = (await storyOf(scene.env, manifest)).filter(({ reason }) => reason === code);
    expect(failure).toMatchObject({ type: 'Warning', message: expect.stringContaining('Wait. Request 1111') });
    expect(failure?.lastSeen).not.toContain('x');
    expect((await scene.requests({ method: 'PUT', path: /fails-/ })).map(({ status }) => status)).toEqual([
      409,
      409,
      expect.any(Number),
    ]);
  }, 60_000);

  it('a failure that passes and comes again is one event that kubectl counts', async () => {
    const manifest = account('again');
    await ready(manifest);
    const code = 'InvalidRequestContent';
    const fault = { method: 'PUT', path: 'again-', status: 400, code, message: 'No.' };
    for (const team of ['two', 'three']) {
      await scene.fault(fault);
      await scene.env.apply(account('again', { tags: { team } }));
      await scene.env.waitForCondition(keyOf(manifest), { status: 'False', reason: code });
    }
    const failure = await waitFor(async () =>
      (await storyOf(scene.env, manifest)).find(({ reason, lastSeen }) => reason === code && lastSeen.includes('x')),
    );
    expect(failure.lastSeen).toMatch(/^\S+ \(x2 over \S+\)$/);
  }, 60_000);

  it.each([
    {
      what: 'a field that somebody else changed is told, and its correction',
      name: 'drifts',
      drift: { patch: { tags: { team: 'two' } } },
      told: ['DriftFound', 'DriftCorrected'],
      message: /changed tags\S* in Azure: generation 1 is sent again/,
    },
    {
      what: 'a value that Azure keeps is left alone, and told',
      name: 'insists',
      drift: { insist: true, patch: { tags: { team: 'azure' } } },
      told: ['DriftFound', 'AzureKeepsValue'],
      message: /changed tags/,
    },
    {
      what: 'a resource that somebody else deleted is created again',
      name: 'vanishes',
      drift: { delete: true },
      told: ['GoneFromAzure', 'DriftCorrected'],
      message: /deleted it in Azure/,
    },
  ])(
    '$what',
    async ({ name, drift, told, message }) => {
      const manifest = account(name);
      const before = await ready(manifest);
      await scene.tell('drift', { id: idOf(manifest), ...drift });
      await reconcile(manifest);
      const [first = '', last = ''] = told;
      const lines = await story(manifest, last);
      expect(lines.find(({ reason }) => reason === first)?.message).toMatch(message);
      const known = new Set([...reasons(before), ...told]);
      expect(reasons(lines).filter((reason) => !known.has(reason))).toEqual([]);
      await reconcile(manifest);
      expect(await storyOf(scene.env, manifest)).toHaveLength(lines.length);
    },
    60_000,
  );

  it('Ready names what holds the exports; a destination of somebody else is told as a failure', async () => {
    const lines = await ready(account('exports', exportTo('exports-out')));
    expect(lines.at(-1)?.message).toBe('generation 1 is ready in Azure; its exports are in Secret exports-out');
    const { env, namespace } = scene;
    await env.kube.apply(secret(namespace, 'not-ours', { theirs: 'stays' }), 'somebody');
    const refused = account('conflict', exportTo('not-ours'));
    await env.apply(refused);
    const reason = 'FailedWritingAdditionalKubernetesObjects';
    await env.waitForCondition(keyOf(refused), { status: 'False', reason });
    expect((await story(refused, reason)).at(-1)?.message).toContain(`Secret ${namespace}/not-ours`);
  }, 60_000);

  it('an export of a Ready resource that is written with another value is told', async () => {
    const manifest = account('rotated', exportTo('rotated-out'));
    await ready(manifest);
    await scene.env.kube.delete({ apiVersion: 'v1', kind: 'Secret', name: 'rotated-out', namespace: scene.namespace });
    const lines = await waitFor(async () => {
      await reconcile(manifest);
      const all = await storyOf(scene.env, manifest);
      return all.at(-1)?.reason === 'ExportsWritten' && all;
    });
    expect(lines.at(-1)?.message).toBe('wrote Secret rotated-out');
  }, 60_000);

  it('a deletion is told to its end', async () => {
    const manifest = account('deleted');
    const before = await ready(manifest);
    await scene.env.kube.delete(keyOf(manifest));
    await scene.env.waitForGone(keyOf(manifest));
    const lines = await story(manifest, 'Released');
    expect(reasons(lines).slice(before.length)).toEqual(['Deleting', 'Released']);
    expect(lines.at(-2)?.message).toBe(`the deletion of ${idOf(manifest)} is sent to Azure`);
  }, 60_000);

  it('a resource that a policy leaves in Azure is told to be detached', async () => {
    const plain = account('detached');
    const manifest = { ...plain, metadata: { ...plain.metadata, annotations: { [POLICY]: 'detach-on-delete' } } };
    const before = await ready(manifest);
    await scene.env.kube.delete(keyOf(manifest));
    await scene.env.waitForGone(keyOf(manifest));
    const lines = await story(manifest, 'Released');
    expect(reasons(lines).slice(before.length)).toEqual(['Detached', 'Released']);
    expect(lines.at(-2)?.message).toBe(`${idOf(manifest)} stays in Azure: reconcile-policy is detach-on-delete`);
  }, 60_000);

  it('a namespace that is being deleted refuses events; the resources in it are deleted all the same', async () => {
    const other = await openScene('story-gone');
    try {
      await readyGroup(other);
      await other.env.kube.delete({ apiVersion: 'v1', kind: 'Namespace', name: other.namespace });
      await other.env.waitForGone(keyOf(resourceGroup(other.namespace)));
      expect(await other.requests({ method: 'DELETE', path: /resourceGroups\/rg/i })).not.toEqual([]);
    } finally {
      other.close();
    }
  }, 60_000);
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { keyOf, waitFor } from '../support/environment.ts';
import { databaseAccount, flexibleServer, openScene, readyGroup, secret, type Scene } from './scene.ts';

type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

describe('what the Temporal UI shows of a resource', () => {
  let scene: Scene;
  let connection: Connection;
  let client: Client;
  beforeAll(async () => {
    scene = await openScene('ui');
    connection = await Connection.connect({ address: scene.env.stack.temporalAddress });
    client = new Client({ connection });
    await readyGroup(scene);
  }, 60_000);
  afterAll(async () => {
    await connection?.close();
    scene.close();
  });

  const handleOf = (kind: string, group: string, name: string): WorkflowHandle =>
    client.workflow.getHandle(`${kind}.${group}/${scene.namespace}/${name}`);
  const attributesOf = async (handle: WorkflowHandle): Promise<Record<string, unknown>> => {
    const { typedSearchAttributes } = await handle.describe();
    return Object.fromEntries(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]));
  };

  it('the list has kind, name, namespace, state and ARM id as columns', async () => {
    const id = `/subscriptions/${scene.subscription.subscriptionId}/resourceGroups/rg`;
    await waitFor(
      async () =>
        (await attributesOf(handleOf('ResourceGroup', 'resources.azure.com', 'rg')))['AzureState'] === 'Ready',
    );
    expect(await attributesOf(handleOf('ResourceGroup', 'resources.azure.com', 'rg'))).toMatchObject({
      AzureKind: 'ResourceGroup',
      KubeName: 'rg',
      KubeNamespace: scene.namespace,
      AzureState: 'Ready',
      AzureResourceId: id,
    });
  });

  it('the page of a run shows step, attempt, last error and next retry; the query returns the same', async () => {
    const name = `poll-${scene.namespace}`;
    const manifest = databaseAccount(scene.namespace, name);
    await scene.fault({
      method: 'PUT',
      path: `/${name}`,
      times: 1,
      status: 429,
      code: 'TooManyRequests',
      message: 'Slow down.',
      retryAfter: 4,
    });
    await scene.env.apply(manifest);
    const handle = handleOf('DatabaseAccount', 'documentdb.azure.com', name);
    await scene.env.waitForCondition(keyOf(manifest), { status: 'False', reason: 'TooManyRequests' });
    const { raw } = await waitFor(async () => {
      const description = await handle.describe();
      return (description.raw.pendingActivities ?? []).some(({ lastFailure }) => lastFailure) ? description : undefined;
    });
    const pending = raw.pendingActivities?.[0];
    expect(pending).toMatchObject({ activityId: 'createOrUpdate', attempt: 2 });
    expect(pending?.lastFailure).toMatchObject({
      message: 'Slow down.',
      applicationFailureInfo: { type: 'TooManyRequests' },
    });
    expect(Number(pending?.scheduledTime?.seconds) * 1000).toBeGreaterThan(Date.now());
    expect(await handle.query('progress')).toMatchObject({ state: 'Applying', step: 'createOrUpdate', generation: 1 });
    await scene.env.waitForReady(keyOf(manifest));
  }, 60_000);

  it('each step has its name as activity id or as the name of its local-activity marker, and a summary', async () => {
    const name = `steps-${scene.namespace}`;
    const operatorSpec = { secrets: { primaryMasterKey: { name: 'ui-keys', key: 'key' } } };
    const manifest = databaseAccount(scene.namespace, name, { operatorSpec });
    await scene.env.apply(manifest);
    await scene.env.waitForReady(keyOf(manifest));
    const handle = handleOf('DatabaseAccount', 'documentdb.azure.com', name);
    // The markers of local activities are written with the end of the run, after the resource is Ready.
    await handle.result();
    const { events } = await handle.fetchHistory();
    const steps = (events ?? []).flatMap((event) => {
      const name = event.activityTaskScheduledEventAttributes?.activityId ?? localActivityOf(event);
      return name ? [[name, Buffer.from(event.userMetadata?.summary?.data ?? []).toString()]] : [];
    });
    const short = `databaseAccounts/${name}`;
    expect(steps).toEqual([
      ['resolveInputs', '"Read the resource, its owner and its inputs"'],
      ['createOrUpdate', `"Apply generation 1 to ${short}"`],
      ['pollProvisioning', `"Wait for Azure to finish ${short}"`],
      ['fetchKeys', '"Fetch the values to export"'],
      ['writeSecrets', '"Write the Secrets and ConfigMaps"'],
      ['patchReady', '"Report Ready"'],
    ]);
  }, 60_000);

  it('keys that cannot be fetched are shown by state and reason', async () => {
    const { env, namespace } = scene;
    const name = `export-${namespace}`;
    const manifest = databaseAccount(namespace, name, {
      operatorSpec: { secrets: { primaryMasterKey: { name: `${name}-out`, key: 'k' } } },
    });
    await scene.fault({
      method: 'POST',
      path: `/${name}/listKeys`,
      times: 100,
      status: 503,
      code: 'ServiceUnavailable',
    });
    await env.apply(manifest);
    await env.waitForCondition(keyOf(manifest), { status: 'False', reason: 'ServiceUnavailable' });
    const handle = handleOf('DatabaseAccount', 'documentdb.azure.com', name);
    await waitFor(async () => {
      const { AzureState, ErrorCode } = await attributesOf(handle);
      return AzureState === 'Exporting' && ErrorCode === 'ServiceUnavailable';
    }, 30_000);
    await scene.heal();
    await env.waitForReady(keyOf(manifest));
    await waitFor(async () => (await attributesOf(handle))['AzureState'] === 'Ready');
  }, 60_000);

  it('a wait is shown by state and reason, which are cleared when it ends', async () => {
    const { env, namespace } = scene;
    const manifest = flexibleServer(namespace, `waits-${namespace}`);
    await env.apply(manifest);
    const handle = handleOf('FlexibleServer', 'dbformysql.azure.com', manifest.metadata.name);
    await env.waitForCondition(keyOf(manifest), { status: 'False', reason: 'SecretNotFound' });
    await waitFor(async () => (await attributesOf(handle))['AzureState'] === 'Waiting');
    expect(await attributesOf(handle)).toMatchObject({ ErrorCode: 'SecretNotFound' });
    expect(await handle.query('progress')).toMatchObject({
      state: 'Waiting',
      waitingFor: expect.stringContaining('server-admin-pw'),
    });
    await env.apply(secret(namespace, 'server-admin-pw', { password: 'S3cret-of-the-ui-test' }));
    await env.waitForReady(keyOf(manifest));
    await waitFor(async () => (await attributesOf(handle))['AzureState'] === 'Ready');
    expect(await attributesOf(handle)).not.toHaveProperty('ErrorCode');
  }, 60_000);
});

/** The step of a marker that a local activity leaves. */
function localActivityOf({ markerRecordedEventAttributes: marker }: HistoryEvent): string | undefined {
  if (marker?.markerName !== 'core_local_activity') return undefined;
  const data = marker.details?.['data']?.payloads?.[0]?.data ?? [];
  return (JSON.parse(Buffer.from(data).toString()) as { activity_type: string }).activity_type;
}

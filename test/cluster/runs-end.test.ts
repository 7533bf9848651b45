import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import {
  databaseAccount,
  flexibleServer,
  openScene,
  readyGroup,
  resourceGroup,
  secret,
  secretKey,
  secretValues,
  type Scene,
} from './scene.ts';

describe('a run is one reconcile', () => {
  let scene: Scene;
  let connection: Connection;
  let client: Client;
  beforeAll(async () => {
    scene = await openScene('runs-end');
    connection = await Connection.connect({ address: scene.env.stack.temporalAddress });
    client = new Client({ connection });
    await readyGroup(scene);
  }, 60_000);
  afterAll(async () => {
    await connection?.close();
    scene.close();
  });

  const account = (name: string, spec: object = {}) =>
    databaseAccount(scene.namespace, `${name}-${scene.namespace}`, spec);
  const runOf = (kind: string, name: string) => client.workflow.getHandle(`${kind}/${scene.namespace}/${name}`);
  const running = async (): Promise<string[]> => {
    const query = `ExecutionStatus="Running" AND KubeNamespace="${scene.namespace}"`;
    const ids: string[] = [];
    for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId);
    return ids;
  };

  it('Completed says what was reached, and nothing is Running once all has settled', async () => {
    const { status, closeTime } = await waitFor(async () => {
      const run = await runOf('ResourceGroup.resources.azure.com', 'rg').describe();
      return run.status.name === 'COMPLETED' ? run : undefined;
    });
    expect(status.name).toBe('COMPLETED');
    expect(closeTime).toBeDefined();
    expect(await runOf('ResourceGroup.resources.azure.com', 'rg').result()).toEqual({
      state: 'Ready',
      generation: 1,
      azureResourceId: `/subscriptions/${scene.subscription.subscriptionId}/resourceGroups/rg`,
    });
    await waitFor(async () => (await running()).length === 0);
  }, 40_000);

  it('a resource that waits has an open run', async () => {
    const manifest = flexibleServer(scene.namespace, `waits-${scene.namespace}`);
    await scene.env.apply(manifest);
    await scene.env.waitForCondition(keyOf(manifest), { reason: 'SecretNotFound' });
    await waitFor(async () => (await running()).some((id) => id.endsWith(manifest.metadata.name)));
    await scene.env.kube.delete(keyOf(manifest));
    await waitFor(async () => (await running()).length === 0);
  }, 40_000);

  it('an empty Secret value, and one that is no text, are told where they are (row 44)', async () => {
    const manifest = flexibleServer(scene.namespace, `empty-${scene.namespace}`, {
      administratorLoginPassword: { name: 'empty-pw', key: 'password' },
    });
    await scene.env.apply(secret(scene.namespace, 'empty-pw', { password: '' }));
    await scene.env.apply(manifest);
    const waiting = await scene.env.waitForCondition(keyOf(manifest), { status: 'False', reason: 'InputEmpty' });
    expect(readyOf(waiting)?.message).toContain('empty-pw');
    const binary = {
      ...secret(scene.namespace, 'empty-pw', {}),
      data: { password: Buffer.from([0xff, 0xfe]).toString('base64') },
    };
    await scene.env.apply(binary);
    await scene.env.waitForCondition(keyOf(manifest), { status: 'False', reason: 'InputNotText' });
    await scene.env.apply(secret(scene.namespace, 'empty-pw', { password: 'A-real-passw0rd' }));
    await scene.env.waitForReady(keyOf(manifest));
  }, 60_000);

  it('a misspelled policy is told, and nothing is deleted because of it (row 43)', async () => {
    const name = `group-${scene.namespace}`;
    const manifest = resourceGroup(scene.namespace, name);
    await scene.env.apply(manifest);
    await scene.env.waitForReady(keyOf(manifest));
    const annotations = { 'serviceoperator.azure.com/reconcile-policy': 'Skip' };
    await scene.env.apply({ ...manifest, metadata: { ...manifest.metadata, annotations } });
    await scene.env.waitForCondition(keyOf(manifest), { status: 'False', reason: 'AnnotationInvalid' });
    await scene.env.kube.delete(keyOf(manifest));
    const path = new RegExp(`/resourceGroups/${name}(\\?|$)`, 'i');
    await waitFor(async () => {
      const object = await scene.env.kube.get(keyOf(manifest));
      return object?.metadata.deletionTimestamp !== undefined && readyOf(object)?.reason === 'AnnotationInvalid';
    });
    expect(await scene.requests({ method: 'DELETE', path })).toHaveLength(0);
    annotations['serviceoperator.azure.com/reconcile-policy'] = 'detach-on-delete';
    await scene.env.apply({ ...manifest, metadata: { ...manifest.metadata, annotations } });
    await scene.env.waitForGone(keyOf(manifest));
    expect(await scene.requests({ method: 'DELETE', path })).toHaveLength(0);
  }, 60_000);

  it('what was in the way is gone, and the reconcile that had failed for it goes on at once (row 28)', async () => {
    await scene.env.apply(secret(scene.namespace, 'in-the-way', { key: 'foreign' }));
    const manifest = account('foreign', {
      operatorSpec: { secrets: { primaryMasterKey: { name: 'in-the-way', key: 'key' } } },
    });
    await scene.env.apply(manifest);
    const reason = 'FailedWritingAdditionalKubernetesObjects';
    await scene.env.waitForCondition(keyOf(manifest), { status: 'False', severity: 'Error', reason });
    const run = runOf('DatabaseAccount.documentdb.azure.com', manifest.metadata.name);
    await waitFor(async () => (await run.describe()).status.name === 'FAILED');
    await scene.env.kube.delete(secretKey(scene.namespace, 'in-the-way'));
    await scene.env.waitForReady(keyOf(manifest), 15_000);
    expect(await secretValues(scene, 'in-the-way')).not.toEqual({ key: 'foreign' });
  }, 60_000);

  it('a key of our Secret that somebody edited is written back, and an Event tells (row 29)', async () => {
    const manifest = account('edited', {
      operatorSpec: { secrets: { primaryMasterKey: { name: 'ours', key: 'key' } } },
    });
    await scene.env.apply(manifest);
    await scene.env.waitForReady(keyOf(manifest));
    const before = await secretValues(scene, 'ours');
    await scene.env.kube.apply(secret(scene.namespace, 'ours', { key: 'edited', more: 'theirs' }));
    const annotations = { 'azure-temporal-operator.io/reconcile-requested-at': 'now' };
    await scene.env.apply({ ...manifest, metadata: { ...manifest.metadata, annotations } });
    await waitFor(async () => (await secretValues(scene, 'ours'))?.['key'] === before?.['key']);
    expect(await secretValues(scene, 'ours')).toMatchObject({ more: 'theirs' });
    await scene.env.waitForReady(keyOf(manifest));
    await waitFor(async () =>
      (await scene.events()).some((event) => JSON.stringify(event).includes('ExportTakenBack')),
    );
  }, 60_000);

  it('a deletion that is locked hears retry, and goes on (row 3)', async () => {
    const manifest = account('locked');
    await scene.env.apply(manifest);
    await scene.env.waitForReady(keyOf(manifest));
    await scene.fault({
      method: 'DELETE',
      path: '/locked-',
      status: 409,
      code: 'ScopeLocked',
      message: 'There is a lock.',
    });
    await scene.env.kube.delete(keyOf(manifest));
    await scene.env.waitForCondition(keyOf(manifest), { status: 'False', reason: 'ScopeLocked', severity: 'Warning' });
    await runOf('DatabaseAccount.documentdb.azure.com', manifest.metadata.name).signal('retry');
    await scene.env.waitForGone(keyOf(manifest), 20_000);
  }, 60_000);
});

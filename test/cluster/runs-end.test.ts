import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { workflowId } from '../../contract/resource-ref.ts';
import type { Manifest } from '../../dev/kube-api.ts';
import { keyOf, waitFor } from '../support/environment.ts';
import { databaseAccount, openScene, readyGroup, resourceGroup, type Scene } from './scene.ts';

describe('a run is one reconcile, and it ends (issue 8, point 1)', () => {
  let connection: Connection;
  let temporal: Client['workflow'];
  const scenes: Scene[] = [];
  const open = async (): Promise<Scene> => {
    const scene = await openScene('runs');
    scenes.push(scene);
    return scene;
  };
  beforeAll(async () => {
    const scene = await open();
    connection = await Connection.connect({ address: scene.env.stack.temporalAddress });
    temporal = new Client({ connection }).workflow;
  }, 60_000);
  afterAll(async () => {
    await connection?.close();
    scenes.forEach((scene) => scene.close());
  });

  const idOf = ({ apiVersion, kind, metadata: { name, namespace = '' } }: Manifest): string =>
    workflowId({ group: apiVersion.split('/')[0] ?? '', kind, namespace, name });
  const statusOf = async (manifest: Manifest): Promise<string> =>
    (await temporal.getHandle(idOf(manifest)).describe()).status.name;
  const running = async (namespace: string): Promise<string[]> => {
    const ids: string[] = [];
    const query = `ExecutionStatus="Running" AND KubeNamespace="${namespace}"`;
    for await (const { workflowId: id } of temporal.list({ query })) ids.push(id);
    return ids;
  };

  it('when all resources are Ready, no run of the namespace is Running: each is Completed with its result', async () => {
    const scene = await open();
    const { env, namespace, subscription } = scene;
    const group = await readyGroup(scene);
    const account = databaseAccount(namespace, `done-${namespace}`);
    await env.apply(account);
    await env.waitForReady(keyOf(account));
    await waitFor(async () => (await running(namespace)).length === 0, 15_000);
    expect(await statusOf(account)).toBe('COMPLETED');
    const id = `/subscriptions/${subscription.subscriptionId}/resourceGroups/rg`;
    expect(await temporal.getHandle(idOf(resourceGroup(namespace))).result()).toEqual({
      state: 'Ready',
      generation: group.metadata.generation,
      azureResourceId: id,
    });
    expect(await temporal.getHandle(idOf(account)).result()).toEqual({
      state: 'Ready',
      generation: 1,
      azureResourceId: `${id}/providers/Microsoft.DocumentDB/databaseAccounts/done-${namespace}`,
    });
  }, 60_000);

  it('the run of a deletion is Completed as Deleted', async () => {
    const scene = await open();
    const { env, namespace, subscription } = scene;
    await readyGroup(scene);
    const group = resourceGroup(namespace);
    await env.kube.delete(keyOf(group));
    await env.waitForGone(keyOf(group));
    expect(await temporal.getHandle(idOf(group)).result()).toEqual({
      state: 'Deleted',
      generation: expect.any(Number),
      azureResourceId: `/subscriptions/${subscription.subscriptionId}/resourceGroups/rg`,
    });
    await waitFor(async () => (await running(namespace)).length === 0, 15_000);
  }, 60_000);

  it('a run that fails until the resource changes is Failed, with the reason as its type', async () => {
    const scene = await open();
    const { env, namespace } = scene;
    const code = 'InvalidRequestContent';
    const group = resourceGroup(namespace);
    await scene.fault({ method: 'PUT', status: 400, code, message: 'The content is invalid.' });
    await env.apply(group);
    await env.waitForCondition(keyOf(group), { status: 'False', severity: 'Error', reason: code });
    await waitFor(async () => (await running(namespace)).length === 0, 15_000);
    expect(await statusOf(group)).toBe('FAILED');
    await expect(temporal.getHandle(idOf(group)).result()).rejects.toMatchObject({ cause: { type: code } });
  }, 60_000);

  it('a run that waits, and one that retries, are Running', async () => {
    const scene = await open();
    const { env, namespace } = scene;
    await readyGroup(scene);
    const waiting = databaseAccount(namespace, `waits-${namespace}`, { owner: { name: 'nobody' } });
    const later = databaseAccount(namespace, `later-${namespace}`);
    await scene.fault({ method: 'PUT', path: '/later-', status: 400, code: 'BadRequest', message: 'Not now.' });
    for (const manifest of [waiting, later]) await env.apply(manifest);
    await env.waitForCondition(keyOf(waiting), { status: 'False', reason: 'WaitingForOwner' });
    await env.waitForCondition(keyOf(later), { status: 'False', reason: 'BadRequest' });
    const open_ = [idOf(waiting), idOf(later)].sort();
    await waitFor(async () => JSON.stringify((await running(namespace)).sort()) === JSON.stringify(open_), 15_000);
    await env.kube.delete(keyOf(waiting));
    await waitFor(async () => (await running(namespace)).length === 1, 15_000);
  }, 60_000);
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { workflowId } from '../../contract/resource-ref.ts';
import type { Manifest } from '../../dev/kube-api.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { databaseAccount, openScene, readyGroup, resourceGroup, type Scene } from './scene.ts';

/** Each test waits for resources of its own, so they wait beside each other. */
const it = test.concurrent;

const POLICY = 'serviceoperator.azure.com/reconcile-policy';

describe('a deletion', () => {
  let connection: Connection;
  const scenes: Scene[] = [];
  const open = async (): Promise<Scene> => {
    const scene = await openScene('deletions');
    scenes.push(scene);
    return scene;
  };
  beforeAll(async () => {
    const { env } = await open();
    connection = await Connection.connect({ address: env.stack.temporalAddress });
  }, 60_000);
  afterAll(async () => {
    await connection?.close();
    scenes.forEach((scene) => scene.close());
  });

  const runOf = ({ apiVersion, kind, metadata: { name, namespace = '' } }: Manifest) => {
    const group = apiVersion.split('/')[0] ?? '';
    return new Client({ connection }).workflow.getHandle(workflowId({ group, kind, namespace, name }));
  };
  const deletesOf = async (scene: Scene, { metadata: { name } }: Manifest) =>
    await scene.requests({ method: 'DELETE', path: new RegExp(`/${name}\\?`, 'i') });

  async function readyAccount(scene: Scene): Promise<Manifest> {
    await readyGroup(scene);
    const account = databaseAccount(scene.namespace, `gone-${scene.namespace}`);
    await scene.env.apply(account);
    await scene.env.waitForReady(keyOf(account));
    return account;
  }
  /** Deleted, and Azure refuses it because of a lock, for as long as the test lasts. */
  async function locked(scene: Scene): Promise<Manifest> {
    const account = await readyAccount(scene);
    const { env } = scene;
    await scene.fault({ method: 'DELETE', times: 99, status: 409, code: 'ScopeLocked', message: 'There is a lock.' });
    await env.kube.delete(keyOf(account));
    const held = await env.waitForCondition(keyOf(account), { status: 'False', reason: 'ScopeLocked' });
    expect(readyOf(held)?.message).toContain('There is a lock.');
    return account;
  }

  it('that a lock refuses continues at once when the annotation retry is set after the lock was removed (row 3)', async () => {
    const scene = await open();
    const account = await locked(scene);
    await scene.heal();
    await runOf(account).signal('retry');
    await waitFor(async () => (await deletesOf(scene, account)).some(({ status }) => status < 300), 5_000);
    await scene.env.waitForGone(keyOf(account));
  }, 60_000);

  it('that a lock refuses ends when the policy becomes detach-on-delete: Azure keeps the locked resource (row 3)', async () => {
    const scene = await open();
    const account = await locked(scene);
    await scene.env.kube.patch(keyOf(account), { metadata: { annotations: { [POLICY]: 'detach-on-delete' } } });
    await scene.env.waitForGone(keyOf(account), 10_000);
    expect((await deletesOf(scene, account)).filter(({ status }) => status !== 409)).toEqual([]);
  }, 60_000);

  it('whose operation fails shows the error and sends the DELETE again; its run never ends as Failed (row 3)', async () => {
    const scene = await open();
    const { env } = scene;
    const account = await readyAccount(scene);
    await scene.hold();
    await env.kube.delete(keyOf(account));
    await env.waitForCondition(keyOf(account), { status: 'False', reason: 'Deleting' });
    await waitFor(async () => (await deletesOf(scene, account)).length === 1);
    await scene.finish({ code: 'ResourceInUse', message: 'It is in use.' });
    const held = await env.waitForCondition(keyOf(account), { status: 'False', reason: 'ResourceInUse' });
    expect(readyOf(held)?.message).toContain('It is in use.');
    expect((await runOf(account).describe()).status.name).toBe('RUNNING');
    await runOf(account).signal('retry');
    await waitFor(async () => (await deletesOf(scene, account)).length === 2, 10_000);
    await scene.release();
    await env.waitForGone(keyOf(account));
  }, 60_000);

  it('that waits after a failed operation ends when the policy becomes detach-on-delete (row 3)', async () => {
    const scene = await open();
    const { env } = scene;
    const account = await readyAccount(scene);
    await scene.hold();
    await env.kube.delete(keyOf(account));
    await waitFor(async () => (await deletesOf(scene, account)).length === 1);
    await scene.finish({ code: 'ResourceInUse', message: 'It is in use.' });
    await env.waitForCondition(keyOf(account), { status: 'False', reason: 'ResourceInUse' });
    await env.kube.patch(keyOf(account), { metadata: { annotations: { [POLICY]: 'detach-on-delete' } } });
    await env.waitForGone(keyOf(account), 10_000);
    expect(await deletesOf(scene, account)).toHaveLength(1);
  }, 60_000);

  it('whose operation succeeded takes 403 for gone: an identity with rights on the group only loses them with the group (row 15)', async () => {
    const scene = await open();
    const { env, namespace, subscription } = scene;
    const { subscriptionId, clientId } = subscription;
    await readyGroup(scene);
    const group = resourceGroup(namespace);
    await scene.tell('rights', {
      subscription: subscriptionId,
      scope: `/subscriptions/${subscriptionId}/resourceGroups/rg`,
      clientId,
    });
    await env.kube.delete(keyOf(group));
    await env.waitForGone(keyOf(group), 15_000);
    expect(await deletesOf(scene, group)).toHaveLength(1);
    const answers = (await scene.requests({ method: 'GET', path: /resourceGroups\/rg\?/i })).map(
      ({ status }) => status,
    );
    expect(answers.at(-1)).toBe(403);
  }, 60_000);

  it('does not take 403 for gone before Azure has accepted the DELETE (row 15)', async () => {
    const scene = await open();
    const { env } = scene;
    const account = await readyAccount(scene);
    await scene.fault({
      path: '/databaseAccounts/',
      times: 99,
      status: 403,
      code: 'AuthorizationFailed',
      message: 'No.',
    });
    await env.kube.delete(keyOf(account));
    const held = await env.waitForCondition(keyOf(account), { status: 'False', reason: 'AuthorizationFailed' });
    expect(held.metadata.finalizers).toContain('serviceoperator.azure.com/finalizer');
  }, 60_000);

  const maps = (namespace: string, apiVersion: string): Manifest => ({
    apiVersion: 'generic.azure-temporal-operator.io/v1',
    kind: 'GenericResource',
    metadata: { name: 'atlas', namespace },
    spec: {
      type: 'Microsoft.Maps/accounts',
      apiVersion,
      owner: { group: 'resources.azure.com', kind: 'ResourceGroup', name: 'rg' },
      body: { location: 'westus2', kind: 'Gen2', sku: { name: 'G2' } },
    },
  });
  const unknownVersion = { path: 'api-version=1999-01-01', times: 999, status: 400, code: 'NoRegisteredProviderFound' };

  it('of a resource that Azure never accepted, at an api-version that does not exist, ends at once (row 38)', async () => {
    const scene = await open();
    const { env, namespace } = scene;
    await readyGroup(scene);
    await scene.fault({ ...unknownVersion, message: 'No registered resource provider found.' });
    const wrong = maps(namespace, '1999-01-01');
    await env.apply(wrong);
    await env.waitForCondition(keyOf(wrong), { status: 'False', reason: 'NoRegisteredProviderFound' });
    await env.kube.delete(keyOf(wrong));
    await env.waitForGone(keyOf(wrong), 10_000);
  }, 60_000);

  it('of a resource that Azure has accepted waits until the user corrects a wrong api-version (row 38)', async () => {
    const scene = await open();
    const { env, namespace } = scene;
    await readyGroup(scene);
    await env.apply(maps(namespace, '2023-06-01'));
    const key = keyOf(maps(namespace, '2023-06-01'));
    await env.waitForReady(key);
    await scene.fault({ ...unknownVersion, message: 'No registered resource provider found.' });
    await env.apply(maps(namespace, '1999-01-01'));
    await env.waitForCondition(key, { status: 'False', reason: 'NoRegisteredProviderFound' });
    await env.kube.delete(key);
    await waitFor(async () => (await env.kube.get(key))?.metadata.deletionTimestamp !== undefined);
    await env.waitForCondition(key, { status: 'False', reason: 'NoRegisteredProviderFound' });
    await env.apply(maps(namespace, '2023-06-01'));
    await env.waitForGone(key, 15_000);
    const sent = await scene.requests({ method: 'DELETE', path: /atlas\?api-version=2023-06-01/i });
    expect(sent.map(({ status }) => status)).toEqual([200]);
  }, 60_000);
});

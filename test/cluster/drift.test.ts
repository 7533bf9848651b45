import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { TASK_QUEUE, WORKFLOW_TYPE } from '../../contract/resource-ref.ts';
import { keyOf, waitFor } from '../support/environment.ts';
import { databaseAccount, openScene, readyGroup, type Scene } from './scene.ts';

const KIND = { group: 'documentdb.azure.com', kind: 'DatabaseAccount' };

describe('a change that another client makes in Azure', () => {
  let scene: Scene;
  let connection: Connection;
  beforeAll(async () => {
    scene = await openScene('drift');
    connection = await Connection.connect({ address: scene.env.stack.temporalAddress });
    await readyGroup(scene);
  }, 60_000);
  afterAll(async () => {
    await connection?.close();
    scene.close();
  });

  const account = (name: string) =>
    databaseAccount(scene.namespace, `${name}-${scene.namespace}`, { tags: { team: 'one' } });
  const requests = (method: string, name: string) =>
    scene.requests({ method, path: new RegExp(`/databaseAccounts/${name}-[^/]*$`, 'i') });
  const idOf = (name: string) =>
    `/subscriptions/${scene.subscription.subscriptionId}/resourceGroups/rg/providers/Microsoft.DocumentDB/databaseAccounts/${name}-${scene.namespace}`;

  /** One reconcile without a change in Kubernetes, as a resync makes it. */
  async function reconcile(name: string): Promise<void> {
    const run = await new Client({ connection }).workflow.signalWithStart(WORKFLOW_TYPE, {
      workflowId: `DatabaseAccount.documentdb.azure.com/${scene.namespace}/${name}-${scene.namespace}`,
      taskQueue: TASK_QUEUE,
      args: [{ ref: { ...KIND, namespace: scene.namespace, name: `${name}-${scene.namespace}` } }],
      signal: 'retry',
    });
    await run.result();
  }

  it('is corrected at the next reconcile, with one PUT', async () => {
    await scene.env.apply(account('once'));
    await scene.env.waitForReady(keyOf(account('once')));
    await scene.tell('drift', { id: idOf('once'), patch: { tags: { team: 'two' } } });
    await reconcile('once');
    expect(await requests('PUT', 'once')).toHaveLength(2);
    await reconcile('once');
    expect(await requests('PUT', 'once')).toHaveLength(2);
  }, 90_000);

  it('is corrected once; if Azure keeps its own value, that is accepted until the spec changes', async () => {
    const manifest = account('insists');
    await scene.env.apply(manifest);
    await scene.env.waitForReady(keyOf(manifest));
    await scene.tell('drift', { id: idOf('insists'), insist: true, patch: { tags: { team: 'azure' } } });
    await reconcile('insists');
    expect(await requests('PUT', 'insists')).toHaveLength(2);
    await reconcile('insists');
    await reconcile('insists');
    expect(await requests('PUT', 'insists')).toHaveLength(2);
    await scene.env.apply(databaseAccount(scene.namespace, manifest.metadata.name, { tags: { team: 'three' } }));
    await waitFor(async () => (await requests('PUT', 'insists')).length === 3);
  }, 90_000);
});

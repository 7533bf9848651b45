import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { workflowId } from '../../contract/resource-ref.ts';
import type { Manifest } from '../../dev/kube-api.ts';
import { keyOf } from '../support/environment.ts';
import { openScene, readyGroup, type Scene } from './scene.ts';

/** The stack's Temporal has the limit of a server on PostgreSQL: ids of 255 characters. */
describe('a resource with the longest name that Kubernetes allows', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene(`long-${'n'.repeat(40)}`);
    await readyGroup(scene);
  }, 60_000);
  afterAll(() => scene.close());

  it('is created, found in Temporal by its name, and deleted', async () => {
    const { env, namespace } = scene;
    const name = 'r'.repeat(253);
    const manifest: Manifest = {
      apiVersion: 'documentdb.azure.com/v1api20210515',
      kind: 'DatabaseAccount',
      metadata: { name, namespace },
      spec: {
        azureName: `short-${namespace.slice(-8)}`,
        location: 'westcentralus',
        owner: { name: 'rg' },
        kind: 'MongoDB',
        databaseAccountOfferType: 'Standard',
        locations: [{ locationName: 'westcentralus' }],
      },
    };
    await env.apply(manifest);
    await env.waitForReady(keyOf(manifest), 60_000);
    const id = workflowId({ group: 'documentdb.azure.com', kind: 'DatabaseAccount', namespace, name });
    expect(id).toHaveLength(255);
    const connection = await Connection.connect({ address: env.stack.temporalAddress });
    const { workflow } = new Client({ connection });
    const ids: string[] = [];
    for await (const run of workflow.list({ query: `KubeName="${name}" AND KubeNamespace="${namespace}"` }))
      ids.push(run.workflowId);
    await connection.close();
    expect(new Set(ids)).toEqual(new Set([id]));
    await env.kube.delete(keyOf(manifest));
    await env.waitForGone(keyOf(manifest), 60_000);
  }, 150_000);
});

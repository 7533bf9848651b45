import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Manifest } from '../../dev/kube-api.ts';
import { keyOf, readyOf } from '../support/environment.ts';
import { databaseAccount, openScene, resourceGroup, type Scene } from './scene.ts';

describe('a chain of owners', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await openScene('chain');
  }, 60_000);
  afterAll(() => scene.close());

  const child = (kind: string, name: string, owner: object, spec: object): Manifest => ({
    apiVersion: 'documentdb.azure.com/v1api20240815',
    kind,
    metadata: { name, namespace: scene.namespace },
    spec: { owner, ...spec },
  });

  it('is created from the top in whatever order it is applied, down to a resource with a fixed name', async () => {
    const { env, namespace } = scene;
    const account = databaseAccount(namespace, `chain-${namespace}`, { kind: 'GlobalDocumentDB' });
    const chain: Manifest[] = [
      child(
        'SqlDatabaseContainerThroughputSetting',
        'throughput',
        { name: 'boxes' },
        { resource: { throughput: 400 } },
      ),
      child(
        'SqlDatabaseContainer',
        'boxes',
        { name: 'db' },
        { resource: { id: 'boxes', partitionKey: { kind: 'Hash', paths: ['/id'] } } },
      ),
      child('SqlDatabase', 'db', { name: account.metadata.name }, { resource: { id: 'db' } }),
      account,
      resourceGroup(namespace),
    ];
    for (const manifest of chain) await env.apply(manifest);
    const last = await env.waitForReady(keyOf(chain[0]!), 90_000);
    expect(last.metadata.annotations?.['serviceoperator.azure.com/resource-id']).toBe(
      `/subscriptions/${scene.subscription.subscriptionId}/resourceGroups/rg/providers/Microsoft.DocumentDB/databaseAccounts/${account.metadata.name}/sqlDatabases/db/containers/boxes/throughputSettings/default`,
    );
    expect(last.metadata.ownerReferences).toEqual([
      expect.objectContaining({ kind: 'SqlDatabaseContainer', name: 'boxes' }),
    ]);
    const order = (await scene.requests({ method: 'PUT' })).map(
      ({ path }) => path.replace(/\?.*/, '').split('/').length,
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
  }, 120_000);

  it('may start at an ARM id; an id of the wrong type is reported before Azure is called', async () => {
    const { env, namespace } = scene;
    const armId = `/subscriptions/${scene.subscription.subscriptionId}/resourceGroups/rg/providers/Microsoft.DocumentDB/databaseAccounts/chain-${namespace}`;
    const direct = child('SqlDatabase', 'direct', { armId }, { resource: { id: 'direct' } });
    await env.apply(direct);
    const ready = await env.waitForReady(keyOf(direct), 60_000);
    expect(ready.metadata.annotations?.['serviceoperator.azure.com/resource-id']).toBe(`${armId}/sqlDatabases/direct`);
    expect(ready.metadata.ownerReferences ?? []).toEqual([]);

    const wrong = child(
      'SqlDatabase',
      'wrong',
      { armId: armId.replace(/\/providers.*/, '') },
      { resource: { id: 'wrong' } },
    );
    await env.apply(wrong);
    const failed = await env.waitForCondition(keyOf(wrong), {
      status: 'False',
      severity: 'Error',
      reason: 'InvalidSpec',
    });
    expect(readyOf(failed)?.message).toBe(
      'spec.owner.armId must be an ARM id of type Microsoft.DocumentDB/databaseAccounts, but its type is Microsoft.Resources/resourceGroups',
    );
    expect(await scene.requests({ path: /wrong/ })).toEqual([]);
  }, 90_000);
});

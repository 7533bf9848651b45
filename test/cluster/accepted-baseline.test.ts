import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Manifest } from '../../dev/kube-api.ts';
import type { Json } from '../../simulator/json.ts';
import { keyOf, waitFor } from '../support/environment.ts';
import { installKind, openAcceptedScene, settled, type AcceptedScene } from './accepted-scene.ts';
import { databaseAccount, readyGroup } from './scene.ts';

/** Each test waits for resources of its own, so they wait beside each other. */
const it = test.concurrent;

const COSMOS = 'Microsoft.DocumentDB/databaseAccounts';
const VNET = 'Microsoft.Network/virtualNetworks';
const VNET_VERSION = '2024-03-01';

describe('the answer of Azure right after an accepted PUT', () => {
  let scene: AcceptedScene;
  beforeAll(async () => {
    scene = await openAcceptedScene('baseline');
    await readyGroup(scene);
    await installKind(
      scene,
      { group: 'servicebus.azure.com', kind: 'Namespace' },
      { group: 'keyvault.azure.com', kind: 'Vault' },
      { group: 'storage.azure.com', kind: 'StorageAccountsBlobService' },
      { group: 'network.azure.com', kind: 'VirtualNetwork' },
    );
  }, 90_000);
  afterAll(() => scene.close());

  const inGroup = (apiVersion: string, kind: string, name: string, spec: object): Manifest => ({
    apiVersion,
    kind,
    metadata: { name, namespace: scene.namespace },
    spec: { location: 'westus2', owner: { name: 'rg' }, ...spec },
  });
  const account = (name: string, spec: object) => databaseAccount(scene.namespace, `${name}-${scene.namespace}`, spec);
  const nameOf = ({ metadata }: Manifest) => metadata.name;
  const cosmosId = (manifest: Manifest) => scene.idOf(COSMOS, nameOf(manifest));
  const insist = (id: string, patch: Json, how: true | 'reads' = true) =>
    scene.tell('drift', { id, insist: how, patch });
  const reconcile = async (manifest: Manifest, times: number) => {
    for (let count = 0; count < times; count += 1) await scene.reconcile(manifest);
  };

  it('is the baseline if Azure normalises a value: no second PUT (issue 8, point 5)', async () => {
    const manifest = account('norm', { tags: { team: 'one' } });
    await insist(cosmosId(manifest), { tags: { team: 'ONE' } });
    await scene.env.apply(manifest);
    await settled(scene, manifest);
    await reconcile(manifest, 2);
    expect(await scene.puts(nameOf(manifest))).toHaveLength(1);
    await scene.env.apply(account('norm', { tags: { team: 'two' } }));
    expect(await settled(scene, manifest)).toBe(2);
    await reconcile(manifest, 1);
    expect(await scene.puts(nameOf(manifest))).toHaveLength(2);
  }, 60_000);

  it('is read with a GET, not taken from the answer to the PUT (row 34)', async () => {
    const manifest = inGroup('servicebus.azure.com/v1api20221001preview', 'Namespace', `bus-${scene.namespace}`, {
      sku: { name: 'Premium', tier: 'Premium' },
      zoneRedundant: false,
    });
    const id = scene.idOf('Microsoft.ServiceBus/namespaces', nameOf(manifest));
    await insist(id, { properties: { zoneRedundant: true } }, 'reads');
    await scene.env.apply(manifest);
    await settled(scene, manifest);
    await reconcile(manifest, 3);
    expect(await scene.puts(nameOf(manifest))).toHaveLength(1);
    // What moves away from that later is drift, in the same place too.
    await insist(id, {}, 'reads');
    await scene.tell('drift', { id, patch: { sku: { tier: 'Standard' } } });
    await reconcile(manifest, 1);
    expect(await scene.puts(nameOf(manifest))).toHaveLength(2);
  }, 60_000);

  it('becomes the status, which is complete even if the answer to the PUT is nearly empty (row 35)', async () => {
    const name = `thin${scene.namespace.slice(-8)}`;
    const storage = inGroup('storage.azure.com/v1api20230101', 'StorageAccount', name, {
      kind: 'StorageV2',
      sku: { name: 'Standard_LRS' },
    });
    await scene.env.apply(storage);
    const service: Manifest = {
      apiVersion: 'storage.azure.com/v1api20230101',
      kind: 'StorageAccountsBlobService',
      metadata: { name: 'blobs', namespace: scene.namespace },
      spec: { owner: { name } },
    };
    await scene.env.apply(service);
    const ready = await scene.env.waitForReady(keyOf(service), 60_000);
    const armId = `${scene.idOf('Microsoft.Storage/storageAccounts', name)}/blobServices/default`;
    expect(ready.status).toMatchObject({ id: armId, name: 'default' });
    expect(await scene.puts('blobServices/default')).toHaveLength(1);
  }, 90_000);

  it('may have list entries that Azure added: these and later ones are not drift (row 36)', async () => {
    const policy = (objectId: string) => ({
      tenantId: scene.subscription.tenantId,
      objectId,
      permissions: { secrets: ['get'] },
    });
    const ours = policy('00000000-0000-0000-0000-00000000000a');
    const theirs = policy('00000000-0000-0000-0000-00000000000b');
    const others = policy('00000000-0000-0000-0000-00000000000c');
    const manifest = inGroup('keyvault.azure.com/v1api20230701', 'Vault', `kv${scene.namespace.slice(-8)}`, {
      properties: {
        tenantId: scene.subscription.tenantId,
        sku: { family: 'A', name: 'standard' },
        accessPolicies: [ours],
      },
    });
    const id = scene.idOf('Microsoft.KeyVault/vaults', nameOf(manifest));
    await insist(id, { properties: { accessPolicies: [ours, theirs] } });
    await scene.env.apply(manifest);
    await settled(scene, manifest);
    await insist(id, { properties: { accessPolicies: [ours, theirs, others] } });
    await reconcile(manifest, 2);
    expect(await scene.puts(nameOf(manifest))).toHaveLength(1);
    // Ours is missing: that is drift.
    await insist(id, { properties: { accessPolicies: [theirs] } });
    await reconcile(manifest, 1);
    expect(await scene.puts(nameOf(manifest))).toHaveLength(2);
  }, 60_000);

  it('is accepted where Azure keeps its own values, in several fields one after the other, and hides no other drift (row 40)', async () => {
    const manifest = account('two', { tags: { a: '1', b: '1', c: '1' } });
    const name = nameOf(manifest);
    const id = cosmosId(manifest);
    await scene.env.apply(manifest);
    await settled(scene, manifest);
    await insist(id, { tags: { a: 'azure' } });
    await reconcile(manifest, 3);
    expect(await scene.puts(name)).toHaveLength(2);
    await insist(id, { tags: { a: 'azure', b: 'azure' } });
    await reconcile(manifest, 4);
    expect(await scene.puts(name)).toHaveLength(3);
    // A correction of something else costs its own PUT and no more.
    await scene.tell('drift', { id, patch: { tags: { c: '2' } } });
    await reconcile(manifest, 3);
    expect(await scene.puts(name)).toHaveLength(4);
    // And a third value in a place that was settled is seen.
    await insist(id, { tags: { a: 'azure', b: 'moved' } });
    await reconcile(manifest, 3);
    expect(await scene.puts(name)).toHaveLength(5);
  }, 120_000);

  it('does not lose a subnet that another client creates between the GET and the PUT (row 14)', async () => {
    const network = (spec: object = {}): Manifest =>
      inGroup('network.azure.com/v1api20240301', 'VirtualNetwork', `net-${scene.namespace}`, {
        addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
        ...spec,
      });
    const name = nameOf(network());
    const id = scene.idOf(VNET, name);
    await scene.env.apply(network());
    await settled(scene, network());
    const gets = async () => (await scene.requests({ method: 'GET', path: new RegExp(`/${name}\\?`) })).length;
    const before = await gets();
    await scene.fault({ method: 'PUT', path: `/${name}\\?api-version=[0-9-]+$`, delayMs: 3_000 });
    await scene.env.apply(network({ tags: { team: 'red' } }));
    await waitFor(async () => (await gets()) > before);
    const subnet = { properties: { addressPrefix: '10.0.1.0/24' } };
    expect(await scene.putAsSomebody(`${id}/subnets/late`, VNET_VERSION, subnet)).toBe(201);
    await settled(scene, network());
    const found = await scene.inAzure(id, VNET_VERSION);
    expect(found).toMatchObject({ tags: { team: 'red' }, properties: { subnets: [{ name: 'late' }] } });
    expect((await scene.puts(name)).map(({ status }) => status)).toEqual([201, 412, 200]);
  }, 60_000);
});

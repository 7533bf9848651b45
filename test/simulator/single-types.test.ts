import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { asList, asObject, type Json, type JsonObject } from '../../simulator/json.ts';
import { startSimulator, type Simulator } from '../../simulator/start.ts';
import { clientFor, type Client } from './client.ts';

function at(value: Json, path: string): Json | undefined {
  return path.split('.').reduce<Json | undefined>((inner, step) => asObject(inner)[step], value);
}

describe('what Azure does for single types', () => {
  let simulator: Simulator;
  let client: Client;
  beforeAll(async () => {
    simulator = await startSimulator({ timeScale: 0 });
    client = clientFor(simulator);
  });
  afterAll(async () => {
    client.close();
    await simulator.close();
  });

  async function newGroup(): Promise<string> {
    const group = `/subscriptions/${randomUUID()}/resourceGroups/rg`;
    await client.call('PUT', `${group}?api-version=2020-06-01`, { location: 'westus2' });
    return group;
  }
  const call = async (
    method: string,
    path: string,
    apiVersion: string,
    body?: Json,
  ): Promise<{ status: number; json: JsonObject }> => {
    const { status, json } = await client.call(method, `${path}?api-version=${apiVersion}`, body);
    return { status, json: asObject(json) };
  };

  it.each(['Storage Blob Data Owner', 'key vault administrator', 'Azure Service Bus Data Receiver'])(
    'knows the role %s',
    async (name) => {
      const roles = `/subscriptions/${randomUUID()}/providers/Microsoft.Authorization/roleDefinitions`;
      const filter = encodeURIComponent(`roleName eq '${name}'`);
      const { json } = await client.call('GET', `${roles}?api-version=2022-04-01&$filter=${filter}`);
      expect(asList(asObject(json)['value'])).toHaveLength(1);
    },
  );

  it.each([
    {
      type: 'Microsoft.KeyVault/vaults',
      apiVersion: '2023-07-01',
      body: { properties: { tenantId: randomUUID(), sku: { family: 'A', name: 'standard' } } },
      path: 'properties.vaultUri',
      want: 'https://poppy.vault.azure.net/',
      why: 'Azure sets it, although the types do not call it read-only',
    },
    {
      type: 'Microsoft.ServiceBus/namespaces',
      apiVersion: '2021-11-01',
      body: {},
      path: 'properties.serviceBusEndpoint',
      want: 'https://poppy.servicebus.windows.net:443/',
      why: 'as recorded, with its port',
    },
    {
      type: 'Microsoft.DBforPostgreSQL/flexibleServers',
      apiVersion: '2022-12-01',
      body: {},
      path: 'properties.fullyQualifiedDomainName',
      want: 'poppy.postgres.database.azure.com',
      why: 'as recorded',
    },
    {
      type: 'Microsoft.Sql/servers',
      apiVersion: '2021-11-01',
      body: {},
      path: 'properties.fullyQualifiedDomainName',
      want: 'poppy.database.windows.net',
      why: 'as documented',
    },
  ])("has Azure's host names: $path of $type ($why)", async ({ type, apiVersion, body, path, want }) => {
    const id = `${await newGroup()}/providers/${type}/Poppy`;
    await call('PUT', id, apiVersion, { location: 'westus2', ...body });
    expect(at((await call('GET', id, apiVersion)).json, path)).toBe(want);
  });

  it('has the host name of the namespace in the connection string of its rule', async () => {
    const namespace = `${await newGroup()}/providers/Microsoft.ServiceBus/namespaces/ns`;
    await call('PUT', namespace, '2021-11-01', { location: 'westus2' });
    const rule = `${namespace}/AuthorizationRules/RootManageSharedAccessKey/listKeys`;
    const { json } = await call('POST', rule, '2021-11-01');
    expect(json['primaryConnectionString']).toMatch(/^Endpoint=sb:\/\/ns\.servicebus\.windows\.net\//);
  });

  it('answers a kubeconfig that kubectl can read', async () => {
    const cluster = `${await newGroup()}/providers/Microsoft.ContainerService/managedClusters/c`;
    await call('PUT', cluster, '2024-09-01', { location: 'westus2' });
    const { json } = await call('POST', `${cluster}/listClusterAdminCredential`, '2024-09-01');
    const [first] = asList(json['kubeconfigs']).map(asObject);
    const text = Buffer.from(String(first?.['value']), 'base64').toString();
    expect(text).not.toContain('[object Object]');
    expect(parse(text)).toMatchObject({
      kind: 'Config',
      'current-context': 'c',
      clusters: [{ name: 'c', cluster: { server: expect.stringMatching(/^https:\/\/c-dns-.*\.azmk8s\.io:443$/) } }],
      users: [{ name: 'c', user: { token: expect.stringMatching(/.{20}/) } }],
    });
  });

  it('deletes a product that has subscriptions only together with them', async () => {
    const service = `${await newGroup()}/providers/Microsoft.ApiManagement/service/s`;
    const sku = { name: 'Developer', capacity: 1 };
    const properties = { publisherEmail: 'a@example.com', publisherName: 'a' };
    await call('PUT', service, '2022-08-01', { location: 'westus2', sku, properties });
    const product = `${service}/products/p`;
    await call('PUT', product, '2022-08-01', { properties: { displayName: 'p' } });
    const subscription = `${service}/subscriptions/x`;
    await call('PUT', subscription, '2022-08-01', { properties: { displayName: 'x', scope: product } });
    expect(await call('DELETE', product, '2022-08-01')).toMatchObject({
      status: 400,
      json: { error: { code: 'ValidationError' } },
    });
    await client.call('DELETE', `${product}?api-version=2022-08-01&deleteSubscriptions=true`);
    expect((await call('GET', product, '2022-08-01')).status).toBe(404);
    expect((await call('GET', subscription, '2022-08-01')).status).toBe(404);
  });

  it('gives an alias a subscription, which stays active until it is cancelled', async () => {
    const alias = `/providers/Microsoft.Subscription/aliases/${randomUUID()}`;
    await call('PUT', alias, '2021-10-01', {
      properties: { displayName: 'team', workload: 'DevTest', billingScope: '/b' },
    });
    const id = `/subscriptions/${String(at((await call('GET', alias, '2021-10-01')).json, 'properties.subscriptionId'))}`;
    const stateNow = async (): Promise<Json | undefined> => (await call('GET', id, '2022-12-01')).json['state'];
    expect(await stateNow()).toBe('Enabled');
    expect((await call('POST', `${id}/providers/Microsoft.Subscription/cancel`, '2021-10-01')).status).toBe(200);
    expect(await stateNow()).toBe('Disabled');
  });

  it('configures the protection of a backup instance after its PUT, and again after a sync', async () => {
    const group = await newGroup();
    const [, , subscription = ''] = group.split('/');
    const vault = `${group}/providers/Microsoft.DataProtection/backupVaults/v`;
    await call('PUT', vault, '2023-11-01', { location: 'westus2', properties: { storageSettings: [] } });
    const instance = `${vault}/backupInstances/i`;
    const info = { dataSourceInfo: { resourceID: '/d' }, policyInfo: { policyId: '/p' }, objectType: 'BackupInstance' };
    await client.call('POST', `/_simulator/subscriptions/${subscription}`, { timeScale: 1 });
    expect((await call('PUT', instance, '2023-11-01', { properties: info })).status).toBe(201);
    const status = async (): Promise<Json | undefined> =>
      at((await call('GET', instance, '2023-11-01')).json, 'properties.protectionStatus.status');
    expect(await status()).toBe('ConfiguringProtection');
    await client.call('POST', `/_simulator/subscriptions/${subscription}`, { timeScale: 0 });
    expect(await status()).toBe('ProtectionConfigured');
    const protectionStatus = { status: 'ProtectionError', errorDetails: { code: 'UserErrorNoAccess' } };
    await client.call('POST', '/_simulator/drift', { id: instance, patch: { properties: { protectionStatus } } });
    expect(await status()).toBe('ProtectionError');
    expect((await call('POST', `${instance}/sync`, '2023-11-01', { syncType: 'Default' })).status).toBe(202);
    expect(await status()).toBe('ProtectionConfigured');
  });
});

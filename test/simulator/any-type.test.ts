import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GeneratedFact } from '../../kinds/facts/row.ts';
import { readRows } from '../../kinds/load.ts';
import { actionOutput } from '../../simulator/action-output.ts';
import { answerBody } from '../../simulator/answer-body.ts';
import { asList, asObject, type Json, type JsonObject } from '../../simulator/json.ts';
import { startSimulator, type Simulator } from '../../simulator/start.ts';
import { TypeFacts } from '../../simulator/type-facts.ts';
import { clientFor, type Client } from './client.ts';

/** Types without a provider of their own: the simulator knows only their type facts. */
describe('what kinds export', () => {
  const facts = new TypeFacts();
  const identity = { type: 'SystemAssigned' };
  const cases = readRows().flatMap((row) =>
    row.apiVersions.flatMap((apiVersion) =>
      [...Object.entries(row.generatedSecrets), ...Object.entries(row.generatedConfigMaps)]
        .filter(([, fact]) => fact.versions?.includes(apiVersion) ?? true)
        .map(([name, fact]) => ({
          row,
          apiVersion,
          name,
          fact,
          title: `${row.kind}.${row.group} ${apiVersion} ${name}`,
        })),
    ),
  );
  const answers = cases.filter(({ fact }) => fact.status !== undefined);
  const actions = cases.filter(({ fact }) => fact.post !== undefined);

  function factsOf(armType: string, apiVersion: string): ReturnType<TypeFacts['of']> {
    return facts.of(armType, apiVersion);
  }

  it('is in the answer of GET, for every kind and api-version with the path', () => {
    const missing = answers.filter(({ row, apiVersion, fact }) => {
      const known = factsOf(row.armType, apiVersion);
      if (known === undefined) return true;
      const body = answerBody(known, whose(row.armType), { identity, properties: { administratorLogin: 'admin' } });
      return hasPath(known, fact.status ?? '') && at(body, fact.status ?? '') === undefined;
    });
    expect(answers.length).toBeGreaterThan(100);
    expect(missing.map(({ title }) => title)).toEqual([]);
  });

  it('is in the outputs of actions, for every kind and api-version', () => {
    const missing = actions.filter(({ row, apiVersion, fact }) => {
      const type = fact.child === undefined ? row.armType : `${row.armType}/${fact.child.split('/')[0] ?? ''}`;
      const known = factsOf(type, fact.apiVersion ?? apiVersion);
      if (known === undefined) return true;
      const output = actionOutput(known, whose(row.armType), fact.post ?? '');
      return output === undefined || typeof valueOf(output, fact) !== 'string';
    });
    expect(actions.length).toBeGreaterThan(100);
    expect(missing.map(({ title }) => title)).toEqual([]);
  });
});

function whose(type: string): Parameters<typeof answerBody>[1] {
  return { key: '/subscriptions/s/x', name: 'x', type, subscription: 's', createdAt: 0 };
}

/** Older api-versions lack some of the paths. */
function hasPath(known: NonNullable<ReturnType<TypeFacts['of']>>, path: string): boolean {
  let body: typeof known.body | undefined = known.body;
  return path.split('.').every((step) => {
    const type: { ref?: string } | undefined = body?.properties[step];
    body = type?.ref === undefined ? undefined : known.file.types[type.ref];
    return type !== undefined;
  });
}

function at(value: Json, path: string): Json | undefined {
  return path.split('.').reduce<Json | undefined>((inner, step) => asObject(inner)[step], value);
}

function valueOf(output: JsonObject, { list, where, path = '' }: GeneratedFact): Json | undefined {
  if (list === undefined) return at(output, path);
  const items = asList(at(output, list)).map(asObject);
  const item = items.find((one) =>
    Object.entries(where ?? {}).every(([name, wanted]) => (one[name] ?? null) === wanted),
  );
  return item && at(item, path);
}

describe('types served from their facts', () => {
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

  it('withholds secrets and write-only fields at any depth and shows the rest', async () => {
    const vm = `${await newGroup()}/providers/Microsoft.Compute/virtualMachines/vm`;
    const properties = { osProfile: { computerName: 'poppy', adminUsername: 'a', adminPassword: 'canary-password' } };
    await call('PUT', vm, '2022-03-01', { location: 'westus2', properties });
    const { json } = await call('GET', vm, '2022-03-01');
    expect(at(json, 'properties.osProfile')).toMatchObject({ computerName: 'poppy', adminUsername: 'a' });
    expect(JSON.stringify(json)).not.toContain('canary-password');
  });

  it('lists the children of a resource, a group and a subscription', async () => {
    const group = await newGroup();
    const namespace = `${group}/providers/Microsoft.ServiceBus/namespaces/ns`;
    await call('PUT', namespace, '2021-11-01', { location: 'westus2' });
    await call('PUT', `${namespace}/queues/q`, '2021-11-01', {});
    const names = async (path: string): Promise<Json[]> =>
      asList((await call('GET', path, '2021-11-01')).json['value']).map((item) => asObject(item)['name'] ?? null);
    expect(await names(`${namespace}/queues`)).toEqual(['q']);
    expect(await names(`${group}/providers/Microsoft.ServiceBus/namespaces`)).toEqual(['ns']);
    expect(await names(`${group.replace(/\/resourceGroups.*/, '')}/providers/Microsoft.ServiceBus/namespaces`)).toEqual(
      ['ns'],
    );
    expect(await names(`${group}/resources`)).toEqual(['ns']);
  });

  it.each([
    { scope: '', why: 'the tenant' },
    { scope: '/providers/Microsoft.Management/managementGroups/mg', why: 'a management group' },
    { scope: `/subscriptions/${randomUUID()}`, why: 'a subscription' },
  ])('serves extension resources at $why', async ({ scope }) => {
    const assignment = `${scope}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
    const body = { properties: { principalId: randomUUID(), roleDefinitionId: '/x' } };
    expect((await call('GET', assignment, '2022-04-01')).status).toBe(404);
    expect((await call('PUT', assignment, '2022-04-01', body)).status).toBe(201);
    expect((await call('GET', assignment, '2022-04-01')).json).toMatchObject({ id: assignment, ...body });
    expect((await call('DELETE', assignment, '2022-04-01')).status).toBe(200);
  });

  it('keeps what a PATCH does not name', async () => {
    const account = `${await newGroup()}/providers/Microsoft.Search/searchServices/s`;
    await call('PUT', account, '2023-11-01', { location: 'westus2', sku: { name: 'standard' }, tags: { a: 'b' } });
    await call('PATCH', account, '2023-11-01', { tags: { c: 'd' } });
    expect((await call('GET', account, '2023-11-01')).json).toMatchObject({
      location: 'westus2',
      tags: { a: 'b', c: 'd' },
    });
  });

  it('deletes the subnets that a PUT of their network does not name, as Azure does', async () => {
    const network = `${await newGroup()}/providers/Microsoft.Network/virtualNetworks/vnet`;
    const properties = { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } };
    await call('PUT', network, '2020-11-01', { location: 'westus2', properties });
    const subnet = { name: 'sub', properties: { addressPrefix: '10.0.0.0/24' } };
    await call('PUT', `${network}/subnets/sub`, '2020-11-01', subnet);
    expect(at((await call('GET', network, '2020-11-01')).json, 'properties.subnets')).toMatchObject([subnet]);
    await call('PUT', network, '2020-11-01', { location: 'westus2', properties: { ...properties, subnets: [subnet] } });
    expect((await call('GET', `${network}/subnets/sub`, '2020-11-01')).status).toBe(200);
    await call('PUT', network, '2020-11-01', { location: 'westus2', properties });
    expect((await call('GET', `${network}/subnets/sub`, '2020-11-01')).status).toBe(404);
  });

  it('has no GET where Azure has only HEAD, and no DELETE where Azure has none', async () => {
    const service = `${await newGroup()}/providers/Microsoft.ApiManagement/service/s`;
    const sku = { name: 'Developer', capacity: 1 };
    const properties = { publisherEmail: 'a@example.com', publisherName: 'a' };
    await call('PUT', service, '2022-08-01', { location: 'westus2', sku, properties });
    await call('PUT', `${service}/products/p`, '2022-08-01', { properties: { displayName: 'p' } });
    const api = `${service}/products/p/apis/a`;
    expect((await call('HEAD', api, '2022-08-01')).status).toBe(404);
    expect((await call('PUT', api, '2022-08-01', {})).status).toBe(201);
    expect((await call('HEAD', api, '2022-08-01')).status).toBe(204);
    expect((await call('GET', api, '2022-08-01')).status).toBe(405);
    const quota = `/subscriptions/${randomUUID()}/providers/Microsoft.Quota/quotas/cores`;
    expect((await call('PUT', quota, '2025-09-01', { properties: {} })).status).toBe(201);
    expect((await call('DELETE', quota, '2025-09-01')).status).toBe(405);
  });

  it('answers an action of a child that exists with its parent', async () => {
    const namespace = `${await newGroup()}/providers/Microsoft.ServiceBus/namespaces/ns`;
    await call('PUT', namespace, '2021-11-01', { location: 'westus2' });
    const { status, json } = await call(
      'POST',
      `${namespace}/AuthorizationRules/RootManageSharedAccessKey/listKeys`,
      '2021-11-01',
    );
    expect([status, typeof json['primaryConnectionString']]).toEqual([200, 'string']);
    expect((await call('POST', `${namespace}/AuthorizationRules/other/listKeys`, '2021-11-01')).status).toBe(404);
  });

  it('creates the network interface of a private endpoint', async () => {
    const endpoint = `${await newGroup()}/providers/Microsoft.Network/privateEndpoints/pe`;
    await call('PUT', endpoint, '2022-07-01', { location: 'westus2', properties: {} });
    const [first] = asList(at((await call('GET', endpoint, '2022-07-01')).json, 'properties.networkInterfaces'));
    const { json } = await call('GET', String(asObject(first)['id']), '2022-07-01');
    expect(at(json, 'properties.ipConfigurations')).toMatchObject([
      { properties: { primary: true, privateIPAddress: '10.0.0.5' } },
    ]);
  });

  it('keeps the name of a deleted vault taken until it is recovered or purged', async () => {
    const group = await newGroup();
    const vault = `${group}/providers/Microsoft.KeyVault/vaults/v`;
    const deleted = `${group.replace(/\/resourceGroups.*/, '')}/providers/Microsoft.KeyVault/locations/westus2/deletedVaults/v`;
    const body = (createMode: string): JsonObject => ({
      location: 'West US 2',
      properties: { createMode, tenantId: randomUUID(), sku: { family: 'A', name: 'standard' } },
    });
    const put = async (mode: string): Promise<number> => (await call('PUT', vault, '2023-07-01', body(mode))).status;
    expect(await put('default')).toBe(200);
    await call('DELETE', vault, '2023-07-01');
    expect(at((await call('GET', deleted, '2023-07-01')).json, 'properties.vaultId')).toBe(vault);
    expect(await put('default')).toBe(409);
    expect(await put('recover')).toBe(200);
    expect((await call('GET', deleted, '2023-07-01')).status).toBe(404);
    await call('DELETE', vault, '2023-07-01');
    expect((await call('POST', `${deleted}/purge`, '2023-07-01')).status).toBe(202);
    expect(await put('default')).toBe(200);
  });

  it('knows the built-in roles by their names', async () => {
    const roles = `/subscriptions/${randomUUID()}/providers/Microsoft.Authorization/roleDefinitions`;
    const { json } = await client.call(
      'GET',
      `${roles}?api-version=2022-04-01&$filter=${encodeURIComponent("roleName eq 'reader'")}`,
    );
    const [reader, ...more] = asList(asObject(json)['value']);
    expect(more).toEqual([]);
    expect(asObject(reader)).toMatchObject({
      name: 'acdd72a7-3385-48ef-bd42-f606fba81ae7',
      properties: { type: 'BuiltInRole' },
    });
  });

  it('deletes the extensions that a PUT of their scale set does not name', async () => {
    const set = `${await newGroup()}/providers/Microsoft.Compute/virtualMachineScaleSets/s`;
    const body = { location: 'westus2', properties: { virtualMachineProfile: { priority: 'Regular' } } };
    await call('PUT', set, '2022-03-01', body);
    await call('PUT', `${set}/extensions/e`, '2022-03-01', { properties: { publisher: 'p' } });
    const { json } = await call('GET', set, '2022-03-01');
    expect(at(json, 'properties.virtualMachineProfile')).toMatchObject({
      priority: 'Regular',
      extensionProfile: { extensions: [{ name: 'e' }] },
    });
    await call('PUT', set, '2022-03-01', body);
    expect((await call('GET', `${set}/extensions/e`, '2022-03-01')).status).toBe(404);
  });

  it.each([
    {
      type: 'Microsoft.DBforPostgreSQL/flexibleServers',
      apiVersion: '2022-12-01',
      first: 202,
      meanwhile: { status: 404, state: undefined },
      headers: ['azure-asyncoperation', 'location', 'retry-after'],
      why: 'accepted, nothing to see until it is done',
    },
    {
      type: 'Microsoft.Compute/virtualMachines',
      apiVersion: '2022-03-01',
      first: 201,
      meanwhile: { status: 200, state: 'Creating' },
      headers: ['azure-asyncoperation', 'retry-after'],
      why: 'the unfinished resource and a status URL',
    },
    {
      type: 'Microsoft.KeyVault/vaults',
      apiVersion: '2023-07-01',
      body: { properties: { tenantId: randomUUID(), sku: { family: 'A', name: 'standard' } } },
      first: 200,
      meanwhile: { status: 200, state: 'RegisteringDns' },
      headers: [],
      why: 'the unfinished resource alone',
    },
  ])('creates $type in its own style: $why', async ({ type, apiVersion, body, first, meanwhile, headers }) => {
    const group = await newGroup();
    const [, , subscription = ''] = group.split('/');
    await client.call('POST', `/_simulator/subscriptions/${subscription}`, { hold: true });
    const id = `${group}/providers/${type}/x`;
    const put = await client.call('PUT', `${id}?api-version=${apiVersion}`, { location: 'westus2', ...body });
    expect(put.status).toBe(first);
    expect(['azure-asyncoperation', 'location', 'retry-after'].filter((name) => name in put.headers)).toEqual(headers);
    const before = await call('GET', id, apiVersion);
    expect({ status: before.status, state: at(before.json, 'properties.provisioningState') }).toEqual(meanwhile);
    const url = put.headers['azure-asyncoperation'];
    const poll = async (): Promise<Json | undefined> =>
      typeof url === 'string' ? asObject((await client.call('GET', url)).json)['status'] : undefined;
    if (url !== undefined) expect(await poll()).toBe('InProgress');
    await client.call('POST', '/_simulator/operations/finish', { subscription });
    if (url !== undefined) expect(await poll()).toBe('Succeeded');
    const after = await call('GET', id, apiVersion);
    expect(after.status).toBe(200);
    expect(['Creating', 'Updating', 'RegisteringDns']).not.toContain(at(after.json, 'properties.provisioningState'));
  });
});

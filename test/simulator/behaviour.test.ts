import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asObject, type Json } from '../../simulator/json.ts';
import { cosmosKeys } from '../../simulator/keys.ts';
import { startSimulator, type Simulator } from '../../simulator/start.ts';
import { clientFor, type Answer, type Client } from './client.ts';

/** What no recording shows, or not enough of: faults, drift, held operations, signed URLs, both layers of 404. */
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

const version = '?api-version=2023-12-30';

/** A subscription of its own that contains a group. */
async function newGroup(
  settings: Json = {},
): Promise<{ subscription: string; group: string; server: string; account: string }> {
  const subscription = randomUUID();
  const group = `/subscriptions/${subscription}/resourceGroups/rg`;
  await client.call('POST', `/_simulator/subscriptions/${subscription}`, settings);
  await client.call('PUT', group + version, { location: 'westus2' });
  const server = `${group}/providers/Microsoft.DBforMySQL/flexibleServers/${subscription}`;
  return { subscription, group, server, account: `${group}/providers/Microsoft.DocumentDB/databaseAccounts/acc` };
}

const serverBody = {
  location: 'westus2',
  properties: { administratorLogin: 'a', administratorLoginPassword: 'canary-password' },
};

function errorCode(answer: Answer): Json | undefined {
  return asObject(asObject(answer.json)['error'])['code'];
}

function urlOf(answer: Answer, header: string): string {
  const url = answer.headers[header];
  if (typeof url !== 'string') throw new Error(`no ${header}`);
  return url;
}

describe('faults', () => {
  it('of one subscription can be removed; the others stay', async () => {
    const [healed, ill] = [randomUUID(), randomUUID()];
    for (const id of [healed, ill])
      await client.call('POST', '/_simulator/faults', {
        match: { path: `/subscriptions/${id}/` },
        times: 9,
        status: 503,
      });
    await client.call('POST', '/_simulator/faults/forget', { path: healed });
    const group = (id: string) =>
      client.call('PUT', `/subscriptions/${id}/resourceGroups/rg?api-version=2020-06-01`, { location: 'westus2' });
    expect((await group(healed)).status).toBe(201);
    expect((await group(ill)).status).toBe(503);
  });

  it('answer the given status as often as given, with the given Retry-After', async () => {
    const { group, subscription } = await newGroup();
    await client.call('POST', '/_simulator/faults', {
      match: { method: 'GET', path: subscription },
      times: 2,
      status: 429,
      code: 'SubscriptionRequestsThrottled',
      message: 'slowly',
      retryAfter: 7,
    });
    const first = await client.call('GET', group + version);
    expect([first.status, first.headers['retry-after'], errorCode(first)]).toEqual([
      429,
      '7',
      'SubscriptionRequestsThrottled',
    ]);
    expect((await client.call('GET', group + version)).status).toBe(429);
    expect((await client.call('GET', group + version)).status).toBe(200);
  });

  it.each([
    { reset: 'before', exists: 404, why: 'the request never arrived' },
    { reset: 'after', exists: 200, why: 'the answer never arrived' },
  ])('close the connection $reset accepting: $why', async ({ reset, exists }) => {
    const { group, subscription } = await newGroup();
    const vault = `${group}/providers/Microsoft.KeyVault/vaults/v${version}`;
    await client.call('POST', '/_simulator/faults', { match: { method: 'PUT', path: subscription }, reset });
    await expect(client.call('PUT', vault, { location: 'westus2' })).rejects.toThrow();
    expect((await client.call('GET', vault)).status).toBe(exists);
  });

  it('make an accepted operation fail', async () => {
    const { server, account, subscription } = await newGroup();
    await client.call('POST', '/_simulator/faults', {
      match: { method: 'PUT', path: subscription },
      times: 2,
      operation: 'fail',
      code: 'Boom',
      message: 'm',
    });
    for (const [id, body] of [
      [server, serverBody],
      [account, { location: 'westus2', properties: {} }],
    ] as const) {
      const poll = await client.call(
        'GET',
        urlOf(await client.call('PUT', id + version, body), 'azure-asyncoperation'),
      );
      expect(asObject(poll.json)).toMatchObject({ status: 'Failed', error: { code: 'Boom' } });
    }
    // A server is not there afterwards; a failed account stays and refuses to be written until it is deleted.
    expect((await client.call('GET', server + version)).status).toBe(404);
    expect(asObject((await client.call('GET', account + version)).json)).toMatchObject({
      properties: { provisioningState: 'Failed' },
    });
    expect((await client.call('PUT', account + version, { location: 'westus2', properties: {} })).status).toBe(400);
  });
});

describe('operations', () => {
  it('run until finished when held; a second PUT meets the lock of its service', async () => {
    const { server, account, subscription } = await newGroup({ hold: true });
    const accepted = await client.call('PUT', server + version, serverBody);
    await client.call('PUT', account + version, { location: 'westus2', properties: {} });
    expect(errorCode(await client.call('PUT', server + version, serverBody))).toBe('AnotherOperationInProgress');
    expect((await client.call('PUT', account + version, { location: 'westus2', properties: {} })).status).toBe(412);
    expect((await client.call('GET', server + version)).status).toBe(404);
    await client.call('POST', '/_simulator/operations/finish', { subscription });
    expect(asObject((await client.call('GET', urlOf(accepted, 'azure-asyncoperation'))).json)['status']).toBe(
      'Succeeded',
    );
    const shown = await client.call('GET', server + version);
    expect(asObject(shown.json)['location']).toBe('West US 2');
    expect(shown.text).not.toContain('canary-password');
  });

  it('follow a change of the time scale', async () => {
    const { server, subscription } = await newGroup({ timeScale: 0.01 });
    const accepted = await client.call('PUT', server + version, serverBody);
    expect(accepted.headers['retry-after']).toBe('1');
    expect(asObject((await client.call('GET', urlOf(accepted, 'azure-asyncoperation'))).json)['status']).toBe(
      'InProgress',
    );
    await client.call('POST', '/_simulator/time-scale', { scale: 0, subscription });
    expect(asObject((await client.call('GET', urlOf(accepted, 'azure-asyncoperation'))).json)['status']).toBe(
      'Succeeded',
    );
  });

  it('have long signed poll URLs, of which the first stays valid and a rebuilt one is refused', async () => {
    const { group, subscription } = await newGroup({ hold: true });
    const first = urlOf(await client.call('DELETE', group + version), 'location');
    expect(first.length).toBeGreaterThan(3_900);
    const second = urlOf(await client.call('GET', first), 'location');
    expect(second).not.toBe(first);
    expect((await client.call('GET', first)).status).toBe(202);
    expect((await client.call('GET', first.replace(/&t=.*/, ''))).status).toBe(403);
    await client.call('POST', '/_simulator/operations/finish', { subscription });
    const last = await client.call('GET', first);
    expect([last.status, last.text]).toEqual([200, '']);
  });

  it('answers 404 from the provider before the gateway knows', async () => {
    const { account, subscription } = await newGroup({ hold: true, timeScale: 1 });
    await client.call('POST', `/_simulator/subscriptions/${subscription}`, { timeScale: 0 });
    await client.call('PUT', account + version, { location: 'westus2', properties: {} });
    await client.call('POST', '/_simulator/operations/finish', { subscription });
    await client.call('DELETE', account + version);
    await client.call('POST', `/_simulator/subscriptions/${subscription}`, { timeScale: 1 });
    await client.call('POST', '/_simulator/operations/finish', { subscription });
    const provider = await client.call('GET', account + version);
    expect([provider.status, asObject(provider.json)['code'], provider.headers['x-ms-failure-cause']]).toEqual([
      404,
      'NotFound',
      undefined,
    ]);
    await client.call('POST', `/_simulator/subscriptions/${subscription}`, { timeScale: 0 });
    const gateway = await client.call('GET', account + version);
    expect([gateway.status, errorCode(gateway), gateway.headers['x-ms-failure-cause']]).toEqual([
      404,
      'ResourceNotFound',
      'gateway',
    ]);
  });

  it('are done at once when synchronous', async () => {
    const { server, account, group } = await newGroup({ synchronous: true });
    const created = await client.call('PUT', server + version, serverBody);
    expect([created.status, created.headers['azure-asyncoperation'], asObject(created.json)['name']]).toEqual([
      201,
      undefined,
      server.split('/').at(-1),
    ]);
    const cosmos = await client.call('PUT', account + version, { location: 'westus2', properties: {} });
    expect(asObject(cosmos.json)).toMatchObject({ properties: { provisioningState: 'Succeeded' } });
    expect((await client.call('DELETE', group + version)).status).toBe(200);
    expect((await client.call('GET', group + version)).status).toBe(404);
  });
});

describe('resources', () => {
  it.each([
    { insist: true, put: 'azure', why: 'every answer has the value of Azure' },
    { insist: 'reads', put: 'sent', why: 'the answer to a PUT echoes what was sent' },
  ])('insist ($insist) on a value that is not there yet: $why', async ({ insist, put }) => {
    const { group } = await newGroup();
    const id = `${group}/providers/Microsoft.KeyVault/vaults/v`;
    await client.call('POST', '/_simulator/drift', { id, insist, patch: { tags: { by: 'azure' } } });
    const answer = await client.call('PUT', id + version, { location: 'westus2', tags: { by: 'sent' } });
    expect(asObject(answer.json)).toMatchObject({ tags: { by: put } });
    expect(asObject((await client.call('GET', id + version)).json)).toMatchObject({ tags: { by: 'azure' } });
  });

  it("replaces a storage account's firewall: a list that is null is empty afterwards", async () => {
    const { group } = await newGroup({ synchronous: true });
    const id = `${group}/providers/Microsoft.Storage/storageAccounts/firewalled${version}`;
    const put = (ipRules: Json) =>
      client.call('PUT', id, { location: 'westus2', properties: { networkAcls: { defaultAction: 'Deny', ipRules } } });
    await put([{ value: '1.1.1.1' }]);
    await put(null);
    expect(asObject((await client.call('GET', id)).json)).toMatchObject({
      properties: { networkAcls: { defaultAction: 'Deny', ipRules: [] } },
    });
  });

  it('drift, and ids are case-insensitive', async () => {
    const { group } = await newGroup();
    await client.call('POST', '/_simulator/drift', { id: group.toUpperCase(), patch: { tags: { by: 'hand' } } });
    expect(
      asObject((await client.call('GET', group.replace('resourceGroups', 'RESOURCEGROUPS') + version)).json)['tags'],
    ).toEqual({ by: 'hand' });
    await client.call('POST', '/_simulator/drift', { id: group, delete: true });
    expect((await client.call('GET', group + version)).status).toBe(404);
  });

  it('have keys that are computed from the name', async () => {
    const { account } = await newGroup();
    await client.call('PUT', account + version, { location: 'westus2', properties: {} });
    expect((await client.call('POST', `${account}/listKeys${version}`)).json).toEqual({ ...cosmosKeys('acc') });
  });

  it('are in the request log, without passwords and signatures', async () => {
    const { server, subscription } = await newGroup();
    await client.call('GET', urlOf(await client.call('PUT', server + version, serverBody), 'azure-asyncoperation'));
    const log = await client.call('GET', `/_simulator/requests?subscription=${subscription}`);
    expect(log.text).toContain('*** sha256:');
    expect(log.text).not.toMatch(/canary-password|&s=/);
    expect(asObject(log.json)['requests']).toHaveLength(3);
  });
});

describe('authentication', () => {
  it('refuses ARM calls without a bearer token', async () => {
    const { group } = await newGroup();
    expect((await client.call('GET', group + version, undefined, {})).status).toBe(401);
  });

  it.each([
    { form: 'client_secret=s3cret', status: 200, why: 'a secret' },
    { form: 'client_assertion=jwt', status: 200, why: 'a federated token' },
    { form: 'client_secret=wrong', status: 401, why: 'the secret that is always wrong' },
    { form: 'x=y', status: 401, why: 'no credential at all' },
  ])('answers $status for $why', async ({ form, status }) => {
    const response = await fetchToken(`grant_type=client_credentials&client_id=id&${form}`);
    expect(response.status).toBe(status);
    if (status === 200) expect(asObject(response.json)).toMatchObject({ token_type: 'Bearer', expires_in: 3599 });
    else expect(response.text).toContain('AADSTS70002');
  });
});

async function fetchToken(form: string): Promise<Answer> {
  return await client.call('POST', '/some-tenant/oauth2/v2.0/token', form, {
    'content-type': 'application/x-www-form-urlencoded',
  });
}

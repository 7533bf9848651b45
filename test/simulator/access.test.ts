import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asObject, asString, type Json } from '../../simulator/json.ts';
import { startSimulator, type Simulator } from '../../simulator/start.ts';
import { clientFor, type Answer, type Client } from './client.ts';

/** Access, revoked tokens, ETags, and operations that ARM forgot. */
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

const version = '?api-version=2024-03-01';

async function newGroup(settings: Json = {}): Promise<{ subscription: string; group: string }> {
  const subscription = randomUUID();
  const group = `/subscriptions/${subscription}/resourceGroups/rg`;
  await client.call('POST', `/_simulator/subscriptions/${subscription}`, settings);
  await client.call('PUT', group + version, { location: 'westus2' });
  return { subscription, group };
}

async function tokenOf(clientId: string): Promise<Record<string, string>> {
  const form = `grant_type=client_credentials&client_id=${clientId}&client_secret=s`;
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await client.call('POST', '/tenant/oauth2/v2.0/token', form, headers);
  return { authorization: `Bearer ${asString(asObject(answer.json)['access_token'])}` };
}

function codeOf(answer: Answer): string {
  return `${answer.status} ${asString(asObject(asObject(answer.json)['error'])['code'])}`;
}

function etagOf(answer: Answer): string {
  return asString(asObject(answer.json)['etag']);
}

describe('rights on a group only', () => {
  it('give 403 outside of it, and inside it once it is gone, without telling that it is', async () => {
    const { subscription, group } = await newGroup();
    const vault = `${group}/providers/Microsoft.KeyVault/vaults/v${version}`;
    await client.call('PUT', vault, { location: 'westus2' });
    await client.call('POST', '/_simulator/rights', { subscription, scope: group.toUpperCase() });
    expect((await client.call('GET', vault)).status).toBe(200);
    const elsewhere = `/subscriptions/${subscription}/resourceGroups/rg2`;
    expect(codeOf(await client.call('PUT', elsewhere + version, { location: 'westus2' }))).toBe(
      '403 AuthorizationFailed',
    );
    const deletion = await client.call('DELETE', group + version);
    // The URL of an operation is signed, so it needs no access.
    expect((await client.call('GET', String(deletion.headers['location']))).status).toBe(200);
    const after = await client.call('GET', vault);
    expect(codeOf(after)).toBe('403 AuthorizationFailed');
    expect(after.text).toContain(
      `'Microsoft.KeyVault/vaults/read' over scope '${group}/providers/Microsoft.KeyVault/vaults/v'`,
    );
    expect(codeOf(await client.call('DELETE', vault))).toBe('403 AuthorizationFailed');
    await client.call('POST', '/_simulator/rights', { subscription });
    expect(codeOf(await client.call('GET', vault))).toBe('404 ResourceGroupNotFound');
  });

  it('of one application do not restrict others', async () => {
    const { subscription, group } = await newGroup();
    await client.call('POST', '/_simulator/rights', { subscription, scope: `${group}x`, clientId: 'narrow' });
    const get = async (clientId: string) =>
      (await client.call('GET', group + version, undefined, await tokenOf(clientId))).status;
    expect([await get('narrow'), await get('wide')]).toEqual([403, 200]);
  });
});

describe('tokens', () => {
  it('are refused once they are revoked, with the given code; later ones are accepted', async () => {
    const { group } = await newGroup();
    const old = await tokenOf('a');
    const other = await tokenOf('b');
    await client.call('POST', '/_simulator/tokens/revoke', { code: 'InvalidAuthenticationToken', clientId: 'a' });
    const refused = await client.call('GET', group + version, undefined, old);
    expect(codeOf(refused)).toBe('401 InvalidAuthenticationToken');
    expect(refused.headers['www-authenticate']).toContain('error="invalid_token"');
    expect((await client.call('GET', group + version, undefined, other)).status).toBe(200);
    expect((await client.call('GET', group + version, undefined, await tokenOf('a'))).status).toBe(200);
  });
});

describe('operations that ARM forgot', () => {
  it.each([
    { status: 404, code: '404 NotFound' },
    { status: 410, code: '410 Gone' },
  ])('$status: the URL is unknown, the operation goes on', async ({ status, code }) => {
    const { subscription, group } = await newGroup({ hold: true });
    const server = `${group}/providers/Microsoft.DBforMySQL/flexibleServers/${subscription}?api-version=2023-12-30`;
    const accepted = await client.call('PUT', server, {
      location: 'westus2',
      properties: { administratorLogin: 'a', administratorLoginPassword: 'p' },
    });
    const url = String(accepted.headers['azure-asyncoperation']);
    const forgotten = await client.call('POST', '/_simulator/operations/forget', { subscription, status });
    expect(asObject(forgotten.json)['forgotten']).toHaveLength(1);
    expect(codeOf(await client.call('GET', url))).toBe(code);
    await client.call('POST', '/_simulator/operations/finish', { subscription });
    expect(codeOf(await client.call('GET', url))).toBe(code);
    expect((await client.call('GET', server)).status).toBe(200);
  });
});

describe('ETags of networks', () => {
  const kinds = [
    { type: 'virtualNetworks', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } },
    { type: 'networkSecurityGroups', properties: {} },
    { type: 'routeTables', properties: {} },
  ];

  it.each(kinds)('$type: in header and body of a GET, in the body of a PUT, weak', async ({ type, properties }) => {
    const { group } = await newGroup();
    const id = `${group}/providers/Microsoft.Network/${type}/x${version}`;
    const put = await client.call('PUT', id, { location: 'westus2', properties });
    expect([etagOf(put), put.headers['etag']]).toEqual([expect.stringMatching(/^W\/"[0-9a-f-]{36}"$/), undefined]);
    const get = await client.call('GET', id);
    expect(get.headers['etag']).toBe(etagOf(get));
    expect(etagOf(await client.call('GET', id))).toBe(etagOf(get));
  });

  it('a PUT with the current one is accepted; with a stale one it is refused and changes nothing', async () => {
    const { group } = await newGroup();
    const network = `${group}/providers/Microsoft.Network/virtualNetworks/vn`;
    const body = { location: 'westus2', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } };
    const put = async (ifMatch: string) =>
      await client.call(
        'PUT',
        network + version,
        { ...body, tags: { by: 'us' } },
        {
          authorization: 'Bearer t',
          'if-match': ifMatch,
        },
      );
    expect((await put('W/"0"')).status).toBe(412);
    await client.call('PUT', network + version, body);
    const read = etagOf(await client.call('GET', network + version));
    // A write by somebody else in between; a child counts.
    await client.call('PUT', `${network}/subnets/s${version}`, { properties: { addressPrefix: '10.0.0.0/24' } });
    const stale = await put(read);
    expect(codeOf(stale)).toBe('412 PreconditionFailed');
    expect(stale.text).toContain('PreconditionFailedEtagMismatch');
    const now = await client.call('GET', network + version);
    expect(asObject(now.json)['tags']).toBeUndefined();
    expect((await put(etagOf(now))).status).toBe(200);
    const after = asObject((await client.call('GET', network + version)).json);
    expect(after['tags']).toEqual({ by: 'us' });
  });

  it('a type without ETags ignores the header', async () => {
    const { group } = await newGroup();
    const vault = `${group}/providers/Microsoft.KeyVault/vaults/v${version}`;
    const headers = { authorization: 'Bearer t', 'if-match': 'W/"0"' };
    expect((await client.call('PUT', vault, { location: 'westus2' }, headers)).status).toBe(200);
  });
});

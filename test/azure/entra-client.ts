/** Run by entra.test.ts in a process of its own: NODE_EXTRA_CA_CERTS is read once, when a process starts. Prints one line of JSON. */
import { ArmClients } from '../../azure/arm-clients.ts';
import { normalizeArmError } from '../../azure/arm-error.ts';
import type { ArmAddress } from '../../azure/contract.ts';
import { listCosmosKeys } from '../../azure/cosmos-keys.ts';
import { credentialSettingsFrom } from '../../azure/credentials.ts';
import { readAzureSettings } from '../../azure/settings.ts';

const simulator = process.env['AZURE_AUTHORITY_HOST'] ?? '';
const settings = readAzureSettings(process.env);
const ids = {
  AZURE_SUBSCRIPTION_ID: '11111111-1111-1111-1111-111111111111',
  AZURE_TENANT_ID: '22222222-2222-2222-2222-222222222222',
  AZURE_CLIENT_ID: '33333333-3333-3333-3333-333333333333',
};
const group: ArmAddress = {
  id: `/subscriptions/${ids.AZURE_SUBSCRIPTION_ID}/resourceGroups/rg`,
  apiVersion: '2020-06-01',
};
const account: ArmAddress = {
  id: `${group.id}/providers/Microsoft.DocumentDB/databaseAccounts/acc`,
  apiVersion: '2021-05-15',
};
const right = credentialSettingsFrom({ ...ids, AZURE_CLIENT_SECRET: 'right-canary' }, 'test');

async function control(method: string, path: string, body?: unknown): Promise<unknown> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  return await (await fetch(`${simulator}/_simulator/${path}`, { method, ...sent })).json();
}

/** How often Entra ID was asked for a token since the last time. */
async function tokensAsked(): Promise<number> {
  const { requests } = (await control('GET', 'requests')) as { requests: { method: string; path: string }[] };
  await control('DELETE', 'requests');
  return requests.filter(({ method, path }) => method === 'POST' && path.includes('/oauth2/v2.0/token')).length;
}

/** What a GET of the group comes to: its status, or the failure in words. */
async function outcome(call: Promise<{ status: number } | undefined>): Promise<string> {
  return await call.then(
    (answer) => String(answer?.status),
    (thrown: unknown) => {
      const { code, message, retryAfterMs } = normalizeArmError(thrown);
      return `${code}${retryAfterMs === undefined ? '' : ` (after ${retryAfterMs})`}: ${message}`;
    },
  );
}

async function withAuthority(authorityHost: string): Promise<string> {
  return await outcome(new ArmClients({ ...settings, authorityHost }).for(right).get(group));
}

/** Entra ID says so when its addresses are asked for, which MSAL takes for "no answer". */
async function noSuchTenant(): Promise<string> {
  const message = "AADSTS90002: Tenant 'canary' not found.";
  await control('POST', 'faults', { match: { path: 'openid-configuration' }, status: 400, message });
  return await outcome(new ArmClients(settings).for(right).get(group));
}

async function refusals(): Promise<Record<string, string>> {
  const clients = new ArmClients({ ...settings, federatedTokenFile: '/nowhere/token' });
  const get = (values: Record<string, string>): Promise<string> =>
    outcome(clients.for(credentialSettingsFrom({ ...ids, ...values }, 'test')).get(group));
  return {
    wrongSecret: await get({ AZURE_CLIENT_SECRET: 'wrong' }),
    noTokenFile: await get({}),
    badCertificate: await get({ AZURE_CLIENT_CERTIFICATE: '-----BEGIN nothing-canary' }),
    closedPort: await withAuthority('https://localhost:1'),
    noSuchHost: await withAuthority('https://entra.invalid'),
    noSuchTenant: await noSuchTenant(),
    wrongPath: await withAuthority(`${simulator}/elsewhere`),
  };
}

async function outage(): Promise<Record<string, string>> {
  const client = new ArmClients(settings).for(right);
  const fault = { match: { path: 'oauth2/v2.0/token' }, status: 503, retryAfter: 7 };
  await control('POST', 'faults', fault);
  const during = await outcome(client.get(group));
  await control('POST', 'faults', { ...fault, match: { path: 'openid-configuration' }, retryAfter: null });
  const first = await outcome(client.get(group));
  return { during, first, after: await outcome(client.get(group)) };
}

async function revoked(): Promise<Record<string, unknown>> {
  const clients = new ArmClients(settings);
  const client = clients.for(right);
  await client.put(group, { location: 'westus' });
  await tokensAsked();
  const many = (): Promise<string[]> => Promise.all(Array.from({ length: 20 }, () => outcome(client.get(group))));
  const before = new Set(await many());
  const kept = await tokensAsked();
  await control('POST', 'tokens/revoke', {});
  const refused = new Set(await many());
  const again = new Set(await many());
  const asked = await tokensAsked();
  await client.put(account, {
    location: 'westus',
    properties: { databaseAccountOfferType: 'Standard', locations: [{ locationName: 'westus' }] },
  });
  await tokensAsked();
  await control('POST', 'tokens/revoke', { code: 'InvalidAuthenticationToken' });
  const keys = (): Promise<string> =>
    outcome(listCosmosKeys({ ...clients.optionsFor(right), target: account }).then(() => ({ status: 200 })));
  const typed = [await keys(), await keys()];
  return {
    before: [...before],
    kept,
    refused: [...refused],
    again: [...again],
    asked,
    typed,
    typedAsked: await tokensAsked(),
  };
}

/** What many ask for at once is asked once. */
async function burst(): Promise<number> {
  await tokensAsked();
  const client = new ArmClients(settings).for(right);
  await Promise.all(Array.from({ length: 20 }, () => client.get(group)));
  return await tokensAsked();
}

const out = { refusals: await refusals(), outage: await outage(), revoked: await revoked(), burst: await burst() };
console.log(JSON.stringify(out));

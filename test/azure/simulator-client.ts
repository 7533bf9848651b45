/** Run by simulator.test.ts in a process of its own: NODE_EXTRA_CA_CERTS is read once, when a process starts. Prints one line of JSON. */
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ArmClients } from '../../azure/arm-clients.ts';
import { normalizeArmError } from '../../azure/arm-error.ts';
import type { ArmAnswer, ArmAddress, PollAnswer } from '../../azure/contract.ts';
import { listCosmosKeys } from '../../azure/cosmos-keys.ts';
import { credentialSettingsFrom } from '../../azure/credentials.ts';
import { readAzureSettings } from '../../azure/settings.ts';

const federatedTokenFile = join(tmpdir(), `azure-identity-${process.pid}`);
process.on('exit', () => rmSync(federatedTokenFile));
writeFileSync(federatedTokenFile, 'a.b.c');
const clients = new ArmClients({ ...readAzureSettings(process.env), federatedTokenFile });
const ids = {
  AZURE_SUBSCRIPTION_ID: '11111111-1111-1111-1111-111111111111',
  AZURE_TENANT_ID: '22222222-2222-2222-2222-222222222222',
  AZURE_CLIENT_ID: '33333333-3333-3333-3333-333333333333',
};
const good = credentialSettingsFrom({ ...ids, AZURE_CLIENT_SECRET: 'right' }, 'test');
const client = clients.for(good);
const group: ArmAddress = { id: `/subscriptions/${client.subscriptionId}/resourceGroups/rg`, apiVersion: '2020-06-01' };
const account: ArmAddress = {
  id: `${group.id}/providers/Microsoft.DocumentDB/databaseAccounts/acc`,
  apiVersion: '2021-05-15',
};
const storage: ArmAddress = {
  id: `${group.id}/providers/Microsoft.Storage/storageAccounts/stor`,
  apiVersion: '2021-04-01',
};

async function follow(answer: ArmAnswer | undefined, target: ArmAddress): Promise<string> {
  const operation = answer?.operation;
  if (operation === undefined) return `${answer?.status} done`;
  let last: PollAnswer = { done: false, state: '', retryAfterMs: undefined };
  for (let polls = 0; !last.done && polls < 200; polls++) {
    last = await client.poll(operation, target);
    if (!last.done) await sleep(20);
  }
  return `${answer?.status} ${operation.style} ${last.done}`;
}

async function codeOf(call: Promise<unknown>): Promise<unknown> {
  return call.catch((error: unknown) => {
    const { name, code, message } = normalizeArmError(error);
    return { name, code, message };
  });
}

const out = {
  before: await client.get(account),
  group: await follow(await client.put(group, { location: 'westus' }), group),
  storage: await follow(
    await client.put(storage, { location: 'westus', kind: 'StorageV2', sku: { name: 'Standard_LRS' }, properties: {} }),
    storage,
  ),
  account: await follow(
    await client.put(account, {
      location: 'westus',
      properties: { databaseAccountOfferType: 'Standard', locations: [{ locationName: 'westus' }] },
    }),
    account,
  ),
  accountId: (await client.get(account))?.body?.['id'],
  keys: Object.keys(await listCosmosKeys({ ...clients.optionsFor(good), target: account })),
  byAction: Object.keys(await client.action(account, 'listKeys')),
  workloadIdentity: (await clients.for(credentialSettingsFrom(ids, 'test')).get(group))?.status,
  wrong: await codeOf(clients.for(credentialSettingsFrom({ ...ids, AZURE_CLIENT_SECRET: 'wrong' }, 'test')).get(group)),
  deleted: await follow(await client.delete(group), group),
  after: await client.get(group),
  again: await client.delete(group),
};
console.log(JSON.stringify(out));

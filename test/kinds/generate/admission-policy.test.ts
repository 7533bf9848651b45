import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';

import { STORED_STATE, type StoredState } from '../../../contract/stored-state.ts';
import { ensureBinaries } from '../../../dev/binaries.ts';
import { startControlPlane } from '../../../dev/control-plane.ts';
import { KubeApi, type Manifest } from '../../../dev/kube-api.ts';
import { Processes } from '../../../dev/processes.ts';

const CRDS = new URL('../../../crds/', import.meta.url);
const CLAIMED = { 'serviceoperator.azure.com/resource-id': '/subscriptions/s/resourceGroups/rg' };
const REFUSED = { uid: 'u', refused: true, order: { scheduledAt: 1, step: 1 } } satisfies StoredState;
const ACCEPTED = {
  uid: 'u',
  applied: { generation: 1, apiVersion: '2021-05-15', digest: 'd' },
  order: { scheduledAt: 1, step: 2 },
} satisfies StoredState;

const account = (name: string, spec: object = {}): Manifest => ({
  apiVersion: 'documentdb.azure.com/v1api20210515',
  kind: 'DatabaseAccount',
  metadata: { name, namespace: 'default' },
  spec: {
    location: 'westus2',
    owner: { name: 'rg' },
    databaseAccountOfferType: 'Standard',
    locations: [{ locationName: 'westus2' }],
    ...spec,
  },
});
const generic = (name: string): Manifest => ({
  apiVersion: 'generic.azure-temporal-operator.io/v1',
  kind: 'GenericResource',
  metadata: { name, namespace: 'default' },
  spec: { type: 'Microsoft.Maps/acounts', apiVersion: '2023-06-01', scope: 'subscription', body: {} },
});
const keyOf = (name: string) => ({
  apiVersion: 'documentdb.azure.com/v1api20210515',
  kind: 'DatabaseAccount',
  name,
  namespace: 'default',
});

/** A real API server without the operator: the test writes the stored state itself. */
describe('the admission policy', () => {
  const processes = new Processes();
  let directory: string;
  let api: KubeApi;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'policy-'));
    const binaries = await ensureBinaries(() => undefined);
    const kubeconfig = join(directory, 'kubeconfig');
    await startControlPlane(processes, { binaries, directory, logDirectory: join(directory, 'logs'), kubeconfig });
    api = new KubeApi(kubeconfig);
    for (const file of [
      'documentdb.azure.com_databaseaccounts.yaml',
      'generic.azure-temporal-operator.io_genericresources.yaml',
    ])
      await api.apply(parse(await readFile(new URL(file, CRDS), 'utf8'), { maxAliasCount: -1 }) as Manifest);
    for (const document of parseAllDocuments(await readFile(new URL('policy.yaml', CRDS), 'utf8')))
      await api.apply(document.toJS() as Manifest);
    await until(() => api.apply(account('first')));
    await until(() => api.apply(generic('first')));
    await claim('probe', ACCEPTED);
    // A policy takes effect some moments after it is written.
    await until(async () => {
      const refusal = await change('probe', { azureName: `x${String(Date.now())}` }).then(() => undefined, String);
      if (refusal === undefined) throw new Error('the policy is not in force yet');
    });
  }, 120_000);
  afterAll(async () => {
    api?.close();
    await processes.stop();
    await rm(directory, { recursive: true, force: true });
  });

  async function until<T>(action: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await action();
      } catch (error) {
        if (attempt === 100) throw error;
        await sleep(200);
      }
    }
  }

  async function claim(name: string, stored: StoredState | undefined, made = account(name)): Promise<void> {
    await api.apply(made);
    await api.patch({ ...keyOf(name), ...made }, { metadata: { annotations: CLAIMED } });
    const [group] = made.apiVersion.split('/');
    const path = `/apis/${String(group)}/v1storage/namespaces/default/${made.kind.toLowerCase()}s/${name}/status`;
    const status = { conditions: [], ...(stored && { [STORED_STATE]: stored }) };
    await api.call('PATCH', path, { status }, 'application/merge-patch+json');
  }

  const change = (name: string, spec: object) => api.patch(keyOf(name), { spec });

  const ROWS: { reason: string; stored: StoredState | undefined; denied: boolean }[] = [
    { reason: 'Azure has accepted it', stored: ACCEPTED, denied: true },
    { reason: 'it is claimed, and nobody knows yet what Azure says', stored: undefined, denied: true },
    { reason: 'Azure has refused it, so there is nothing under the old name (row 42)', stored: REFUSED, denied: false },
  ];
  it.each(ROWS)(
    'for azureName and owner: $reason',
    async ({ stored, denied }) => {
      const name = `row-${String(ROWS.findIndex((row) => row.stored === stored))}`;
      await claim(name, stored);
      for (const [field, spec] of [
        ['azureName', { azureName: 'better-name' }],
        ['owner', { owner: { name: 'other' } }],
      ] as const) {
        const refusal = await change(name, spec).then(() => undefined, String);
        if (denied) expect(refusal).toMatch(new RegExp(`spec.${field} cannot be changed once .* detach-on-delete`));
        else expect(refusal).toBeUndefined();
      }
    },
    30_000,
  );

  it.each(ROWS)(
    "for a GenericResource's type and scope: $reason",
    async ({ stored, denied }) => {
      const name = `generic-${String(ROWS.findIndex((row) => row.stored === stored))}`;
      await claim(name, stored, generic(name));
      const key = { ...keyOf(name), apiVersion: generic(name).apiVersion, kind: 'GenericResource' };
      for (const [field, spec] of [
        ['type', { type: 'Microsoft.Maps/accounts' }],
        ['scope', { scope: 'tenant' }],
      ] as const) {
        const refusal = await api.patch(key, { spec }).then(() => undefined, String);
        if (denied) expect(refusal).toMatch(new RegExp(`spec.${field} cannot be changed once .* detach-on-delete`));
        else expect(refusal).toBeUndefined();
      }
      await api.patch(key, { spec: { apiVersion: '2024-01-01' } });
    },
    30_000,
  );

  it('allows every other change', async () => {
    await claim('other', ACCEPTED);
    await change('other', { tags: { a: '1' } });
  }, 30_000);

  it('allows changes to a resource that is not claimed', async () => {
    await api.apply(account('unclaimed'));
    await change('unclaimed', { azureName: 'another', owner: { name: 'other' } });
  }, 30_000);

  it('reads the stored state in every version', async () => {
    await claim('kept', ACCEPTED);
    expect((await api.get(keyOf('kept')))?.status).toMatchObject({ [STORED_STATE]: ACCEPTED });
  }, 30_000);
});

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { parse, parseAllDocuments } from 'yaml';

import { STORED_STATE, type StoredState } from '../../../contract/stored-state.ts';
import { ensureBinaries } from '../../../dev/binaries.ts';
import { startControlPlane } from '../../../dev/control-plane.ts';
import { KubeApi, type Manifest, type ObjectKey } from '../../../dev/kube-api.ts';
import { Processes } from '../../../dev/processes.ts';
import { STORAGE_VERSION } from '../../../kinds/contract.ts';
import { GENERIC_KIND, GENERIC_VERSION } from '../../../kinds/generic/generic-kind.ts';

const CRDS = new URL('../../../crds/', import.meta.url);
export const RESOURCE_ID = 'serviceoperator.azure.com/resource-id';
export const CLAIMED = { [RESOURCE_ID]: '/subscriptions/s/resourceGroups/rg' };
export const REFUSED = { uid: 'u', refused: true, order: { scheduledAt: 1, step: 1 } } satisfies StoredState;
export const ACCEPTED = {
  uid: 'u',
  applied: { generation: 1, apiVersion: '2021-05-15', digest: 'd' },
  order: { scheduledAt: 1, step: 2 },
} satisfies StoredState;

export const account = (name: string, spec: object = {}): Manifest => ({
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

export const generic = (name: string): Manifest => ({
  apiVersion: `${GENERIC_KIND.group}/${GENERIC_VERSION}`,
  kind: GENERIC_KIND.kind,
  metadata: { name, namespace: 'default' },
  spec: { type: 'Microsoft.Maps/acounts', apiVersion: '2023-06-01', scope: 'subscription', body: {} },
});

export const keyOf = ({ apiVersion, kind }: Manifest, name: string): ObjectKey => ({
  apiVersion,
  kind,
  name,
  namespace: 'default',
});

/** The same resource at the storage version. */
export const stored = (manifest: Manifest): Manifest => ({
  ...manifest,
  apiVersion: `${groupOf(manifest)}/${STORAGE_VERSION}`,
});

/** A real API server with two kinds and the policy, without the operator: the test writes the stored state itself. */
export interface PolicyCluster {
  /** As a cluster administrator. */
  readonly api: KubeApi;
  as(user: string): KubeApi;
  /** What the operator writes: the annotation, and the object inside `status`. */
  claim(name: string, state: StoredState | undefined, made?: Manifest): Promise<void>;
  stop(): Promise<void>;
}

export async function startPolicyCluster(): Promise<PolicyCluster> {
  const processes = new Processes();
  const directory = await mkdtemp(join(tmpdir(), 'policy-'));
  const binaries = await ensureBinaries(() => undefined);
  const kubeconfig = join(directory, 'kubeconfig');
  await startControlPlane(processes, { binaries, directory, logDirectory: join(directory, 'logs'), kubeconfig });
  const api = new KubeApi(kubeconfig);
  const users: KubeApi[] = [];
  const files = ['documentdb.azure.com_databaseaccounts.yaml', `${GENERIC_KIND.group}_${GENERIC_KIND.plural}.yaml`];
  for (const file of files)
    await api.apply(parse(await readFile(new URL(file, CRDS), 'utf8'), { maxAliasCount: -1 }) as Manifest);
  for (const document of parseAllDocuments(await readFile(new URL('policy.yaml', CRDS), 'utf8')))
    await api.apply(document.toJS() as Manifest);
  await until(() => api.apply(account('first')));
  await until(() => api.apply(generic('first')));
  const claim: PolicyCluster['claim'] = async (name, state, made = account(name)) => {
    await api.apply(made);
    await api.patch(keyOf(made, name), { metadata: { annotations: CLAIMED } });
    const status = { conditions: [], ...(state && { [STORED_STATE]: state }) };
    await api.call('PATCH', statusPath(made, name), { status }, 'application/merge-patch+json');
  };
  await claim('probe', ACCEPTED);
  // A policy takes effect some moments after it is written.
  await until(async () => {
    const spec = { azureName: `x${String(Date.now())}` };
    const refusal = await api.patch(keyOf(account('probe'), 'probe'), { spec }).then(() => undefined, String);
    if (refusal === undefined) throw new Error('the policy is not in force yet');
  });
  await statusPolicyInForce(api, new KubeApi(kubeconfig, 'prober'));
  return {
    api,
    as: (user) => {
      const client = new KubeApi(kubeconfig, user);
      users.push(client);
      return client;
    },
    claim,
    stop: async () => {
      for (const client of [api, ...users]) client.close();
      await processes.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Only a user without the right notices it. */
async function statusPolicyInForce(admin: KubeApi, prober: KubeApi): Promise<void> {
  const group = 'rbac.authorization.k8s.io';
  const rules = [{ apiGroups: ['documentdb.azure.com'], resources: ['*'], verbs: ['*'] }];
  const metadata = { name: 'prober' };
  await admin.apply({ apiVersion: `${group}/v1`, kind: 'ClusterRole', metadata, rules });
  const roleRef = { apiGroup: group, kind: 'ClusterRole', name: 'prober' };
  const subjects = [{ apiGroup: group, kind: 'User', name: 'prober' }];
  await admin.apply({ apiVersion: `${group}/v1`, kind: 'ClusterRoleBinding', metadata, roleRef, subjects });
  const path = statusPath(account('probe'), 'probe');
  await until(async () => {
    const status = { [STORED_STATE]: { fingerprint: String(Date.now()) } };
    const merge = 'application/merge-patch+json';
    const refusal = await prober.call('PATCH', path, { status }, merge).then(() => '', String);
    if (!refusal.includes('stored state')) throw new Error(`the policy of status is not in force yet: ${refusal}`);
  });
  prober.close();
}

export function statusPath(manifest: Manifest, name: string, version: string = STORAGE_VERSION): string {
  return `/apis/${groupOf(manifest)}/${version}/namespaces/default/${manifest.kind.toLowerCase()}s/${name}/status`;
}

function groupOf({ apiVersion }: Manifest): string {
  return apiVersion.split('/')[0] ?? '';
}

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

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { parseAllDocuments } from 'yaml';

import { installCrds } from '../cli/install-crds.ts';
import { STORED_STATE } from '../contract/stored-state.ts';
import { ensureBinaries } from '../dev/binaries.ts';
import { startControlPlane } from '../dev/control-plane.ts';
import { KubeApi, type Manifest } from '../dev/kube-api.ts';
import { Processes } from '../dev/processes.ts';
import { createKubeClient } from '../kube/client.ts';
import { countCpu } from './cpu-seconds.ts';
import type { Row } from './measurements.ts';
import { percentile } from './percentile.ts';

const REQUESTS = 1_000;
/** A B A B, so that a machine that gets slower does not look like the policy. */
const ROUNDS = [false, true, false, true] as const;
/** The API server reads policies and bindings anew once a second. */
const SETTLE_MS = 5_000;
const OPERATOR = 'system:serviceaccount:operator:worker';
const GROUP = '/apis/documentdb.azure.com';
const RBAC = 'rbac.authorization.k8s.io';

interface Measured {
  readonly milliseconds: number[];
  cpuSeconds: number;
}

/**
 * Measures what the admission policy costs an API server that does nothing else, for creations and updates of a user
 * and for status writes of the operator, which ask for its right. Without the policy's binding nothing is evaluated.
 */
export async function measureAdmission(directory: string, report: (row: Row) => void): Promise<void> {
  const processes = new Processes();
  try {
    const kubeconfig = join(directory, 'kubeconfig');
    const controlPlane = await startControlPlane(processes, {
      binaries: await ensureBinaries(console.log),
      directory: join(directory, 'control-plane'),
      logDirectory: join(directory, 'logs'),
      kubeconfig,
    });
    const client = await createKubeClient({ kubeconfig });
    await installCrds(client, { kinds: 'documentdb.azure.com/DatabaseAccount' });
    await client.close();
    const admin = new KubeApi(kubeconfig);
    const operator = new KubeApi(kubeconfig, OPERATOR);
    await giveRights(admin);
    const cpu = () => countCpu(new Map([['apiserver', controlPlane.pid('kube-apiserver')]]));
    const all = new Map<string, Measured>();
    for (const [round, isBound] of ROUNDS.entries()) {
      await bind(admin, isBound);
      await sleep(SETTLE_MS);
      for (const [what, send] of requestsOf({ admin, operator, round })) {
        const name = `${what}, ${isBound ? 'with' : 'without'} the policy`;
        const measured = all.get(name) ?? { milliseconds: [], cpuSeconds: 0 };
        const used = cpu();
        for (let index = 0; index < REQUESTS; index += 1) {
          const startedAt = performance.now();
          await send(index);
          measured.milliseconds.push(performance.now() - startedAt);
        }
        measured.cpuSeconds += used().get('apiserver') ?? Number.NaN;
        all.set(name, measured);
      }
    }
    for (const [what, { milliseconds, cpuSeconds }] of [...all].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const cpuEach = ((cpuSeconds / milliseconds.length) * 1_000).toFixed(2);
      const [median, high] = [0.5, 0.95].map((of) => percentile(milliseconds, of).toFixed(2));
      const value = `median ${String(median)} ms, p95 ${String(high)} ms, CPU of the API server ${cpuEach} ms`;
      report({ what: `${what} (${String(milliseconds.length)})`, value, target: '' });
    }
    admin.close();
    operator.close();
  } finally {
    await processes.stop(0);
  }
}

function requestsOf({
  admin,
  operator,
  round,
}: {
  admin: KubeApi;
  operator: KubeApi;
  round: number;
}): [what: string, send: (index: number) => Promise<unknown>][] {
  const path = (version: string): string => `${GROUP}/${version}/namespaces/default/databaseaccounts`;
  const nameOf = (index: number): string => `account-${String(round)}-${String(index)}`;
  const merge = 'application/merge-patch+json';
  return [
    ['a creation', (index) => admin.call('POST', path('v1api20210515'), account(nameOf(index)))],
    [
      'an update of the spec',
      (index) =>
        admin.call('PATCH', `${path('v1api20210515')}/${nameOf(index)}`, { spec: { tags: { round: 'x' } } }, merge),
    ],
    [
      'a status write of the operator',
      (index) => {
        const state = { uid: 'u', fingerprint: String(index), order: { scheduledAt: index, step: 1 } };
        const status = { conditions: [], [STORED_STATE]: state };
        return operator.call('PATCH', `${path('v1storage')}/${nameOf(index)}/status`, { status }, merge);
      },
    ],
  ];
}

function account(name: string): Manifest {
  const secrets = Object.fromEntries(
    ['primaryMasterKey', 'secondaryMasterKey', 'primaryReadonlyMasterKey', 'documentEndpoint'].map((field) => [
      field,
      { name: `${name}-keys`, key: field },
    ]),
  );
  return {
    apiVersion: 'documentdb.azure.com/v1api20210515',
    kind: 'DatabaseAccount',
    metadata: { name, namespace: 'default' },
    spec: {
      location: 'westus2',
      owner: { name: 'rg' },
      databaseAccountOfferType: 'Standard',
      locations: [{ locationName: 'westus2' }],
      operatorSpec: { secrets },
    },
  };
}

async function giveRights(admin: KubeApi): Promise<void> {
  const metadata = { name: 'operator' };
  const rules = [
    { apiGroups: ['documentdb.azure.com'], resources: ['*'], verbs: ['*'] },
    { apiGroups: ['azure-temporal-operator.io'], resources: ['operatorstate'], verbs: ['write'] },
  ];
  await admin.apply({ apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata, rules });
  await admin.apply({
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata,
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'operator' },
    subjects: [{ apiGroup: RBAC, kind: 'User', name: OPERATOR }],
  });
}

async function bind(admin: KubeApi, isBound: boolean): Promise<void> {
  const text = await readFile(new URL('../crds/policy.yaml', import.meta.url), 'utf8');
  const manifests = parseAllDocuments(text).map((document) => document.toJS() as Manifest);
  const bindings = manifests.filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding');
  if (bindings.length === 0) throw new Error('crds/policy.yaml has no binding');
  for (const binding of bindings) {
    if (isBound) await admin.apply(binding);
    else await admin.delete({ ...binding, name: binding.metadata.name });
  }
}

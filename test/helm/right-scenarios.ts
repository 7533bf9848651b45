import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { KubeApi, LiveObject, Manifest } from '../../dev/kube-api.ts';
import type { ManagedProcess } from '../../dev/processes.ts';
import { DEV_CREDENTIAL } from '../../dev/start-operator.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { ROOT } from './helm.ts';
import { LEADING, logged, READY, WATCHING, type Installation } from './installation.ts';
import type { PodTemplate } from './pods.ts';
import { administrator, guide, ready, sid, withExports } from './scenario.ts';

/** An installation that runs, with a Ready group, server and account called `shared`. */
export interface Living {
  readonly installation: Installation;
  readonly kube: KubeApi;
  readonly team: string;
  readonly job: PodTemplate;
  readonly parts: Record<'worker' | 'watcher', ManagedProcess>;
  /** A name that no scenario had before. */
  fresh(): string;
}

/** Something that must happen. @throws Error if it does not within 20 s */
export type Scenario = (living: Living) => Promise<void>;

const PATIENCE_MS = 20_000;
const POLICY = 'serviceoperator.azure.com/reconcile-policy';
const CREDENTIAL_FROM = 'serviceoperator.azure.com/credential-from';
const REQUESTED_AT = 'azure-temporal-operator.io/reconcile-requested-at';
const LEASE = 'azure-temporal-operator-watcher';

function group({ team }: Living, name: string, annotations: Record<string, string> = {}): Manifest {
  const apiVersion = 'resources.azure.com/v1api20200601';
  return {
    apiVersion,
    kind: 'ResourceGroup',
    metadata: { name, namespace: team, annotations },
    spec: { location: 'westus2' },
  };
}

async function applied(living: Living, manifest: Manifest): Promise<void> {
  await living.kube.apply(manifest);
  await ready(living.kube, manifest, PATIENCE_MS);
}

async function condition({ kube }: Living, manifest: Manifest, matches: (reason: string) => boolean): Promise<void> {
  await waitFor(async () => {
    const object = await kube.get(keyOf(manifest));
    const found = object && readyOf(object);
    return found && matches(found.reason);
  }, PATIENCE_MS);
}

async function gone({ kube }: Living, manifest: Manifest): Promise<void> {
  await waitFor(async () => (await kube.get(keyOf(manifest))) === undefined, PATIENCE_MS);
}

/** Kills the process of a part; another follows after `meanwhile`. */
async function replace(living: Living, part: 'worker' | 'watcher', meanwhile?: () => Promise<unknown>): Promise<void> {
  await living.parts[part].kill();
  await meanwhile?.();
  living.parts[part] = await living.installation.startPod(part);
}

const isReconciled: Scenario = async (living) => await applied(living, group(living, living.fresh()));

const isExportedTo =
  (kind: 'Secret' | 'ConfigMap'): Scenario =>
  async (living) => {
    const { kube, team } = living;
    const name = living.fresh();
    const account = accountOf(team, name);
    await kube.apply(account);
    const key = { apiVersion: 'v1', kind, name, namespace: team };
    await waitFor(async () => Object.keys((await kube.get(key))?.data ?? {}).length > 0, PATIENCE_MS);
  };

/** An account in the shared group that exports to a Secret and a ConfigMap of its own name. */
export function accountOf(team: string, name: string): Manifest {
  const account = withExports(guide(team)[3]!, name);
  const secrets = { primaryMasterKey: { name, key: 'primarymasterkey' } };
  const spec = account['spec'] as { operatorSpec: object };
  const operatorSpec = { ...spec.operatorSpec, secrets };
  return {
    ...account,
    metadata: { name, namespace: team },
    spec: { ...spec, owner: { name: 'shared' }, operatorSpec },
  };
}

/** The server has one administrator only, so the one of a run that fails must not become Ready after it. */
const inputIsRead: Scenario = async (living) => {
  const name = living.fresh();
  const last = administrator(living.team, 'shared', name);
  await living.kube.apply(sid(living.team, name));
  try {
    await applied(living, last);
  } finally {
    await living.kube.delete(keyOf(last)).catch(() => undefined);
  }
  await gone(living, last);
};

/** Somebody edits what the shared account has exported. */
async function edit({ kube, team, fresh }: Living): Promise<void> {
  const edited = Buffer.from('edited').toString('base64');
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'shared', namespace: team } };
  await kube.apply({ ...secret, data: { primarymasterkey: edited } }, 'somebody');
  const annotations = { [REQUESTED_AT]: fresh() };
  await kube.patch(keyOf(accountOf(team, 'shared')), { metadata: { annotations } });
  await waitFor(async () => (await kube.get(keyOf(secret)))?.data?.['primarymasterkey'] !== edited, PATIENCE_MS);
}

async function takenBack({ kube, team }: Living): Promise<readonly LiveObject[]> {
  const events = await kube.list({ apiVersion: 'events.k8s.io/v1', kind: 'Event', namespace: team });
  return events.filter((event) => (event as unknown as { reason: string }).reason === 'ExportTakenBack');
}

const eventIsWritten: Scenario = async (living) => {
  for (const { metadata } of await takenBack(living))
    await living.kube.delete({ apiVersion: 'events.k8s.io/v1', kind: 'Event', ...metadata });
  await edit(living);
  await waitFor(async () => (await takenBack(living)).length > 0, PATIENCE_MS);
};

const eventIsCounted: Scenario = async (living) => {
  const count = async (): Promise<number> => {
    const [event] = (await takenBack(living)) as readonly (LiveObject & { series?: { count: number } })[];
    return event === undefined ? 0 : (event.series?.count ?? 1);
  };
  await edit(living);
  await waitFor(async () => (await count()) > 0, PATIENCE_MS);
  const before = await count();
  await edit(living);
  await waitFor(async () => (await count()) > before, PATIENCE_MS);
};

const secondIsTold: Scenario = async (living) => {
  const [first, second] = [group(living, living.fresh()), group(living, living.fresh())];
  await applied(living, first);
  const same = { ...second, spec: { location: 'westus2', azureName: first.metadata.name } };
  await living.kube.apply(same);
  await condition(living, same, (reason) => reason === 'AlreadyManaged');
  await living.kube.delete(keyOf(same));
};

const idIsLetGo: Scenario = async (living) => {
  const { kube, installation } = living;
  const manifest = group(living, living.fresh());
  await applied(living, manifest);
  await kube.delete(keyOf(manifest));
  await gone(living, manifest);
  await waitFor(async () => {
    const leases = await kube.list({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      namespace: installation.namespace,
    });
    return !leases.some(({ spec }) => String(spec?.['holderIdentity']).endsWith(`/${manifest.metadata.name}`));
  }, PATIENCE_MS);
};

const workerStarts: Scenario = async (living) => {
  await replace(living, 'worker');
  await logged(living.parts.worker, READY, PATIENCE_MS);
};

const firstWorkerStarts: Scenario = async (living) => {
  const { installation, kube } = living;
  const name = 'azure-temporal-operator-seal';
  const key = { apiVersion: 'v1', kind: 'Secret', name, namespace: installation.namespace };
  await replace(living, 'worker', async () => await kube.delete(key));
  await logged(living.parts.worker, READY, PATIENCE_MS);
};

const watcherStarts: Scenario = async (living) => {
  await replace(living, 'watcher');
  await logged(living.parts.watcher, WATCHING, PATIENCE_MS);
};

const watcherLeads: Scenario = async (living) => {
  await replace(living, 'watcher');
  await logged(living.parts.watcher, LEADING, PATIENCE_MS);
};

const firstWatcherLeads: Scenario = async (living) => {
  const { namespace } = living.installation;
  const key = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name: LEASE, namespace };
  await replace(living, 'watcher', async () => await living.kube.delete(key));
  await logged(living.parts.watcher, LEADING, PATIENCE_MS);
};

const newWatcherSees: Scenario = async (living) => {
  const manifest = group(living, living.fresh());
  await replace(living, 'watcher', async () => await living.kube.apply(manifest));
  await ready(living.kube, manifest, PATIENCE_MS);
};

/** A watch that is open lasts for two minutes without its right, so the watcher is a new one. */
const changeIsSeen: Scenario = async (living) => {
  await watcherStarts(living);
  await isReconciled(living);
};

const secretIsSeen: Scenario = async (living) => {
  await watcherStarts(living);
  const name = living.fresh();
  const [, password, server] = guide(living.team);
  const spec = {
    ...(server!['spec'] as object),
    owner: { name: 'shared' },
    administratorLoginPassword: { name, key: 'password' },
  };
  const waiting = { ...server!, metadata: { name, namespace: living.team }, spec };
  await living.kube.apply(waiting);
  await condition(living, waiting, (reason) => reason === 'SecretNotFound');
  await living.kube.apply({ ...password!, metadata: { name, namespace: living.team } });
  await condition(living, waiting, (reason) => reason !== 'SecretNotFound');
};

const configMapIsSeen: Scenario = async (living) => {
  await watcherStarts(living);
  const name = living.fresh();
  const waiting = administrator(living.team, 'shared', name);
  await living.kube.apply(waiting);
  await condition(living, waiting, (reason) => reason === 'ConfigMapNotFound');
  await living.kube.apply(sid(living.team, name));
  await condition(living, waiting, (reason) => reason !== 'ConfigMapNotFound');
};

const policyIsSeen: Scenario = async (living) => {
  const { kube, team } = living;
  const namespace = { apiVersion: 'v1', kind: 'Namespace', name: team };
  const setPolicy = async (value: string | null): Promise<unknown> =>
    await kube.patch(namespace, { metadata: { annotations: { [POLICY]: value } } });
  try {
    await setPolicy('skip');
    await watcherStarts(living);
    const manifest = group(living, living.fresh());
    await kube.apply(manifest);
    await condition(living, manifest, () => true);
    await setPolicy(null);
    await ready(kube, manifest, PATIENCE_MS);
  } finally {
    await setPolicy(null);
  }
};

const kindIsSeen: Scenario = async (living) => {
  const { kube, team } = living;
  const { apiVersion, kind } = administrator(team, 'shared');
  for (const { metadata } of await kube.list({ apiVersion, kind, namespace: team }))
    await kube.delete({ apiVersion, kind, name: metadata.name, namespace: team });
  await waitFor(async () => (await kube.list({ apiVersion, kind, namespace: team })).length === 0, PATIENCE_MS);
  const file = join(ROOT, 'crds/dbformysql.azure.com_flexibleserversadministrators.yaml');
  const crd = parse(readFileSync(file, 'utf8'), { maxAliasCount: -1 }) as Manifest;
  await replace(living, 'watcher', async () => {
    await kube.delete(keyOf(crd));
    await waitFor(async () => (await kube.get(keyOf(crd))) === undefined, PATIENCE_MS);
  });
  await logged(living.parts.watcher, WATCHING, PATIENCE_MS);
  await kube.apply(crd);
  await waitFor(async () => await inputIsRead(living).then(() => true, isNotServed), PATIENCE_MS);
};

/** The API server serves a new CRD after some moments. @throws the error if it is another one */
function isNotServed(error: unknown): false {
  if (error instanceof Error && /404|not find|does not serve/.test(error.message)) return false;
  throw error;
}

const credentialIsReleased: Scenario = async (living) => {
  const { kube, team } = living;
  const name = living.fresh();
  const entries = Object.entries(DEV_CREDENTIAL).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  const metadata = { name, namespace: team };
  const secret: Manifest = { apiVersion: 'v1', kind: 'Secret', metadata, data: Object.fromEntries(entries) };
  await kube.apply(secret);
  const manifest = group(living, living.fresh(), { [CREDENTIAL_FROM]: name });
  await applied(living, manifest);
  for (const each of [manifest, secret]) {
    await kube.delete(keyOf(each));
    await gone(living, each);
  }
};

const jobSucceeds: Scenario = async ({ installation, job }) => {
  const run = await installation.pods.start(job);
  const { code } = await run.exited;
  if (code !== 0) throw new Error(run.logTail());
};

/** For each right, as `rowOf` says it, what fails without it. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'worker resources kinds get': isReconciled,
  'worker resources kinds patch': isReconciled,
  'worker resources kinds/status patch': isReconciled,
  'worker resources secrets get': isReconciled,
  'worker resources secrets create': isExportedTo('Secret'),
  'worker resources secrets patch': isExportedTo('Secret'),
  'worker resources configmaps get': inputIsRead,
  'worker resources configmaps create': isExportedTo('ConfigMap'),
  'worker resources configmaps patch': isExportedTo('ConfigMap'),
  'worker resources namespaces get': isReconciled,
  'worker resources events.events.k8s.io create': eventIsWritten,
  'worker resources events.events.k8s.io get': eventIsCounted,
  'worker resources events.events.k8s.io patch': eventIsCounted,
  'worker own leases.coordination.k8s.io create': isReconciled,
  'worker own leases.coordination.k8s.io get': secondIsTold,
  'worker own leases.coordination.k8s.io delete': idIsLetGo,
  'worker own secrets get': workerStarts,
  'worker own secrets create': firstWorkerStarts,
  'worker cluster operatorstate.azure-temporal-operator.io write': isReconciled,
  'watcher resources kinds list': newWatcherSees,
  'watcher resources kinds watch': changeIsSeen,
  'watcher resources secrets list': watcherStarts,
  'watcher resources secrets watch': secretIsSeen,
  'watcher resources secrets patch': credentialIsReleased,
  'watcher resources configmaps list': watcherStarts,
  'watcher resources configmaps watch': configMapIsSeen,
  'watcher cluster namespaces list': watcherStarts,
  'watcher cluster namespaces watch': policyIsSeen,
  'watcher cluster customresourcedefinitions.apiextensions.k8s.io list': watcherStarts,
  'watcher cluster customresourcedefinitions.apiextensions.k8s.io watch': kindIsSeen,
  'watcher own leases.coordination.k8s.io create': firstWatcherLeads,
  'watcher own leases.coordination.k8s.io get': watcherLeads,
  'watcher own leases.coordination.k8s.io patch': watcherLeads,
  ...Object.fromEntries(
    [
      'customresourcedefinitions.apiextensions',
      'validatingadmissionpolicies.admissionregistration',
      'validatingadmissionpolicybindings.admissionregistration',
    ].flatMap((resource) =>
      ['create', 'get', 'update'].map((verb) => [`crds cluster ${resource}.k8s.io ${verb}`, jobSucceeds]),
    ),
  ),
};

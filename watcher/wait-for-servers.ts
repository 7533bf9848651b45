import type { Connection } from '@temporalio/client';
import type { KubeClient } from '../kube/contract.ts';
import { KubeError } from '../kube/errors.ts';
import { objectPath } from '../kube/object-path.ts';
import { kubeProblem } from '../kube/problem.ts';
import type { ProcessContext } from '../process/run-process.ts';
import { temporalProblem, type TemporalPlace } from '../process/temporal-problem.ts';
import { waitFor } from '../process/wait-for.ts';
import type { Discovery, DiscoveryOptions } from './discovery.ts';

const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const DEADLINE_MS = 3_000;

/** Waits until Temporal answers and has the namespace. Until then this watcher does not lead: it could signal nobody. */
export async function waitForTemporal(
  { log, stopping: signal }: ProcessContext,
  { connection, place }: { connection: Connection; place: TemporalPlace },
): Promise<void> {
  const { namespace } = place;
  await waitFor({
    log,
    signal,
    what: `Temporal's namespace`,
    explain: (error) => temporalProblem(error, place),
    attempt: () =>
      connection.withDeadline(Date.now() + DEADLINE_MS, () =>
        connection.workflowService.describeNamespace({ namespace }),
      ),
  });
}

export interface ClusterNeeds {
  readonly kube: Pick<KubeClient, 'request'>;
  readonly config: DiscoveryOptions;
  readonly lease: { readonly namespace: string; readonly name: string };
}

/** Waits until the API server answers, and this process may list what it must know, and may write its Lease. */
export async function waitForCluster(
  { log, stopping: signal }: ProcessContext,
  { kube, config, lease }: ClusterNeeds,
): Promise<void> {
  const paths = pathsToList(config);
  const readable = async (): Promise<void> => {
    for (const path of paths) await kube.request('GET', path, undefined, { accept: METADATA_ONLY });
  };
  const wait = { log, signal, explain: kubeProblem };
  await waitFor({ ...wait, what: 'the cluster', attempt: readable });
  await waitFor({ ...wait, what: `the Lease ${lease.namespace}/${lease.name}`, attempt: () => tryLease(kube, lease) });
}

/** What the watcher must be able to list, by the same requests as `discovery.ts` makes. */
function pathsToList({ targetNamespaces, watchSecrets }: DiscoveryOptions): string[] {
  const namespaces = targetNamespaces.length > 0 ? targetNamespaces : [undefined];
  const ofAll = objectPath({ version: 'v1', plural: 'namespaces' });
  return [
    `${objectPath({ group: 'apiextensions.k8s.io', version: 'v1', plural: 'customresourcedefinitions' })}?limit=1`,
    ...namespaces.flatMap((namespace) => [
      // A role that names a namespace allows a list of just that name.
      namespace === undefined ? `${ofAll}?limit=1` : `${ofAll}?fieldSelector=metadata.name%3D${namespace}`,
      ...(watchSecrets ? ['secrets', 'configmaps'] : ['configmaps']).map(
        (plural) => `${objectPath({ version: 'v1', plural, ...(namespace !== undefined && { namespace }) })}?limit=1`,
      ),
    ]),
  ];
}

/** Creates the Lease without effect: whether its namespace exists, and this process has the right. */
async function tryLease(kube: ClusterNeeds['kube'], { namespace, name }: ClusterNeeds['lease']): Promise<void> {
  const path = objectPath({ group: 'coordination.k8s.io', version: 'v1', plural: 'leases', namespace });
  const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace } };
  try {
    await kube.request('POST', `${path}?dryRun=All`, body);
  } catch (error) {
    // The Lease exists.
    if (!(error instanceof KubeError && error.status === 409)) throw error;
  }
}

/** Says so while no kind of this operator is installed. The watcher finds the kinds by itself. */
export async function waitForKinds(
  { log, stopping: signal }: ProcessContext,
  discovery: Pick<Discovery, 'kindCount'>,
): Promise<void> {
  class NoKinds extends Error {}
  const why = 'none is installed in the cluster; install those that you need with "npm run crds" (docs/crds.md)';
  await waitFor({
    log,
    signal,
    what: "the operator's CustomResourceDefinitions",
    explain: (error) => (error instanceof NoKinds ? why : undefined),
    attempt: () => (discovery.kindCount > 0 ? Promise.resolve() : Promise.reject(new NoKinds())),
  });
}

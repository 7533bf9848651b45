import { Client, Connection } from '@temporalio/client';
import { KubeApi, type Manifest } from '../dev/kube-api.ts';
import { countCpu } from './cpu-seconds.ts';
import type { Bench, Row } from './measurements.ts';
import { percentile } from './percentile.ts';
import { watchCollections, type Seen } from './until-all.ts';

const GROUPS = 300;
const ACCOUNTS = 300;
const RESOURCES = GROUPS + ACCOUNTS;
const NAMESPACE = 'default';
/**
 * The number of parallel requests, in the order of the file. A loaded `kubectl apply` is slower than the operator and
 * would dominate the measurement.
 */
const IN_FLIGHT = 10;
const TIMEOUT_MS = 900_000;

const COLLECTIONS = [
  { plural: 'resourcegroups', path: '/apis/resources.azure.com/v1api20200601' },
  { plural: 'databaseaccounts', path: '/apis/documentdb.azure.com/v1api20210515' },
].map(({ plural, path }) => ({ plural, path: `${path}/namespaces/${NAMESPACE}/${plural}` }));

/** The processes whose CPU time is measured, by their name in the table. */
export type Pids = ReadonlyMap<string, number>;

/**
 * Creates 300 ResourceGroups and 300 Cosmos accounts with keys, one in each group, and measures the time until all are
 * Ready; then deletes them and measures the time until all are gone. Cosmos answers with operations, as Azure does; the
 * simulator ends them at once (time scale 0), so that only the operator's time is measured.
 */
export async function measureBulk({ stack, control }: Bench, pids: Pids): Promise<Row[]> {
  await control.configure({ synchronous: false, hold: false, timeScale: 0 });
  const kube = new KubeApi(stack.kubeconfig);
  const watched = await watchCollections(stack.kubeconfig, COLLECTIONS);
  const manifests = bulkManifests();
  try {
    const began = new Date();
    const made = await timed(pids, async () => {
      await concurrently(manifests, async (manifest) => await kube.apply(manifest));
      return await watched.until('all Ready', (seen) => count(seen.ready) === RESOURCES, {
        timeoutMs: TIMEOUT_MS,
        left: (seen) => `${String(count(seen.ready))} of ${String(RESOURCES)} are`,
      });
    });
    const applied = await historyEvents(stack.temporalAddress, began);
    const deletionBegan = new Date();
    const removed = await timed(pids, async () => {
      await concurrently(manifests, async ({ apiVersion, kind, metadata }) => {
        await kube.delete({ apiVersion, kind, name: metadata.name, namespace: NAMESPACE });
      });
      return await watched.until('all gone', (seen) => count(seen.present) === 0, {
        timeoutMs: TIMEOUT_MS,
        left: (seen) => `${String(count(seen.present))} of ${String(RESOURCES)} are there`,
      });
    });
    const deleted = await historyEvents(stack.temporalAddress, deletionBegan);
    const what = `${String(GROUPS)} ResourceGroups and ${String(ACCOUNTS)} Cosmos accounts with keys`;
    return [
      ...rowsOf(`${what} at once, operations that end at once, from the first apply to all Ready`, made, applied),
      ...rowsOf(`the same ${String(RESOURCES)} deleted at once, from the first DELETE to all gone`, removed, deleted),
    ];
  } finally {
    kube.close();
    await watched.stop();
  }
}

/** Each account is in a group of its own. The groups come first. */
function bulkManifests(): Manifest[] {
  const groups = Array.from({ length: GROUPS }, (_, index): Manifest => {
    const name = nameOf(index);
    return {
      apiVersion: 'resources.azure.com/v1api20200601',
      kind: 'ResourceGroup',
      metadata: { name, namespace: NAMESPACE },
      spec: { location: 'westus2' },
    };
  });
  const accounts = Array.from({ length: ACCOUNTS }, (_, index): Manifest => {
    const name = nameOf(index);
    const secret = `${name}-keys`;
    return {
      apiVersion: 'documentdb.azure.com/v1api20210515',
      kind: 'DatabaseAccount',
      metadata: { name, namespace: NAMESPACE },
      spec: {
        location: 'westus2',
        owner: { name: nameOf(index % GROUPS) },
        kind: 'MongoDB',
        databaseAccountOfferType: 'Standard',
        locations: [{ locationName: 'westus2' }],
        operatorSpec: {
          secrets: {
            primaryMasterKey: { name: secret, key: 'primary' },
            secondaryMasterKey: { name: secret, key: 'secondary' },
            documentEndpoint: { name: secret, key: 'endpoint' },
          },
        },
      },
    };
  });
  return [...groups, ...accounts];
}

const PREFIX = 'bench-bulk-';
const nameOf = (index: number): string => `${PREFIX}${String(index)}`;
const count = (keys: Seen['ready']): number => [...keys].filter((key) => key.includes(`/${PREFIX}`)).length;

async function concurrently<T>(items: readonly T[], send: (item: T) => Promise<unknown>): Promise<void> {
  const queue = items.values();
  const sender = async (): Promise<void> => {
    for (const item of queue) await send(item);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, sender));
}

interface Timed {
  readonly ms: number;
  readonly cpu: ReadonlyMap<string, number>;
}

/** Measures `work`, which resolves with the time at which it was done. */
async function timed(pids: Pids, work: () => Promise<number>): Promise<Timed> {
  const cpuSince = countCpu(pids);
  const startedAt = Date.now();
  const ms = (await work()) - startedAt;
  return { ms, cpu: cpuSince() };
}

/** The number of history events of each resource, over all its runs that were open or closed after `since`. */
async function historyEvents(address: string, since: Date): Promise<number[]> {
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection });
    const query = `ExecutionStatus = 'Running' OR CloseTime >= '${since.toISOString()}'`;
    const runs: { workflowId: string; runId: string }[] = [];
    for await (const { workflowId, runId } of client.workflow.list({ query })) {
      if (workflowId.includes(`/${PREFIX}`)) runs.push({ workflowId, runId });
    }
    const events = new Map<string, number>();
    await concurrently(runs, async ({ workflowId, runId }) => {
      const { historyLength } = await client.workflow.getHandle(workflowId, runId).describe();
      events.set(workflowId, (events.get(workflowId) ?? 0) + historyLength);
    });
    return [...events.values()];
  } finally {
    await connection.close();
  }
}

function rowsOf(what: string, { ms, cpu }: Timed, events: readonly number[]): Row[] {
  const total = [...cpu.values()].reduce((sum, seconds) => sum + seconds, 0);
  return [
    { what, value: `${(ms / 1000).toFixed(1)} s`, target: '≤ 40 s' },
    {
      what: `its CPU: ${[...cpu.keys()].join(' / ')}`,
      value: `${[...cpu.values()].map((seconds) => seconds.toFixed(1)).join(' / ')} s`,
      target: '',
    },
    {
      what: 'its CPU a resource, the same order; all',
      value: `${[...cpu.values()].map((seconds) => milliseconds(seconds)).join(' / ')}; ${milliseconds(total)} ms`,
      target: '',
    },
    {
      what: 'its history events a resource, p50 / max',
      value: `${String(percentile(events, 0.5))} / ${String(Math.max(...events))}`,
      target: '',
    },
  ];
}

const milliseconds = (seconds: number): string => ((seconds * 1000) / RESOURCES).toFixed(0);

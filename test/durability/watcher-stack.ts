import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import { KubeApi } from '../../dev/kube-api.ts';
import type { LiveObject, Manifest } from '../../dev/kube-api.ts';
import type { ManagedProcess } from '../../dev/processes.ts';
import { prepareCluster, startWatcher } from '../../dev/start-operator.ts';
import { startStack } from '../../dev/start-stack.ts';
import type { Stack } from '../../dev/start-stack.ts';
import { keyOf, waitFor } from '../support/environment.ts';
import { DURABILITY_KINDS } from './manifests.ts';

const LEASE_NAMESPACE = 'azure-temporal-operator';
const LEASE_PATH = `/apis/coordination.k8s.io/v1/namespaces/${LEASE_NAMESPACE}/leases/azure-temporal-operator-watcher`;

interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly workflowId?: string;
  readonly because?: string;
}

/**
 * A cluster and a Temporal server without a worker: the watcher's signals stay in the histories, and the test does what
 * the worker would.
 */
export interface WatcherStack {
  readonly stack: Stack;
  readonly kube: KubeApi;
  startWatcher(environment?: Record<string, string>): ManagedProcess;
  log(watcher: ManagedProcess): LogLine[];
  /** Resolves when the watcher has logged this. */
  logged(watcher: ManagedProcess, message: string, timeoutMs?: number): Promise<void>;
  /** The reasons of this watcher's signals to a resource, oldest first. */
  told(watcher: ManagedProcess, manifest: Manifest): string[];
  /** Whether the resource has an open run. */
  isOpen(manifest: Manifest): Promise<boolean>;
  opened(manifest: Manifest, timeoutMs?: number): Promise<void>;
  /** Removes the run, as if Temporal had lost it. */
  loseRun(manifest: Manifest): Promise<void>;
  /** Ends the open run as a reconcile that has handled the latest signal: stored state and condition in one write. */
  endRun(manifest: Manifest, how: { ready: boolean; exported?: object[] }): Promise<void>;
  lease(): Promise<Record<string, unknown>>;
  patchLease(spec: Record<string, unknown>): Promise<void>;
  stop(): Promise<void>;
}

export async function startWatcherStack(): Promise<WatcherStack> {
  const directory = await mkdtemp(join(tmpdir(), 'watcher-'));
  const stack = await startStack({ directory, ui: false });
  try {
    await prepareCluster(stack, DURABILITY_KINDS);
  } catch (error) {
    await stack.stop();
    throw error;
  }
  const { processes, logDirectory } = stack;
  const connection = await Connection.connect({ address: stack.temporalAddress });
  const client = new Client({ connection });
  const kube = new KubeApi(stack.kubeconfig);
  const handle = (manifest: Manifest) => client.workflow.getHandle(workflowIdOf(manifest));
  const isOpen: WatcherStack['isOpen'] = async (manifest) => {
    try {
      return (await handle(manifest).describe()).status.name === 'RUNNING';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  };
  let parts = 0;
  const log: WatcherStack['log'] = ({ logFile }) => linesOf(readFileSync(logFile, 'utf8'));
  const loseRun: WatcherStack['loseRun'] = async (manifest) => {
    await handle(manifest).terminate('by the test');
  };
  return {
    stack,
    kube,
    startWatcher: (environment = {}) =>
      startWatcher(processes, {
        environment: {
          KUBECONFIG: stack.kubeconfig,
          TEMPORAL_ADDRESS: stack.temporalAddress,
          POD_NAMESPACE: LEASE_NAMESPACE,
          // A resync is not news: its signals are debug lines.
          LOG_LEVEL: 'debug',
          HTTP_ADDRESS: '127.0.0.1:0',
          ...environment,
        },
        logDirectory,
        suffix: String((parts += 1)),
      }),
    log,
    logged: async (watcher, message, timeoutMs = 20_000) => {
      await waitFor(() => log(watcher).some(({ msg }) => msg === message), timeoutMs);
    },
    told: (watcher, manifest) =>
      log(watcher)
        .filter(({ msg, workflowId }) => msg === 'signalled' && workflowId === workflowIdOf(manifest))
        .map(({ because = '' }) => because),
    isOpen,
    opened: async (manifest, timeoutMs = 5_000) => {
      await waitFor(() => isOpen(manifest), timeoutMs);
    },
    loseRun,
    endRun: async (manifest, { ready, exported }) => {
      const { fingerprint } = await lastChange(client, workflowIdOf(manifest));
      const object = (await kube.get(keyOf(manifest))) as LiveObject;
      const { uid, generation } = object.metadata;
      const condition = {
        type: 'Ready',
        status: ready ? 'True' : 'False',
        reason: ready ? 'Succeeded' : 'Failed',
        observedGeneration: generation,
        lastTransitionTime: new Date().toISOString(),
      };
      const azureTemporalOperator = {
        uid,
        fingerprint,
        ...(exported && { exported }),
        order: { scheduledAt: 1, step: 1 },
      };
      const status = { conditions: [condition], azureTemporalOperator };
      await kube.call('PATCH', `${storagePath(manifest)}/status`, { status }, 'application/merge-patch+json');
      await loseRun(manifest);
    },
    lease: async () => ((await kube.call('GET', LEASE_PATH)) as { spec: Record<string, unknown> }).spec,
    patchLease: async (spec) => {
      await kube.call('PATCH', LEASE_PATH, { spec }, 'application/merge-patch+json');
    },
    stop: async () => {
      kube.close();
      await connection.close();
      await stack.stop();
      if (!process.env['DURABILITY_KEEP']) await rm(directory, { recursive: true, force: true });
    },
  };
}

function workflowIdOf({ apiVersion, kind, metadata }: Manifest): string {
  return `${kind}.${String(apiVersion.split('/')[0])}/${String(metadata.namespace)}/${metadata.name}`;
}

/** The served versions prune what their status does not have; the storage version keeps it. */
function storagePath({ apiVersion, kind, metadata }: Manifest): string {
  const group = String(apiVersion.split('/')[0]);
  return `/apis/${group}/v1storage/namespaces/${String(metadata.namespace)}/${kind.toLowerCase()}s/${metadata.name}`;
}

async function lastChange(client: Client, workflowId: string): Promise<{ fingerprint: string }> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const signals = (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) => signal ?? []);
  const data = signals.at(-1)?.input?.payloads?.[0]?.data;
  if (!data) throw new Error(`${workflowId} was told nothing`);
  return JSON.parse(Buffer.from(data).toString()) as { fingerprint: string };
}

function linesOf(text: string): LogLine[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as LogLine);
}

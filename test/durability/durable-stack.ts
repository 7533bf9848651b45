import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { KubeApi } from '../../dev/kube-api.ts';
import type { LiveObject, Manifest, ObjectKey } from '../../dev/kube-api.ts';
import type { ManagedProcess } from '../../dev/processes.ts';
import {
  DEV_CREDENTIAL,
  operatorEnvironment,
  prepareCluster,
  startSimulator,
  startWatcher,
  startWorker,
} from '../../dev/start-operator.ts';
import { startStack } from '../../dev/start-stack.ts';
import type { Stack, StackOptions } from '../../dev/start-stack.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { workflowBundleFile } from '../../worker/workflow-bundle.ts';
import { startKubeGate } from './kube-gate.ts';
import type { KubeGate } from './kube-gate.ts';
import { DURABILITY_KINDS } from './manifests.ts';

export const SUBSCRIPTION = DEV_CREDENTIAL.AZURE_SUBSCRIPTION_ID;

interface PendingStep {
  readonly step: string;
  readonly attempt: number;
  readonly started: boolean;
  readonly heartbeat: boolean;
  readonly startedAt: number;
}

/** A stack of the test's own, whose worker and watcher it may kill. */
export interface DurableStack {
  readonly stack: Stack;
  readonly kube: KubeApi;
  readonly gate: KubeGate;
  readonly client: Client;
  /** The variables of worker and watcher, without the gate. */
  readonly environment: Readonly<Record<string, string>>;
  /** The file of the workflow code that `startWorker` hosts unless it is given another WORKFLOW_BUNDLE. */
  readonly bundle: string;
  startWorker(environment?: Readonly<Record<string, string>>): ManagedProcess;
  startWatcher(environment?: Readonly<Record<string, string>>): ManagedProcess;
  /** Resolves when the process's log has a line with this text. */
  logged(process: ManagedProcess, text: string, times?: number): Promise<void>;
  simulator(method: string, path: string, body?: object): Promise<Record<string, unknown>>;
  /** How many requests of this kind ARM was sent for the resource itself (not for what is under it). */
  sent(method: string, name: string): Promise<number>;
  pending(manifest: Manifest): Promise<readonly PendingStep[]>;
  ready(manifest: Manifest, timeoutMs?: number): Promise<void>;
  gone(key: ObjectKey, timeoutMs?: number): Promise<void>;
  stop(): Promise<void>;
}

interface DurableStackOptions extends Pick<StackOptions, 'startTemporal'> {
  /** Installs the CRDs of another release. */
  readonly prepare?: (stack: Stack) => Promise<void>;
}

/** Everything but worker and watcher, which the test starts itself. */
export async function startDurableStack({
  prepare = (stack) => prepareCluster(stack, DURABILITY_KINDS),
  ...options
}: DurableStackOptions = {}): Promise<DurableStack> {
  const directory = await mkdtemp(join(tmpdir(), 'durability-'));
  const stack = await startStack({ ...options, directory, ui: false });
  try {
    const { processes, logDirectory } = stack;
    const [simulator, bundle] = await Promise.all([
      startSimulator(processes, { directory: join(directory, 'simulator'), logDirectory, timeScale: 0.02 }),
      workflowBundleFile({}),
      prepare(stack),
    ]);
    const environment = {
      ...operatorEnvironment(stack, simulator),
      ...stack.temporal.environment,
      WORKFLOW_BUNDLE: bundle,
    };
    const gate = await startKubeGate(stack.kubeconfig, join(directory, 'gated-kubeconfig'));
    const overrideEnvVars = { TEMPORAL_ADDRESS: stack.temporalAddress, ...stack.temporal.environment };
    const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars, disableFile: true });
    const connection = await Connection.connect(connectionOptions);
    const client = new Client({ connection, ...(namespace !== undefined && { namespace }) });
    const kube = new KubeApi(stack.kubeconfig);
    const ca = await readFile(simulator.caFile);
    const simulate: DurableStack['simulator'] = (method, path, body) =>
      tell({ method, url: `${simulator.url}/_simulator${path}`, ca }, body);
    let parts = 0;
    return {
      stack,
      kube,
      gate,
      client,
      environment,
      bundle,
      startWorker: (more = {}) =>
        startWorker(processes, {
          environment: { ...environment, KUBECONFIG: gate.kubeconfig, ...more },
          logDirectory,
          suffix: String((parts += 1)),
        }),
      startWatcher: (more = {}) =>
        startWatcher(processes, {
          environment: { ...environment, ...more },
          logDirectory,
          suffix: String((parts += 1)),
        }),
      logged: async (process, text, times = 1) => {
        await waitFor(async () => (await readFile(process.logFile, 'utf8')).split(text).length > times, 30_000);
      },
      simulator: simulate,
      sent: async (method, name) => {
        const { requests } = (await simulate('GET', `/requests?subscription=${SUBSCRIPTION}`)) as {
          requests: { method: string; path: string }[];
        };
        const path = new RegExp(`/${name}(\\?|$)`, 'i');
        return requests.filter((request) => request.method === method && path.test(request.path)).length;
      },
      pending: async (manifest) => await pendingSteps(client, workflowIdOf(manifest)),
      ready: async (manifest, timeoutMs = 20_000) => {
        const key = keyOf(manifest);
        let last: unknown;
        await waitFor(async () => {
          const object = await kube.get(key);
          const condition = object && readyOf(object);
          last = condition;
          return condition?.status === 'True' && condition.observedGeneration === object?.metadata.generation;
        }, timeoutMs).catch((error: unknown) => {
          throw new Error(`${key.name} is not Ready: ${JSON.stringify(last)}`, { cause: error });
        });
      },
      gone: async (key, timeoutMs = 20_000) => {
        await waitFor(async () => (await kube.get(key)) === undefined, timeoutMs).catch(async (error: unknown) => {
          const condition = readyOf((await kube.get(key)) as LiveObject);
          throw new Error(`${key.name} is not gone: ${JSON.stringify(condition)}`, { cause: error });
        });
      },
      stop: async () => {
        gate.close();
        kube.close();
        await connection.close();
        await stack.stop();
        if (!process.env['DURABILITY_KEEP']) await rm(directory, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

export function workflowIdOf({ apiVersion, kind, metadata }: Manifest): string {
  return `${kind}.${apiVersion.split('/')[0]}/${metadata.namespace}/${metadata.name}`;
}

async function pendingSteps(client: Client, workflowId: string): Promise<PendingStep[]> {
  try {
    const { raw } = await client.workflow.getHandle(workflowId).describe();
    return (raw.pendingActivities ?? []).map((activity) => ({
      step: activity.activityType?.name ?? '',
      attempt: activity.attempt ?? 0,
      // temporal.api.enums.v1.PendingActivityState.STARTED
      started: activity.state === 2,
      heartbeat: (activity.heartbeatDetails?.payloads?.length ?? 0) > 0,
      startedAt: Number(activity.lastStartedTime?.seconds ?? 0) * 1000 + (activity.lastStartedTime?.nanos ?? 0) / 1e6,
    }));
  } catch {
    // Not started yet, or the server is being restarted.
    return [];
  }
}

/** When each attempt at a step that was not the first began, as the run's history has it (milliseconds since the epoch). */
export async function laterAttempts(
  client: Client,
  workflowId: string,
  runId: string,
  step: string,
): Promise<number[]> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const scheduled = new Set(
    (events ?? [])
      .filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === step)
      .map((event) => String(event.eventId)),
  );
  return (events ?? [])
    .filter(({ activityTaskStartedEventAttributes: started }) => {
      return started && scheduled.has(String(started.scheduledEventId)) && (started.attempt ?? 0) > 1;
    })
    .map(({ eventTime }) => Number(eventTime?.seconds ?? 0) * 1000 + (eventTime?.nanos ?? 0) / 1e6);
}

async function tell(
  { method, url, ca }: { method: string; url: string; ca: Buffer },
  body?: object,
): Promise<Record<string, unknown>> {
  return await new Promise((resolve, reject) => {
    const call = request(url, { method, ca, headers: { 'content-type': 'application/json' } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (answer.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`${method} ${url}: ${answer.statusCode} ${text}`));
      });
    });
    call.once('error', reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

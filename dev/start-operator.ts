import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubeApi } from './kube-api.ts';
import type { ManagedProcess, Processes } from './processes.ts';
import type { Stack } from './start-stack.ts';
import { GiveUp, waitUntil } from './wait-until.ts';

const ROOT = join(import.meta.dirname, '..');
const OPERATOR_NAMESPACE = 'azure-temporal-operator';

/** The ARM and Entra ID that the operator talks to. */
export interface Simulator {
  readonly url: string;
  /** PEM file of the CA that signed its certificate. */
  readonly caFile: string;
  readonly process: ManagedProcess;
}

/** Starts `simulator/main.ts` as its own process; resolves when it answers. `timeScale` 1 is Azure's own slowness. */
export async function startSimulator(
  processes: Processes,
  input: { directory: string; logDirectory: string; timeScale: number; port?: number },
): Promise<Simulator> {
  const simulator = processes.start({
    name: 'simulator',
    command: process.execPath,
    args: [join(ROOT, 'simulator', 'main.ts')],
    env: {
      SIMULATOR_DIRECTORY: input.directory,
      SIMULATOR_TIME_SCALE: String(input.timeScale),
      ...(input.port === undefined ? {} : { SIMULATOR_PORT: String(input.port) }),
    },
    logFile: join(input.logDirectory, 'simulator.log'),
  });
  const { url, caFile } = await lineOf(simulator, 30_000, (line) =>
    typeof line['url'] === 'string' && typeof line['caFile'] === 'string'
      ? { url: line['url'], caFile: line['caFile'] }
      : undefined,
  );
  return { url, caFile, process: simulator };
}

/** Who the operator says it is to the simulator. Made up; a simulator accepts any client. */
export const DEV_CREDENTIAL = {
  AZURE_SUBSCRIPTION_ID: '00000000-0000-0000-0000-000000000001',
  AZURE_TENANT_ID: '00000000-0000-0000-0000-000000000002',
  AZURE_CLIENT_ID: '00000000-0000-0000-0000-000000000003',
  AZURE_CLIENT_SECRET: 'made-up-client-secret-of-the-embedded-stack',
} as const;

/** The environment of worker and watcher in this stack. */
export function operatorEnvironment(
  stack: Pick<Stack, 'kubeconfig' | 'temporalAddress'>,
  simulator: { url: string; caFile: string },
): Record<string, string> {
  return {
    KUBECONFIG: stack.kubeconfig,
    TEMPORAL_ADDRESS: stack.temporalAddress,
    ...DEV_CREDENTIAL,
    AZURE_RESOURCE_MANAGER_ENDPOINT: simulator.url,
    AZURE_RESOURCE_MANAGER_AUDIENCE: simulator.url,
    AZURE_AUTHORITY_HOST: simulator.url,
    NODE_EXTRA_CA_CERTS: simulator.caFile,
    POD_NAMESPACE: OPERATOR_NAMESPACE,
  };
}

export interface OperatorInput {
  readonly environment: Readonly<Record<string, string>>;
  readonly logDirectory: string;
  /** Tells several of one kind apart, in the log's name. */
  readonly suffix?: string;
}

/** Starts `worker/main.ts`. It connects by itself when the servers are there. */
export function startWorker(processes: Processes, input: OperatorInput): ManagedProcess {
  return startPart(processes, 'worker', input);
}

/** Starts `watcher/main.ts`. */
export function startWatcher(processes: Processes, input: OperatorInput): ManagedProcess {
  return startPart(processes, 'watcher', input);
}

/** What the embedded stack serves: all kinds would take it half a minute and two gigabytes. `npm run crds` adds others, the watcher notices. */
const DEV_KINDS =
  'resources.azure.com/*;dbformysql.azure.com/*;documentdb.azure.com/*;storage.azure.com/StorageAccount';

/** Installs the CRDs the way a person does, and makes the operator's own namespace. */
export async function prepareCluster(stack: Pick<Stack, 'processes' | 'controlPlane' | 'logDirectory'>): Promise<void> {
  const { kubeconfig } = stack.controlPlane;
  const api = new KubeApi(kubeconfig);
  try {
    await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: OPERATOR_NAMESPACE } });
  } finally {
    api.close();
  }
  const crds = stack.processes.start({
    name: 'crds',
    command: process.execPath,
    args: [join(ROOT, 'cli', 'crds.ts'), '--kinds', DEV_KINDS],
    env: { KUBECONFIG: kubeconfig },
    logFile: join(stack.logDirectory, 'crds.log'),
  });
  const { code } = await crds.exited;
  if (code !== 0) throw new Error(`cannot install the CRDs; the end of ${crds.logFile}:\n${crds.logTail()}`);
  // A garbage collector that is older than a CRD learns of it only after some 20 s.
  await stack.controlPlane.restart('kube-controller-manager');
}

/**
 * Measured on the watcher: 150 MB of resident memory without these, 119 MB with them. The same stands in the scripts and in the image. The worker makes much
 * more garbage: with 4 MB it spends a tenth less CPU under load than with 1, for 7 MB of memory.
 */
const SMALL_HEAP = { worker: '--max-semi-space-size=4', watcher: '--max-semi-space-size=1' } as const;
const SMALL_FOOTPRINT = { MALLOC_ARENA_MAX: '1', NODE_COMPILE_CACHE: join(ROOT, 'node_modules', '.cache', 'compile') };

function startPart(processes: Processes, part: 'worker' | 'watcher', input: OperatorInput): ManagedProcess {
  const name = input.suffix === undefined ? part : `${part}-${input.suffix}`;
  return processes.start({
    name,
    command: process.execPath,
    args: [SMALL_HEAP[part], join(ROOT, part, 'main.ts')],
    env: { ...input.environment, ...SMALL_FOOTPRINT },
    logFile: join(input.logDirectory, `${name}.log`),
  });
}

/** Waits for a JSON line in a process's log that `pick` recognises. */
async function lineOf<T>(
  managed: ManagedProcess,
  timeoutMs: number,
  pick: (line: Record<string, unknown>) => T | undefined,
): Promise<T> {
  return await waitUntil({ what: `${managed.name} ready`, timeoutMs }, () => {
    for (const line of readFileSync(managed.logFile, 'utf8').split('\n')) {
      const picked = line.startsWith('{') ? pick(parse(line)) : undefined;
      if (picked !== undefined) return picked;
    }
    if (!managed.running())
      throw new GiveUp(`${managed.name} has ended; the end of ${managed.logFile}:\n${managed.logTail()}`);
    return undefined;
  });
}

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    // Half a line: the process is still writing it.
    return {};
  }
}

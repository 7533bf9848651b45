import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubeApi } from './kube-api.ts';
import type { ManagedProcess, Processes } from './processes.ts';
import type { Stack } from './start-stack.ts';
import { GiveUp, waitUntil } from './wait-until.ts';

const ROOT = join(import.meta.dirname, '..');
const OPERATOR_NAMESPACE = 'azure-temporal-operator';

/** The simulated ARM and Entra ID. */
export interface Simulator {
  readonly url: string;
  /** The PEM file of the CA that signed its certificate. */
  readonly caFile: string;
  readonly process: ManagedProcess;
}

/**
 * Starts `simulator/main.ts` as a process and resolves when it answers. With `timeScale` 1, operations take as long as
 * in Azure.
 */
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

/** The operator's credential for the simulator, which accepts any client. The values are invented. */
export const DEV_CREDENTIAL = {
  AZURE_SUBSCRIPTION_ID: '00000000-0000-0000-0000-000000000001',
  AZURE_TENANT_ID: '00000000-0000-0000-0000-000000000002',
  AZURE_CLIENT_ID: '00000000-0000-0000-0000-000000000003',
  AZURE_CLIENT_SECRET: 'made-up-client-secret-of-the-embedded-stack',
} as const;

/** The environment variables of worker and watcher in this stack. */
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
    // Any number of processes may run here at the same time.
    HTTP_ADDRESS: '127.0.0.1:0',
    GENERIC_RESOURCE_TYPES: 'Microsoft.Maps/*;Microsoft.RedHatOpenShift/*;Microsoft.DocumentDB/databaseAccounts',
  };
}

export interface OperatorInput {
  readonly environment: Readonly<Record<string, string>>;
  readonly logDirectory: string;
  /** A suffix for the name of the log when several processes of one kind run. */
  readonly suffix?: string;
}

/** Starts `worker/main.ts`, which connects as soon as the servers are up. */
export function startWorker(processes: Processes, input: OperatorInput): ManagedProcess {
  return startPart(processes, 'worker', input);
}

/** Starts `watcher/main.ts`. */
export function startWatcher(processes: Processes, input: OperatorInput): ManagedProcess {
  return startPart(processes, 'watcher', input);
}

/**
 * The kinds of the embedded stack: all kinds would take it half a minute and two gigabytes. `npm run crds` adds others;
 * the watcher notices them.
 */
const DEV_KINDS =
  'resources.azure.com/*;generic.azure-temporal-operator.io/*;dbformysql.azure.com/*;documentdb.azure.com/*;storage.azure.com/StorageAccount';

/** Installs the CRDs with the command that users run, and creates the operator's namespace. */
export async function prepareCluster(
  stack: Pick<Stack, 'processes' | 'controlPlane' | 'logDirectory'>,
  kinds = DEV_KINDS,
): Promise<void> {
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
    args: [join(ROOT, 'cli', 'crds.ts'), '--kinds', kinds],
    env: { KUBECONFIG: kubeconfig },
    logFile: join(stack.logDirectory, 'crds.log'),
  });
  const { code } = await crds.exited;
  if (code !== 0) throw new Error(`cannot install the CRDs; last lines of ${crds.logFile}:\n${crds.logTail()}`);
  // A running garbage collector notices a new CRD only after some 20 s; a restart makes it notice at once.
  await stack.controlPlane.restart('kube-controller-manager');
}

/**
 * Measured on the watcher: 150 MB of resident memory without these settings, 119 MB with them. The npm scripts and the
 * image use the same settings. The worker produces much more garbage: with 4 MB it spends a tenth less CPU under load
 * than with 1 MB, for 7 MB of memory.
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

/** Waits until a process logs a JSON line that `pick` accepts. */
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
      throw new GiveUp(`${managed.name} has exited; last lines of ${managed.logFile}:\n${managed.logTail()}`);
    return undefined;
  });
}

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    // An incomplete line that the process is still writing.
    return {};
  }
}

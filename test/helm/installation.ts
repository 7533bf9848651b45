import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KubeApi, type Manifest } from '../../dev/kube-api.ts';
import type { ManagedProcess } from '../../dev/processes.ts';
import { DEV_CREDENTIAL, startSimulator, type Simulator } from '../../dev/start-operator.ts';
import { startStack, type Stack } from '../../dev/start-stack.ts';
import { clientFor } from '../simulator/client.ts';
import { waitFor } from '../support/environment.ts';
import { CHART, helm, manifestsIn, ROOT } from './helm.ts';
import { Pods, type PodTemplate } from './pods.ts';
import { usesIn, type Use } from './rights.ts';

export const RELEASE = 'operator';
/** Exactly the kinds of the scenario, so that every right on a kind can be seen in use. */
const KINDS = [
  'resources.azure.com/ResourceGroup',
  'dbformysql.azure.com/FlexibleServer',
  'dbformysql.azure.com/FlexibleServersAdministrator',
  'documentdb.azure.com/DatabaseAccount',
];
const CREDENTIAL = 'azure-credential';
/** What the processes log when they work. */
export const READY = '"ready"';
export const WATCHING = '"watching"';
export const LEADING = '"leading"';

/** A real API server with an audit log, Temporal, and the simulator of Azure. */
export interface Servers {
  readonly stack: Stack;
  readonly kube: KubeApi;
  readonly simulator: Simulator;
  readonly bundle: string;
  /** The requests that Azure was sent so far. */
  azure(method: string): Promise<readonly { path: string }[]>;
  stop(): Promise<void>;
}

/** The chart in a namespace. */
export interface Installation extends Servers {
  readonly namespace: string;
  readonly pods: Pods;
  /** `helm install`, `helm upgrade` and so on for the release, in its namespace; runs the Jobs of its hooks. */
  helm(command: string, ...args: string[]): Promise<string>;
  /** The objects of the release as Helm knows them, with those of its hooks. */
  manifests(): Promise<Manifest[]>;
  /** Starts the command of one pod of the part's Deployment, as it is in the API server. */
  startPod(part: 'worker' | 'watcher'): Promise<ManagedProcess>;
  /** Starts one pod of each, and waits until they work. */
  startPods(): Promise<Record<'worker' | 'watcher', ManagedProcess>>;
  /** The requests of the release's ServiceAccounts so far. */
  uses(): Promise<Use[]>;
}

export async function startServers(): Promise<Servers> {
  const directory = await mkdtemp(join(tmpdir(), 'helm-'));
  const stack = await startStack({ directory, ui: false, audit: true });
  try {
    const bundle = join(directory, 'workflow-bundle.js');
    const [simulator] = await Promise.all([
      startSimulator(stack.processes, {
        directory: join(directory, 'simulator'),
        logDirectory: stack.logDirectory,
        timeScale: 0.02,
      }),
      promisify(execFile)(process.execPath, [join(ROOT, 'worker/build-bundle.ts'), bundle]),
    ]);
    const kube = new KubeApi(stack.kubeconfig);
    const azure = clientFor({ url: simulator.url, caPem: await readFile(simulator.caFile, 'utf8') });
    return {
      stack,
      kube,
      simulator,
      bundle,
      azure: async (method) => {
        const { json } = await azure.call('GET', '/_simulator/requests');
        const { requests } = json as unknown as { requests: { method: string; path: string }[] };
        return requests.filter((request) => request.method === method);
      },
      stop: async () => {
        azure.close();
        kube.close();
        await stack.stop();
        if (!process.env['HELM_TEST_KEEP']) await rm(directory, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

/** The namespace of an operator with its credential. `helm('install', ...)` comes next. */
export async function prepareInstallation(servers: Servers, namespace: string): Promise<Installation> {
  const { stack, kube, bundle } = servers;
  // Pods that are not `restricted` are refused in it.
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } });
  const data = { AZURE_CLIENT_SECRET: Buffer.from(DEV_CREDENTIAL.AZURE_CLIENT_SECRET).toString('base64') };
  await kube.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: CREDENTIAL, namespace }, data });
  const pods = new Pods({
    stack,
    kube,
    namespace,
    image: { HOME: '/nonexistent', NODE_ENV: 'production', WORKFLOW_BUNDLE: bundle },
  });
  const startPod: Installation['startPod'] = async (part) => {
    const name = `${RELEASE}-azure-temporal-operator-${part}`;
    const deployment = await kube.get({ apiVersion: 'apps/v1', kind: 'Deployment', name, namespace });
    return await pods.start(deployment?.spec?.['template'] as PodTemplate);
  };
  return {
    ...servers,
    namespace,
    pods,
    startPod,
    helm: async (command, ...args) => {
      const all = [command, RELEASE, ...args, '--namespace', namespace];
      return await pods.withJobs(async () => await helm(all, stack.kubeconfig));
    },
    manifests: async () => {
      const get = async (what: string): Promise<string> =>
        await helm(['get', what, RELEASE, '--namespace', namespace], stack.kubeconfig);
      return [...manifestsIn(await get('manifest')), ...manifestsIn(await get('hooks'))];
    },
    startPods: async () => {
      const [worker, watcher] = await Promise.all([startPod('worker'), startPod('watcher')]);
      await logged(worker, READY);
      await logged(watcher, WATCHING);
      return { worker, watcher };
    },
    uses: async () => usesIn(await readFile(stack.auditLog, 'utf8'), namespace),
  };
}

/** The values of an installation that reaches the servers of the test. */
export function valuesFor({ stack, simulator }: Pick<Installation, 'stack' | 'simulator'>): string[] {
  const values = {
    'temporal.address': stack.temporalAddress,
    'azure.subscriptionId': DEV_CREDENTIAL.AZURE_SUBSCRIPTION_ID,
    'azure.tenantId': DEV_CREDENTIAL.AZURE_TENANT_ID,
    'azure.clientId': DEV_CREDENTIAL.AZURE_CLIENT_ID,
    'azure.secretName': CREDENTIAL,
    'azure.resourceManagerEndpoint': simulator.url,
    'azure.resourceManagerAudience': simulator.url,
    'azure.authorityHost': simulator.url,
    'worker.extraEnv[0].name': 'NODE_EXTRA_CA_CERTS',
    'worker.extraEnv[0].value': simulator.caFile,
    'crds.kinds': `{${KINDS.join(',')}}`,
  };
  return [CHART, ...Object.entries(values).flatMap(([name, value]) => ['--set', `${name}=${value}`])];
}

/** Resolves when the log of a process has the text. */
export async function logged(process: ManagedProcess, text: string, timeoutMs = 60_000): Promise<void> {
  await waitFor(async () => {
    if (!process.running()) throw new Error(`${process.name} has exited:\n${process.logTail()}`);
    return (await readFile(process.logFile, 'utf8')).includes(text);
  }, timeoutMs);
}

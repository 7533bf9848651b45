import { writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KubeApi } from '../../dev/kube-api.ts';
import type { ManagedProcess } from '../../dev/processes.ts';
import {
  operatorEnvironment,
  prepareCluster,
  startSimulator,
  startWatcher,
  startWorker,
  type Simulator,
} from '../../dev/start-operator.ts';
import { startStack, type Stack } from '../../dev/start-stack.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { logLines } from '../support/log-lines.ts';
import { DURABILITY_KINDS, resourceGroup } from './manifests.ts';

/** Worker and watcher of one round, which has an operator's namespace, a Temporal namespace and accounts of its own. */
interface Round {
  readonly name: string;
  readonly worker: ManagedProcess;
  readonly watcher: ManagedProcess;
}

/** Everything that worker and watcher need comes up after them, in several orders. */
describe('worker and watcher are started first', () => {
  let directory: string;
  let stack: Stack;
  let simulator: Simulator;
  let kube: KubeApi;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'start-order-'));
    stack = await startStack({ directory, ui: false });
    simulator = await startSimulator(stack.processes, {
      directory: join(directory, 'simulator'),
      logDirectory: stack.logDirectory,
      timeScale: 0.02,
    });
    kube = new KubeApi(stack.kubeconfig);
  }, 120_000);

  afterAll(async () => {
    kube?.close();
    await stack?.stop();
    if (directory !== undefined && !process.env['DURABILITY_KEEP'])
      await rm(directory, { recursive: true, force: true });
  }, 30_000);

  /** Two service accounts without any right, then no server at all, then the processes. */
  async function startFirst(name: string): Promise<Round> {
    const environment = {
      ...operatorEnvironment(stack, simulator),
      POD_NAMESPACE: name,
      TEMPORAL_NAMESPACE: name,
    };
    const [forWorker, forWatcher] = await Promise.all([
      kubeconfigFor(`${name}-worker`),
      kubeconfigFor(`${name}-watcher`),
    ]);
    await Promise.all([stack.temporal.kill(), stack.controlPlane.kill('kube-apiserver')]);
    const { processes, logDirectory } = stack;
    const start = { logDirectory, suffix: name };
    return {
      name,
      worker: startWorker(processes, { ...start, environment: { ...environment, KUBECONFIG: forWorker } }),
      watcher: startWatcher(processes, { ...start, environment: { ...environment, KUBECONFIG: forWatcher } }),
    };
  }

  async function kubeconfigFor(account: string): Promise<string> {
    const accounts = '/api/v1/namespaces/default/serviceaccounts';
    await kube.call('POST', accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account } });
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
    const { status } = (await kube.call('POST', `${accounts}/${account}/token`, request)) as {
      status: { token: string };
    };
    const config = JSON.parse(await readFile(stack.kubeconfig, 'utf8')) as { users: { user: object }[] };
    config.users[0]!.user = { token: status.token };
    const file = join(directory, `kubeconfig-${account}`);
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
    return file;
  }

  async function bind(account: string, role: string): Promise<void> {
    await kube.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: account },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'ServiceAccount', name: account, namespace: 'default' }],
    });
  }

  async function createTemporalNamespace(name: string): Promise<void> {
    const connection = await Connection.connect({ address: stack.temporalAddress });
    try {
      const day = { seconds: 86_400 };
      await connection.workflowService.registerNamespace({
        namespace: name,
        workflowExecutionRetentionPeriod: day as never,
      });
    } finally {
      await connection.close();
    }
  }

  const createNamespace = async (name: string): Promise<void> => {
    await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  };

  async function says(process: ManagedProcess, text: string): Promise<void> {
    await waitFor(() => logLines(process.logFile).some(({ msg }) => msg.includes(text)), 40_000).catch(
      (error: unknown) => {
        throw new Error(`${process.name} has not said "${text}":\n${process.logTail()}`, { cause: error });
      },
    );
  }

  async function becomesReady({ name, worker, watcher }: Round): Promise<void> {
    const group = resourceGroup(`${name}-rg`);
    await kube.apply(group);
    await waitFor(async () => readyOf((await kube.get(keyOf(group)))!)?.status === 'True', 40_000).catch(
      (error: unknown) => {
        throw new Error(`not Ready\n${worker.logTail()}\n${watcher.logTail()}`, { cause: error });
      },
    );
    for (const { logFile } of [worker, watcher]) {
      const lines = logLines(logFile);
      // Each thing that is waited for is one line, however often it was tried; a minute has not passed.
      const waits = lines.map(({ msg }) => msg).filter((msg) => msg.startsWith('waiting for'));
      expect(waits).toEqual([...new Set(waits)]);
      expect(waits.length).toBeGreaterThanOrEqual(3);
      expect(lines.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
    }
    await Promise.all([worker.stop(), watcher.stop()]);
  }

  it('Temporal, its namespace, the API server, the roles, the namespace, the CRDs: a resource becomes Ready', async () => {
    const round = await startFirst('first');
    const { name, worker, watcher } = round;
    await Promise.all([says(worker, 'no answer from'), says(watcher, 'no answer from')]);
    await stack.temporal.restart();
    await Promise.all([worker, watcher].map((part) => says(part, `temporal operator namespace create -n ${name}`)));
    await createTemporalNamespace(name);
    await Promise.all([worker, watcher].map((part) => says(part, 'start the API server')));
    await stack.controlPlane.restart('kube-apiserver');
    await Promise.all([worker, watcher].map((part) => says(part, "403 Forbidden; bind this process's role")));
    await Promise.all([bind(`${name}-worker`, 'cluster-admin'), bind(`${name}-watcher`, 'cluster-admin')]);
    await Promise.all([worker, watcher].map((part) => says(part, '404 NotFound; create the namespace')));
    await createNamespace(name);
    await Promise.all([says(worker, 'ready'), says(watcher, 'none is installed in the cluster')]);
    await prepareCluster(stack, DURABILITY_KINDS);
    await becomesReady(round);
  }, 200_000);

  it('the API server, the namespace, the watcher’s role, Temporal and its namespace, then a Secret that the worker may not create', async () => {
    const round = await startFirst('second');
    const { name, worker, watcher } = round;
    await Promise.all([says(worker, 'no answer from'), says(watcher, 'no answer from')]);
    await stack.controlPlane.restart('kube-apiserver');
    await createNamespace(name);
    await createReader();
    await bind(`${name}-worker`, 'all-but-new-secrets');
    await stack.temporal.restart();
    await Promise.all([worker, watcher].map((part) => says(part, `temporal operator namespace create -n ${name}`)));
    await createTemporalNamespace(name);
    await says(watcher, 'customresourcedefinitions: 403 Forbidden');
    await bind(`${name}-watcher`, 'cluster-admin');
    await says(watcher, 'watching');
    await says(worker, `waiting for the sealing keys (Secret ${name}/azure-temporal-operator-seal): cannot POST`);
    const key = (): string => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64');
    await kube.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'azure-temporal-operator-seal', namespace: name },
      data: { key: key(), digest: key() },
    });
    await becomesReady(round);
  }, 200_000);

  async function createReader(): Promise<void> {
    const verbs = ['get', 'list', 'watch', 'patch', 'update', 'delete'];
    const create = (apiGroups: string[], resources: string[]): object => ({ apiGroups, resources, verbs: ['create'] });
    await kube.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'all-but-new-secrets' },
      rules: [
        { apiGroups: ['*'], resources: ['*'], verbs },
        create(['', 'events.k8s.io'], ['events']),
        create(['coordination.k8s.io'], ['leases']),
        { apiGroups: ['azure-temporal-operator.io'], resources: ['operatorstate'], verbs: ['write'] },
      ],
    });
  }
});

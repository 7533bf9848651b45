import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KubeApi } from '../../dev/kube-api.ts';
import { Processes, type ManagedProcess } from '../../dev/processes.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';

const ROOT = join(import.meta.dirname, '../..');
const MINUTE = 60_000;

/** Each part by its own npm script and nothing but the environment, as the README says. */
describe('the parts, each alone', () => {
  let directory: string;
  let processes: Processes;
  let kube: KubeApi;
  let environment: Record<string, string>;

  const start = (script: string, env: Record<string, string>, args: string[] = []): ManagedProcess =>
    processes.start({
      name: script,
      command: 'npm',
      args: ['run', '--silent', script, ...(args.length === 0 ? [] : ['--', ...args])],
      cwd: ROOT,
      env,
      logFile: join(directory, `${script}.log`),
      stopSignal: 'SIGINT',
    });
  const said = (part: ManagedProcess, text: RegExp): Promise<RegExpExecArray> =>
    waitFor(async () => {
      if (!part.running()) throw new Error(`${part.name} has ended: ${part.logTail()}`);
      return text.exec(await readFile(part.logFile, 'utf8')) ?? undefined;
    }, MINUTE);
  const group = (namespace: string) => ({
    apiVersion: 'resources.azure.com/v1api20200601',
    kind: 'ResourceGroup',
    metadata: { name: `rg-${namespace}`, namespace },
    spec: { location: 'westus2' },
  });

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'parts-'));
    processes = new Processes();
    const stack = start('stack', { STACK_DIRECTORY: join(directory, 'stack') });
    const simulator = start('simulator', { SIMULATOR_TIME_SCALE: '0', SIMULATOR_DIRECTORY: join(directory, 'sim') });
    await said(stack, /Ready\./);
    const exported = (await readFile(join(directory, 'stack/env'), 'utf8')).matchAll(/^export (\w+)=(.*)$/gm);
    const azure = JSON.parse((await said(simulator, /^\{.*\}$/m))[0]) as { url: string; caFile: string };
    const token = join(directory, 'token');
    await writeFile(token, 'a-token-of-the-cluster');
    environment = {
      ...Object.fromEntries([...exported].map(([, name = '', value = '']) => [name, value])),
      AZURE_SUBSCRIPTION_ID: '00000000-0000-0000-0000-00000000000a',
      AZURE_TENANT_ID: '00000000-0000-0000-0000-00000000000b',
      AZURE_CLIENT_ID: '00000000-0000-0000-0000-00000000000c',
      // Workload identity: there is no client secret.
      AZURE_FEDERATED_TOKEN_FILE: token,
      AZURE_RESOURCE_MANAGER_ENDPOINT: azure.url,
      AZURE_RESOURCE_MANAGER_AUDIENCE: azure.url,
      AZURE_AUTHORITY_HOST: azure.url,
      NODE_EXTRA_CA_CERTS: azure.caFile,
      POD_NAMESPACE: 'default',
    };
    kube = new KubeApi(environment['KUBECONFIG'] ?? '');
  }, 3 * MINUTE);

  afterAll(async () => {
    kube?.close();
    await processes?.stop();
    await rm(directory, { recursive: true, force: true });
  }, MINUTE);

  it(
    'crds installs the kinds that are asked for and no others',
    async () => {
      const crds = start('crds', environment, [
        '--kinds',
        'resources.azure.com/ResourceGroup;storage.azure.com/Acount',
      ]);
      expect((await crds.exited).code).toBe(1);
      expect(crds.logTail()).toContain('no kind in crds/ matches "storage.azure.com/Acount"');
      expect((await start('crds', environment, ['--kinds', 'resources.azure.com/ResourceGroup']).exited).code).toBe(0);
      const installed = await kube.list({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' });
      expect(installed.map(({ metadata }) => metadata.name)).toEqual(['resourcegroups.resources.azure.com']);
    },
    MINUTE,
  );

  it(
    'watcher and worker with workload identity: the namespaces that are named are served, the others are not',
    async () => {
      for (const name of ['team-a', 'team-b'])
        await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      const worker = start('worker', environment);
      const watcher = start('watcher', { ...environment, AZURE_TARGET_NAMESPACES: 'team-a' });
      await said(worker, /"ready"/);
      await kube.apply(group('team-b'));
      await kube.apply(group('team-a'));
      await waitFor(async () => {
        const object = await kube.get(keyOf(group('team-a')));
        return object && readyOf(object)?.status === 'True';
      });
      // What the CRD says of a resource that nobody has seen.
      expect((await kube.get(keyOf(group('team-b'))))?.status).toEqual({ observedGeneration: -1 });
      for (const part of [watcher, worker]) expect((await part.stop(10_000)).signal).not.toBe('SIGKILL');
    },
    2 * MINUTE,
  );

  it.each([
    ['watcher', 'AZURE_SYNC_PERIOD', 'soon'],
    ['worker', 'AZURE_RESOURCE_MANAGER_ENDPOINT', 'http://arm.example'],
    ['watcher', 'AZURE_TARGET_NAMESPACES', 'Team_A'],
  ])(
    '%s does not start with %s=%s, and says so',
    async (script, variable, value) => {
      const part = start(script, { ...environment, [variable]: value });
      expect((await part.exited).code).toBe(1);
      expect(part.logTail()).toContain(variable);
      expect(part.logTail()).toContain(value);
    },
    MINUTE,
  );

  it(
    'worker does not start with a credential that cannot be one, and says which variable, without its value',
    async () => {
      const part = start('worker', { ...environment, AZURE_SUBSCRIPTION_ID: 'abc', AZURE_CLIENT_SECRET: '' });
      expect((await part.exited).code).toBe(1);
      expect(part.logTail()).toContain('AZURE_SUBSCRIPTION_ID');
    },
    MINUTE,
  );
});

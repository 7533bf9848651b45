import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KubeApi, type Manifest } from '../../dev/kube-api.ts';
import { keyOf } from '../support/environment.ts';
import {
  prepareInstallation,
  RELEASE,
  startServers,
  valuesFor,
  type Installation,
  type Servers,
} from './installation.ts';
import type { PodTemplate } from './pods.ts';
import { describeRight, needs, rightsIn, type Right } from './rights.ts';
import { guide, ready, runScenario } from './scenario.ts';

const MINUTE = 60_000;
const NAME = `${RELEASE}-azure-temporal-operator`;
const REQUESTED_AT = 'azure-temporal-operator.io/reconcile-requested-at';
/** CEL asks the authorizer for it: no request is made, so the audit log does not show it. */
const isSign = ({ resource }: Right): boolean => resource === 'operatorstate';

let servers: Servers;
beforeAll(async () => {
  servers = await startServers();
}, 20 * MINUTE);
afterAll(async () => {
  await servers?.stop();
}, MINUTE);

describe.each([
  { mode: 'the whole cluster', operator: 'operator-all', team: 'default', args: [] },
  { mode: 'one namespace', operator: 'operator-one', team: 'team', args: ['targetNamespaces={team}'] },
  {
    mode: 'one namespace, without a watch of Secrets',
    operator: 'operator-blind',
    team: 'blind',
    args: ['targetNamespaces={blind}', 'watchSecrets=false'],
  },
])('installed for $mode, the chart gives exactly the rights that are used', ({ operator, team, args }) => {
  let installation: Installation;
  let rights: readonly Right[];
  const values = (): string[] => [...valuesFor(installation), ...args.flatMap((value) => ['--set', value])];
  beforeAll(async () => {
    installation = await prepareInstallation(servers, operator);
    const { kube } = installation;
    if (team !== 'default') await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: team } });
    await installation.helm('install', ...values());
    rights = rightsIn(await installation.manifests());
    const { worker, watcher } = await installation.startPods();
    await runScenario(kube, team);
    // The second run of the Job replaces what the first one created.
    await installation.helm('upgrade', ...values(), '--set', 'logLevel=debug');
    await worker.stop();
    await watcher.stop();
    await installation.helm('uninstall');
  }, 5 * MINUTE);

  it('none too many', async () => {
    const uses = await installation.uses();
    const unused = rights.filter((right) => !isSign(right) && !uses.some((use) => use.allowed && needs(use, right)));
    expect(rights.length).toBeGreaterThan(30);
    expect(unused.map(describeRight)).toEqual([]);
  });

  it('none too few', async () => {
    expect((await installation.uses()).filter(({ allowed }) => !allowed)).toEqual([]);
  });

  it('for one namespace, what stays in the whole cluster is what docs/helm.md says', () => {
    const cluster = rights
      .filter(({ role, part }) => role.kind === 'ClusterRole' && part !== 'crds')
      .map(describeRight);
    if (team !== 'default')
      expect(cluster.sort()).toEqual([
        'watcher: list customresourcedefinitions.apiextensions.k8s.io in the cluster',
        `watcher: list namespaces of ${team} in the cluster`,
        'watcher: watch customresourcedefinitions.apiextensions.k8s.io in the cluster',
        `watcher: watch namespaces of ${team} in the cluster`,
        'worker: write operatorstate.azure-temporal-operator.io in the cluster',
      ]);
    else expect(cluster).toContain('watcher: list secrets in the cluster');
  });

  it('only without watchSecrets, the watcher has no right on Secrets', () => {
    const secrets = rights.filter(({ part, resource }) => part === 'watcher' && resource === 'secrets');
    expect(secrets.length === 0).toBe(operator === 'operator-blind');
  });
});

describe('the life of a release', () => {
  const team = 'life';
  let installation: Installation;
  let running: Awaited<ReturnType<Installation['startPods']>>;
  const manifests = guide(team);
  const resources = manifests.filter(({ kind }) => kind !== 'Secret');
  const values = (): string[] => [...valuesFor(installation), '--set', `targetNamespaces={${team}}`];
  const deployment = async (part: string) =>
    (await installation.kube.get({
      ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
      ...{ name: `${NAME}-${part}`, namespace: installation.namespace },
    })) as unknown as { spec: { replicas: number; template: PodTemplate } };
  const variable = async (part: string, name: string): Promise<string | undefined> =>
    (await deployment(part)).spec.template.spec.containers[0].env?.find((entry) => entry.name === name)?.value;
  beforeAll(async () => {
    installation = await prepareInstallation(servers, 'operator-life');
    await installation.kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: team } });
    await installation.helm('install', ...values());
    running = await installation.startPods();
    for (const manifest of manifests) await installation.kube.apply(manifest);
    for (const manifest of resources) await ready(installation.kube, manifest);
  }, 3 * MINUTE);

  it('its pods meet the restricted Pod Security Standard, and the namespace refuses others', async () => {
    const { kube, namespace } = installation;
    const job = (await installation.manifests()).find(({ kind }) => kind === 'Job') as unknown as Manifest;
    const jobTemplate = (job['spec'] as { template: PodTemplate }).template;
    const templates = [
      (await deployment('worker')).spec.template,
      (await deployment('watcher')).spec.template,
      jobTemplate,
    ];
    const create = async (spec: object): Promise<unknown> =>
      await kube.call('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { generateName: 'trial-' },
        spec,
      });
    for (const { spec } of templates) {
      await create(spec);
      expect(spec.containers[0]).toMatchObject({ securityContext: { readOnlyRootFilesystem: true } });
      await expect(create({ ...spec, securityContext: { runAsUser: 1000 } })).rejects.toThrow(/violates PodSecurity/);
    }
  });

  it('the worker passes the admission policy in its namespace, and has no right in another', async () => {
    const { pods, kube } = installation;
    const worker = new KubeApi(await pods.kubeconfigOf(`${NAME}-worker`, 'trial'));
    try {
      const path = (namespace: string): string =>
        `/apis/resources.azure.com/v1storage/namespaces/${namespace}/resourcegroups/aso-sample-rg?dryRun=All`;
      const patch = { metadata: { annotations: { 'serviceoperator.azure.com/resource-id': '/subscriptions/other' } } };
      const merge = 'application/merge-patch+json';
      await worker.call('PATCH', path(team), patch, merge);
      await expect(worker.call('PATCH', path('default'), patch, merge)).rejects.toThrow(/forbidden/);
      await expect(worker.call('GET', `/api/v1/namespaces/${team}/secrets`)).rejects.toThrow(
        /cannot list resource "secrets"/,
      );
      const state = { name: `${installation.namespace}:${NAME}-worker-state` };
      const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: state.name };
      const rules = (await kube.get(role)) as unknown as { rules: object[] };
      await kube.patch(role, { rules: [] });
      await expect(worker.call('PATCH', path(team), patch, merge)).rejects.toThrow(
        /written by the operator only|only the operator writes it/,
      );
      await kube.patch(role, { rules: rules.rules });
    } finally {
      worker.close();
    }
  });

  it(
    'helm upgrade brings other values, and helm rollback the ones before, without a PUT to Azure',
    async () => {
      const { kube } = installation;
      const puts = (await installation.azure('PUT')).length;
      await installation.helm('upgrade', ...values(), '--set', 'logLevel=debug', '--set', 'worker.replicas=3');
      expect(await variable('worker', 'LOG_LEVEL')).toBe('debug');
      expect((await deployment('worker')).spec.replicas).toBe(3);
      await replacePods();
      await reconcileAgain('after-upgrade');
      await installation.helm('rollback', '1');
      expect(await variable('worker', 'LOG_LEVEL')).toBe('info');
      expect((await deployment('worker')).spec.replicas).toBe(2);
      expect(await kube.get(crd('resourcegroups.resources.azure.com'))).toBeDefined();
      await replacePods();
      await reconcileAgain('after-rollback');
      expect((await installation.azure('PUT')).length).toBe(puts);
    },
    3 * MINUTE,
  );

  it(
    'helm uninstall leaves CRDs, policies, resources, exports, keys and Azure; a new release continues',
    async () => {
      const { kube, namespace } = installation;
      const sent = [(await installation.azure('PUT')).length, (await installation.azure('DELETE')).length];
      const before = await installation.manifests();
      await running.worker.stop();
      await running.watcher.stop();
      await installation.helm('uninstall');
      for (const manifest of before)
        expect([manifest.kind, await kube.get(keyOf(manifest))]).toEqual([manifest.kind, undefined]);
      expect(await kube.get(crd('flexibleservers.dbformysql.azure.com'))).toBeDefined();
      for (const kind of ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'])
        expect(
          await kube.get({ apiVersion: 'admissionregistration.k8s.io/v1', kind, name: 'azure-temporal-operator' }),
        ).toBeDefined();
      for (const manifest of resources)
        expect((await kube.get(keyOf(manifest)))?.metadata).toMatchObject({
          finalizers: ['serviceoperator.azure.com/finalizer'],
        });
      expect(await kube.get({ apiVersion: 'v1', kind: 'Secret', name: 'mysecret', namespace: team })).toBeDefined();
      expect(
        await kube.get({ apiVersion: 'v1', kind: 'Secret', name: 'azure-temporal-operator-seal', namespace }),
      ).toBeDefined();

      await installation.helm('install', ...values());
      running = await installation.startPods();
      await reconcileAgain('after-installation');
      expect([(await installation.azure('PUT')).length, (await installation.azure('DELETE')).length]).toEqual(sent);
    },
    3 * MINUTE,
  );

  async function replacePods(): Promise<void> {
    const before = running;
    running = await installation.startPods();
    await before.worker.stop();
    await before.watcher.stop();
  }

  /** Asks for a reconcile of each resource, and waits until it has ended. */
  async function reconcileAgain(value: string): Promise<void> {
    const { kube } = installation;
    for (const manifest of resources) {
      const before = (await kube.get(keyOf(manifest)))?.metadata.resourceVersion;
      const annotations = { [REQUESTED_AT]: value };
      const patched = await kube.patch(keyOf(manifest), { metadata: { annotations } });
      expect(patched.metadata.resourceVersion).not.toBe(before);
      await ready(kube, manifest, MINUTE, patched.metadata.resourceVersion);
    }
  }
});

function crd(name: string): { apiVersion: string; kind: string; name: string } {
  return { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name };
}

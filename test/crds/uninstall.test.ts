import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { ensureBinaries } from '../../dev/binaries.ts';
import { startControlPlane } from '../../dev/control-plane.ts';
import { KubeApi, type LiveObject, type Manifest } from '../../dev/kube-api.ts';
import { Processes } from '../../dev/processes.ts';
import { keyOf, waitFor } from '../support/environment.ts';
import { runGuideCommands } from '../support/guide-commands.ts';

const CRDS = new URL('../../crds/', import.meta.url);
const FINALIZER = 'serviceoperator.azure.com/finalizer';
const OTHERS: Manifest = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'disks.disk.csi.azure.com' },
  spec: {
    group: 'disk.csi.azure.com',
    names: { kind: 'Disk', plural: 'disks' },
    scope: 'Namespaced',
    versions: [
      { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
    ],
  },
};

/** A real API server without the operator. With the operator: test/durability/upgrade.long.ts. */
describe('a cluster whose operator is gone', () => {
  const processes = new Processes();
  let directory: string;
  let kubectl: string;
  let api: KubeApi;

  const group = (name: string, namespace: string, metadata: object = {}): Manifest => ({
    apiVersion: 'resources.azure.com/v1api20200601',
    kind: 'ResourceGroup',
    metadata: { name, namespace, ...metadata },
    spec: { location: 'westus2' },
  });

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'uninstall-'));
    const binaries = await ensureBinaries(() => undefined);
    kubectl = binaries.kubectl;
    const kubeconfig = join(directory, 'kubeconfig');
    await startControlPlane(processes, { binaries, directory, logDirectory: join(directory, 'logs'), kubeconfig });
    api = new KubeApi(kubeconfig);
    const crd = await readFile(new URL('resources.azure.com_resourcegroups.yaml', CRDS), 'utf8');
    await api.apply(parse(crd, { maxAliasCount: -1 }) as Manifest);
    await api.apply(OTHERS);
    for (const document of parseAllDocuments(await readFile(new URL('policy.yaml', CRDS), 'utf8')))
      await api.apply(document.toJS() as Manifest);
    for (const name of ['azure-temporal-operator', 'team'])
      await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    await waitFor(async () => await api.apply(group('first', 'default')).catch(() => undefined), 30_000);
  }, 240_000);

  afterAll(async () => {
    api.close();
    await processes.stop();
    await rm(directory, { recursive: true, force: true });
  }, 60_000);

  const run = async (block: string): Promise<string> =>
    await runGuideCommands({ page: 'upgrades.md', block }, { kubectl, kubeconfig: join(directory, 'kubeconfig') });

  it('a resource that nobody has seen says so; a status without the generation stays as it is', async () => {
    const made: LiveObject = await api.apply(group('seen', 'default'));
    expect(made.status).toEqual({ observedGeneration: -1 });
    const path = '/apis/resources.azure.com/v1api20200601/namespaces/default/resourcegroups/seen/status';
    const ready = { type: 'Ready', status: 'True', reason: 'Succeeded', lastTransitionTime: '2026-01-01T00:00:00Z' };
    await api.call('PATCH', path, { status: { observedGeneration: null, conditions: [ready] } }, 'application/merge-patch+json');
    expect((await api.get(keyOf(made as unknown as Manifest)))?.status).toEqual({ conditions: [ready] });
  }, 60_000);

  it('its commands remove all resources, with their finalizers', async () => {
    await api.apply(group('second', 'team', { finalizers: [FINALIZER] }));
    await api.patch(keyOf(group('first', 'default')), { metadata: { finalizers: [FINALIZER] } });
    await run('uninstall-without-operator');
    for (const [name, namespace] of [['first', 'default'], ['seen', 'default'], ['second', 'team']] as const)
      await waitFor(async () => (await api.get(keyOf(group(name, namespace)))) === undefined, 30_000);
  }, 120_000);

  it('and then the CRDs and policies of the operator, and no others', async () => {
    await run('uninstall-cluster');
    await waitFor(async () => (await api.get(keyOf({ ...OTHERS, metadata: { name: 'resourcegroups.resources.azure.com' } }))) === undefined, 30_000);
    expect(await api.get(keyOf(OTHERS))).toBeDefined();
    const policies = ['azure-temporal-operator', 'azure-temporal-operator-status'];
    for (const kind of ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'])
      for (const name of policies)
        expect(await api.get({ apiVersion: 'admissionregistration.k8s.io/v1', kind, name })).toBeUndefined();
  }, 120_000);
});

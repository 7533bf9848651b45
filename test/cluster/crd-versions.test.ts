import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { installCrds } from '../../cli/install-crds.ts';
import type { Manifest } from '../../dev/kube-api.ts';
import { loadKindsWithParts } from '../../kinds/load.ts';
import { newestApiVersion } from '../../kinds/facts/version-names.ts';
import { createKubeClient } from '../../kube/client.ts';
import type { JsonObject, KubeClient } from '../../kube/contract.ts';
import { differingCrds, kubectl, storedCrds } from '../crds/kubectl-crds.ts';
import { preferredVersions } from '../crds/preferred-versions.ts';
import { writeThroughVersions } from '../crds/writes-through-versions.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { openScene, resourceGroup, type Scene } from './scene.ts';

/**
 * Kinds whose api-versions differ: the most fields, lists and objects at any depth, names of kubectl's old preference,
 * a map of text that is a map of anything elsewhere, an integer that is a number elsewhere, previews only.
 */
const DIFFERING = [
  { group: 'containerservice.azure.com', kind: 'ManagedCluster' },
  { group: 'documentdb.azure.com', kind: 'DatabaseAccount' },
  { group: 'cache.azure.com', kind: 'Redis' },
  { group: 'sql.azure.com', kind: 'ServersDatabasesBackupShortTermRetentionPolicy' },
  { group: 'databasewatcher.azure.com', kind: 'Watcher' },
];

const CRDS = join(import.meta.dirname, '../../crds');

/** The short form of `npm run test:crds`. */
describe('the versions of a CRD', () => {
  const kinds = loadKindsWithParts();
  let scene: Scene;
  let client: KubeClient;
  let tool: { program: string; kubeconfig: string };
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'crd-versions-'));
    scene = await openScene('versions');
    const { kubeconfig, binaries } = scene.env.stack;
    tool = { program: binaries.kubectl, kubeconfig };
    client = await createKubeClient({ kubeconfig });
    await installCrds(client, { kinds: DIFFERING.map(({ group, kind }) => `${group}/${kind}`).join(';') });
    await scene.env.apply(resourceGroup(scene.namespace));
  }, 120_000);
  afterAll(async () => {
    await client.close();
    scene.close();
    await rm(directory, { recursive: true, force: true });
  });

  it.each(DIFFERING)(
    'keep the whole spec through each other: $kind',
    async (id) => {
      const kind = kinds.find(id)!;
      const { faults } = await writeThroughVersions(client, { kinds, kind, namespace: scene.namespace });
      expect(faults).toEqual([]);
    },
    120_000,
  );

  it('prefer the newest stable api-version', async () => {
    const preferred = await preferredVersions(client);
    const newest = kinds.all().flatMap((kind) => {
      const version = preferred.get(`${kind.kind}.${kind.group}`);
      return version === undefined ? [] : [[kinds.apiVersionOf(kind, version), newestApiVersion(kind.apiVersions)]];
    });
    expect(newest.map(([is]) => is)).toEqual(newest.map(([, wanted]) => wanted));
    expect(newest.length).toBeGreaterThan(20);
    expect(preferred.get('DatabaseAccount.documentdb.azure.com')).toBe('v20240815');
    expect(preferred.get('ResourceGroup.resources.azure.com')).toBe('v20200601');
    expect(preferred.get('Watcher.databasewatcher.azure.com')).toBe('v1api20241001preview');
  });

  const account = (name: string, version: string, more: JsonObject = {}): Manifest => ({
    apiVersion: `documentdb.azure.com/${version}`,
    kind: 'DatabaseAccount',
    metadata: { name, namespace: scene.namespace },
    spec: {
      databaseAccountOfferType: 'Standard',
      location: 'westus2',
      locations: [{ locationName: 'westus2' }],
      owner: { name: 'rg' },
      ...more,
    },
  });

  it('still refuse a misspelt field, and take one of another version', async () => {
    const create = async (name: string, version: string, more: JsonObject): Promise<string> => {
      const file = join(directory, 'account.json');
      await writeFile(file, JSON.stringify(account(name, version, more)));
      return await kubectl(tool, ['create', '--dry-run=server', '-f', file]).catch(String);
    };
    expect(await create('a', 'v1api20210515', { minimalTlsVersio: 'Tls12' })).toMatch(/unknown field "spec.minimalTls/);
    expect(await create('a', 'v1api20210515', { backupPolicy: { nope: 1 } })).toMatch(/unknown field "spec.backupPol/);
    expect(await create('a', 'v1api20210515', { minimalTlsVersion: 'Tls12' })).toMatch(/^databaseaccount.* created/);
  });

  it('kubectl label and the garbage collector leave Azure as it was; Flux can apply again', async () => {
    const { env, namespace } = scene;
    const name = `kept-${namespace}`;
    const manifest = account(name, 'v1api20240815', { disableLocalAuth: true, minimalTlsVersion: 'Tls12' });
    await env.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'supporter', namespace } });
    const supporter = (await env.kube.get({ apiVersion: 'v1', kind: 'ConfigMap', name: 'supporter', namespace }))!;
    await env.apply(manifest);
    const before = await env.waitForReady(keyOf(manifest), 60_000);
    await kubectl(tool, ['-n', namespace, 'label', 'databaseaccount', name, 'a=b']);
    const value = { apiVersion: 'v1', kind: 'ConfigMap', name: 'supporter', uid: supporter.metadata.uid };
    const owned = JSON.stringify([{ op: 'add', path: '/metadata/ownerReferences/-', value }]);
    await kubectl(tool, ['-n', namespace, 'patch', 'databaseaccount', name, '--type=json', '-p', owned]);
    await kubectl(tool, ['-n', namespace, 'delete', 'configmap', 'supporter', '--cascade=orphan']);
    const orphaned = await waitFor(async () => {
      const live = await env.kube.get(keyOf(manifest));
      return live?.metadata.ownerReferences?.some(({ uid }) => uid === supporter.metadata.uid) ? undefined : live;
    }, 60_000);
    expect(orphaned?.spec).toEqual(before.spec);
    expect(orphaned?.metadata.generation).toBe(before.metadata.generation);
    expect((await env.apply(manifest)).spec).toEqual(manifest['spec']);
    const requested = { 'azure-temporal-operator.io/reconcile-requested-at': new Date().toISOString() };
    await env.apply({ ...manifest, metadata: { ...manifest.metadata, annotations: requested } });
    await waitFor(async () => (await scene.requests({ method: 'GET', path: new RegExp(name) })).length > 1);
    const puts = await scene.requests({ method: 'PUT', path: new RegExp(`databaseAccounts/${name}`, 'i') });
    expect(puts.length).toBe(1);
    expect(puts[0]!.path).toMatch(/api-version=2024-08-15/);
  }, 180_000);

  it('a field of another version is not left out in silence: the condition names it', async () => {
    const manifest = account(`older-${scene.namespace}`, 'v1api20210515', { minimalTlsVersion: 'Tls12' });
    await scene.env.apply(manifest);
    const live = await scene.env.waitForCondition(keyOf(manifest), { status: 'False', reason: 'InvalidSpec' });
    expect(readyOf(live)?.message).toMatch(/spec\.minimalTlsVersion: api-version 2021-05-15, .* has no such field/);
    await scene.env.kube.delete(keyOf(manifest));
  }, 60_000);

  it('are the same whether kubectl create, npm run crds or kubectl apply installs them', async () => {
    // Values that YAML 1.1 reads otherwise (Off, On), and a group with a dot.
    const names = [
      'azurefirewalls.network.azure.com',
      'backupvaults.dataprotection.azure.com',
      'webapplicationfirewallpolicies.network.frontdoor.azure.com',
    ];
    const files = names.flatMap((name) => ['-f', join(CRDS, `${name.replace(/^(.*?)\.(.*)$/, '$2_$1')}.yaml`)]);
    await kubectl(tool, ['create', ...files]);
    await kubectl(tool, ['wait', '--for=condition=Established', '--timeout=1m', 'crd', ...names]);
    const created = await storedCrds(client, names);
    await installCrds(client, {
      kinds:
        'network.azure.com/AzureFirewall;dataprotection.azure.com/BackupVault;network.frontdoor.azure.com/WebApplicationFirewallPolicy',
    });
    expect(differingCrds(created, await storedCrds(client, names))).toEqual([]);
    await kubectl(tool, ['apply', '--server-side', '--force-conflicts', ...files]);
    expect(differingCrds(created, await storedCrds(client, names))).toEqual([]);
    expect(created.get(names[2]!)).toMatchObject({ names: { categories: ['azure', 'networkfrontdoor'] } });
    expect(JSON.stringify(created.get(names[0]!))).toContain('"enum":["Alert","Deny","Off"]');
  }, 180_000);
});

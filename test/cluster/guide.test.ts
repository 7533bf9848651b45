import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { LiveObject, Manifest } from '../../dev/kube-api.ts';
import { cosmosKeys } from '../../simulator/keys.ts';
import { keyOf } from '../support/environment.ts';
import { databaseAccount, openScene, secretKey, secretValues, type Scene } from './scene.ts';

describe('the manifests of the secrets guide, unchanged', () => {
  let scene: Scene;
  const live = new Map<string, LiveObject>();

  beforeAll(async () => {
    scene = await openScene('guide');
    const samples = ['01-resourcegroup', '02-secret', '03-flexibleserver', '04-databaseaccount'].map(sample);
    const manifests = samples.map(({ stringData, ...manifest }): Manifest => ({
      ...manifest,
      metadata: { ...manifest.metadata, namespace: scene.namespace },
      ...(stringData === undefined ? {} : { stringData }),
    }));
    for (const manifest of manifests) await scene.env.apply(manifest);
    for (const manifest of manifests.filter(({ kind }) => kind !== 'Secret'))
      live.set(manifest.kind, await scene.env.waitForReady(keyOf(manifest), 60_000));
  }, 90_000);
  afterAll(() => scene.close());

  it('all become Ready with reason Succeeded', () => {
    for (const object of live.values())
      expect(object.status?.conditions).toEqual([
        expect.objectContaining({ type: 'Ready', status: 'True', reason: 'Succeeded', observedGeneration: 1 }),
      ]);
    expect(live.size).toBe(3);
  });

  it('writes both master keys into one Secret and the endpoint into the other', async () => {
    const keys = cosmosKeys('sample-db-account');
    expect(await secretValues(scene, 'mysecret')).toEqual({
      primarymasterkey: keys.primaryMasterKey,
      secondarymasterkey: keys.secondaryMasterKey,
    });
    expect(await secretValues(scene, 'myendpoint')).toEqual({
      endpoint: live.get('DatabaseAccount')?.status?.['documentEndpoint'],
    });
    expect((await secretValues(scene, 'myendpoint'))?.['endpoint']).toMatch(/^https:\/\/sample-db-account\./);
  });

  it.each(['mysecret', 'myendpoint'])('makes the account the owner of %s', async (name) => {
    const object = await scene.env.kube.get(secretKey(scene.namespace, name));
    expect(object?.metadata.ownerReferences).toEqual([
      expect.objectContaining({
        kind: 'DatabaseAccount',
        name: 'sample-db-account',
        uid: live.get('DatabaseAccount')?.metadata.uid,
      }),
    ]);
  });

  it('shows the answer of Azure as the status, in the field names of ASO', () => {
    const group = `/subscriptions/${scene.subscription.subscriptionId}/resourceGroups/aso-sample-rg`;
    expect(live.get('ResourceGroup')?.status).toMatchObject({
      id: group,
      location: 'westus2',
      name: 'aso-sample-rg',
    });
    expect(live.get('FlexibleServer')?.status).toMatchObject({
      id: `${group}/providers/Microsoft.DBforMySQL/flexibleServers/samplemysql`,
      name: 'samplemysql',
      state: 'Ready',
      version: '8.0.21',
      administratorLogin: 'myAdmin',
      storage: { storageSizeGB: 128 },
    });
    expect(live.get('DatabaseAccount')?.status).toMatchObject({
      name: 'sample-db-account',
      kind: 'MongoDB',
      provisioningState: 'Succeeded',
      databaseAccountOfferType: 'Standard',
    });
  });

  it('prints the condition as columns', async () => {
    const { stack } = scene.env;
    const { stdout } = await promisify(execFile)(stack.binaries.kubectl, [
      ...['--kubeconfig', stack.kubeconfig, '--namespace', scene.namespace],
      ...['get', 'flexibleservers.dbformysql.azure.com', 'samplemysql'],
    ]);
    const [header = '', line = ''] = stdout.split('\n');
    expect(header.split(/\s+/)).toEqual(['NAME', 'READY', 'SEVERITY', 'REASON', 'MESSAGE', 'AGE']);
    expect(line.trim().split(/\s+/)).toEqual(['samplemysql', 'True', 'Succeeded', expect.stringMatching(/^\d+[ms]/)]);
  });

  it('does not call listKeys if no destination needs a key', async () => {
    const { env, namespace } = scene;
    const manifest = databaseAccount(namespace, `plain-${namespace}`, { owner: { name: 'aso-sample-rg' } });
    await env.apply(manifest);
    await env.waitForReady(keyOf(manifest));
    const listings = await scene.requests({ method: 'POST', path: /listKeys/i });
    expect(listings.length).toBeGreaterThan(0);
    expect(listings.filter(({ path }) => path.includes(manifest.metadata.name))).toEqual([]);
  }, 60_000);
});

function sample(name: string): Manifest {
  return parse(readFileSync(new URL(`../../samples/${name}.yaml`, import.meta.url), 'utf8')) as Manifest;
}

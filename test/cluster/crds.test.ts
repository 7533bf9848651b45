import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { installCrds } from '../../cli/install-crds.ts';
import type { Manifest } from '../../dev/kube-api.ts';
import { GENERIC_KIND } from '../../kinds/generic/generic-kind.ts';
import { loadKindsWithParts } from '../../kinds/load.ts';
import { createKubeClient } from '../../kube/client.ts';
import type { KubeClient } from '../../kube/contract.ts';
import { keyOf } from '../support/environment.ts';
import { openScene, resourceGroup, type Scene } from './scene.ts';

describe('crds/', () => {
  let scene: Scene;
  let client: KubeClient;

  beforeAll(async () => {
    scene = await openScene('crds');
    client = await createKubeClient({ kubeconfig: scene.env.stack.kubeconfig });
  }, 60_000);
  afterAll(async () => {
    await client.close();
    scene.close();
  });

  it('are accepted by the API server (npm run test:crds also installs them and waits until they are served)', async () => {
    const names = await installCrds(client, { dryRun: true });
    const kinds = loadKindsWithParts().all();
    expect(names.sort()).toEqual(kinds.map((kind) => `${kind.plural}.${kind.group}`).sort());
  }, 300_000);

  it('have no GenericResource unless its own group is named: it can be any type of Azure', async () => {
    const all = await installCrds(client, { kinds: '*/GenericResource', dryRun: true }).catch(String);
    expect(all).toMatch(/no kind in crds\/ matches/);
    const named = await installCrds(client, { kinds: `${GENERIC_KIND.group}/*`, dryRun: true });
    expect(named).toEqual([`${GENERIC_KIND.plural}.${GENERIC_KIND.group}`]);
  }, 60_000);

  it('may be installed while the watcher runs: resources of the new kinds become Ready', async () => {
    const { env, namespace } = scene;
    await installCrds(client, { kinds: 'search.azure.com/SearchService' });
    await env.apply(resourceGroup(namespace));
    const service: Manifest = {
      apiVersion: 'search.azure.com/v1api20220901',
      kind: 'SearchService',
      metadata: { name: `late-${namespace}`, namespace },
      spec: { location: 'westeurope', owner: { name: 'rg' }, sku: { name: 'standard' } },
    };
    await env.apply(service);
    const ready = await env.waitForReady(keyOf(service), 60_000);
    expect(ready.status?.['id']).toMatch(/Microsoft\.Search\/searchServices/i);
    await env.kube.delete(keyOf(service));
    await env.waitForGone(keyOf(service), 60_000);
  }, 180_000);

  it('may be installed a second time', async () => {
    const kinds = 'search.azure.com/*';
    expect(await installCrds(client, { kinds })).toEqual(await installCrds(client, { kinds }));
  }, 120_000);
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { Manifest } from '../../dev/kube-api.ts';
import { crdFiles } from '../../kinds/generate/generated-files.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { flexibleServer, openScene, readyGroup, secret, type Scene } from './scene.ts';

describe('quirks of single kinds: the operator', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await openScene('quirks');
    await readyGroup(scene);
    for (const [name, content] of crdFiles('network.azure.com/VirtualNetwork;network.azure.com/VirtualNetworksSubnet'))
      if (name !== 'policy.yaml') await scene.env.apply(parse(content) as Manifest);
  }, 90_000);
  afterAll(() => scene.close());

  const network = (spec: object = {}): Manifest => ({
    apiVersion: 'network.azure.com/v1api20240301',
    kind: 'VirtualNetwork',
    metadata: { name: 'net', namespace: scene.namespace },
    spec: { location: 'westus2', owner: { name: 'rg' }, addressSpace: { addressPrefixes: ['10.0.0.0/16'] }, ...spec },
  });
  /** A new kind is served a moment after its definition. */
  const applySoon = (manifest: Manifest) =>
    waitFor(() => scene.env.apply(manifest).catch(() => false as const), 20_000);

  it("keeps a network's subnets when the network changes", async () => {
    const { env, namespace } = scene;
    await applySoon(network());
    await env.waitForReady(keyOf(network()), 60_000);
    const subnet: Manifest = {
      apiVersion: 'network.azure.com/v1api20240301',
      kind: 'VirtualNetworksSubnet',
      metadata: { name: 'sub', namespace },
      spec: { owner: { name: 'net' }, addressPrefix: '10.0.1.0/24' },
    };
    await applySoon(subnet);
    await env.waitForReady(keyOf(subnet), 60_000);

    await env.apply(network({ tags: { team: 'red' } }));
    await env.waitForReady(keyOf(network()), 60_000);
    const puts = await scene.requests({ method: 'PUT', path: /virtualNetworks\/net(\?|$)/i });
    const last = puts.at(-1)?.body as { tags: object; properties: { subnets: { name: string }[] } };
    expect([last.tags, last.properties.subnets.map(({ name }) => name)]).toEqual([{ team: 'red' }, ['sub']]);
    expect(puts).toHaveLength(2);
    // It is still there: its own update finds it instead of making it anew.
    await env.apply({ ...subnet, spec: { owner: { name: 'net' }, addressPrefix: '10.0.2.0/24' } });
    await env.waitForReady(keyOf(subnet), 60_000);
    expect(await scene.requests({ method: 'PUT', path: /subnets\/sub(\?|$)/i })).toHaveLength(2);
  }, 150_000);

  it('shows that Azure cannot delete a resource, and releases it when the policy becomes detach-on-delete', async () => {
    const { env, namespace } = scene;
    await env.apply(secret(namespace, 'server-admin-pw', { password: 'Some-1-Password' }));
    const server = flexibleServer(namespace, `conf-${namespace}`);
    await env.apply(server);
    const setting: Manifest = {
      apiVersion: 'dbformysql.azure.com/v1api20230630',
      kind: 'FlexibleServersConfiguration',
      metadata: { name: 'maxconnections', namespace },
      spec: {
        azureName: 'max_connections',
        owner: { name: server.metadata.name },
        source: 'user-override',
        value: '20',
      },
    };
    await env.apply(setting);
    await env.waitForReady(keyOf(setting), 90_000);
    await env.kube.delete(keyOf(setting));
    const kept = await waitFor(async () => {
      const object = await env.kube.get(keyOf(setting));
      return object && readyOf(object)?.reason === 'DeletionNotSupported' && object;
    }, 20_000);
    expect(readyOf(kept)).toMatchObject({
      status: 'False',
      severity: 'Warning',
      message: expect.stringMatching(/detach-on-delete/),
    });
    await env.kube.patch(keyOf(setting), {
      metadata: { annotations: { 'serviceoperator.azure.com/reconcile-policy': 'detach-on-delete' } },
    });
    await env.waitForGone(keyOf(setting), 30_000);
    expect(await scene.requests({ method: 'DELETE', path: /configurations/i })).toEqual([]);
  }, 180_000);
});

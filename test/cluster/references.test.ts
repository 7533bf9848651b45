import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { Manifest } from '../../dev/kube-api.ts';
import { crdFiles } from '../../kinds/generate/generated-files.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { flexibleServer, openScene, readyGroup, secret, type Scene } from './scene.ts';

describe('a reference of a spec', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await openScene('refs');
    await readyGroup(scene);
    await scene.env.apply(secret(scene.namespace, 'server-admin-pw', { password: 'Some-1-Password' }));
  }, 60_000);
  afterAll(() => scene.close());

  const server = (name: string, spec: object = {}): Manifest => ({
    ...flexibleServer(scene.namespace, `${name}-${scene.namespace}`, spec),
    apiVersion: 'dbformysql.azure.com/v1api20230630',
  });
  const configMap = (name: string, data: Record<string, string>): Manifest => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: scene.namespace },
    data,
  });

  it('is waited for with a warning; when the resource has its ARM id, the reconcile continues', async () => {
    const { env } = scene;
    const source = server('source');
    const replica = server('replica', {
      createMode: 'Replica',
      sourceServerResourceReference: {
        group: 'dbformysql.azure.com',
        kind: 'FlexibleServer',
        name: source.metadata.name,
      },
    });
    await env.apply(replica);
    const waiting = await env.waitForCondition(keyOf(replica), {
      status: 'False',
      severity: 'Warning',
      reason: 'ReferenceNotFound',
    });
    expect(readyOf(waiting)?.message).toContain(
      `${source.metadata.name}, named by spec.sourceServerResourceReference, does not exist`,
    );
    expect(waiting.metadata.finalizers ?? []).toEqual([]);
    expect(await scene.requests({ method: 'PUT', path: /replica-/ })).toEqual([]);

    await env.apply(source);
    const sent = await waitFor(async () => (await scene.requests({ method: 'PUT', path: /replica-/ }))[0], 15_000);
    expect((sent.body as { properties: { sourceServerResourceId: string } }).properties.sourceServerResourceId).toBe(
      `/subscriptions/${scene.subscription.subscriptionId}/resourceGroups/rg/providers/Microsoft.DBforMySQL/flexibleServers/${source.metadata.name}`,
    );
    await env.waitForReady(keyOf(source), 45_000);
    await env.waitForReady(keyOf(replica), 45_000);
  }, 120_000);

  it('may be a value from a ConfigMap, which is waited for, sent again when it changes, and refused beside the plain field', async () => {
    const { env, namespace } = scene;
    const own = server('admin');
    await env.apply(own);
    await env.waitForReady(keyOf(own), 45_000);
    const spec = {
      owner: { name: own.metadata.name },
      administratorType: 'ActiveDirectory',
      login: 'admin',
      sidFromConfig: { name: 'identity', key: 'sid' },
      tenantId: '22222222-2222-2222-2222-222222222222',
      identityResourceReference: {
        armId: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i',
      },
    };
    const administrator: Manifest = {
      apiVersion: 'dbformysql.azure.com/v1api20230630',
      kind: 'FlexibleServersAdministrator',
      metadata: { name: 'administrator', namespace },
      spec,
    };
    await env.apply(administrator);
    const waiting = await env.waitForCondition(keyOf(administrator), {
      status: 'False',
      severity: 'Warning',
      reason: 'ConfigMapNotFound',
    });
    expect(readyOf(waiting)?.message).toMatch(/identity \(key "sid"\), named by spec.sidFromConfig/);

    await env.apply(configMap('identity', { sid: 'first' }));
    await env.waitForReady(keyOf(administrator));
    await env.apply(configMap('identity', { sid: 'second' }));
    const sids = await waitFor(async () => {
      const puts = await scene.requests({ method: 'PUT', path: /administrators/i });
      return puts.length === 2 && puts.map(({ body }) => (body as { properties: { sid: string } }).properties.sid);
    }, 15_000);
    expect(sids).toEqual(['first', 'second']);

    await env.apply({ ...administrator, spec: { ...spec, sid: 'third' } });
    const failed = await env.waitForCondition(keyOf(administrator), {
      status: 'False',
      severity: 'Error',
      reason: 'InvalidSpec',
    });
    expect(readyOf(failed)?.message).toBe('exactly one of spec.sid and spec.sidFromConfig must be set, not both');
  }, 120_000);

  it('may be a role by its name; the role assignment keeps the UUID that is its name', async () => {
    const { env, namespace } = scene;
    for (const [name, content] of crdFiles('authorization.azure.com/RoleAssignment')) {
      if (name !== 'policy.yaml') await env.apply(parse(content) as Manifest);
    }
    const assignment = (name: string, role: string, operatorSpec?: object): Manifest => ({
      apiVersion: 'authorization.azure.com/v1api20220401',
      kind: 'RoleAssignment',
      metadata: { name, namespace },
      spec: {
        owner: { group: 'resources.azure.com', kind: 'ResourceGroup', name: 'rg' },
        principalId: '33333333-3333-3333-3333-333333333333',
        roleDefinitionReference: { wellKnownName: role },
        ...(operatorSpec && { operatorSpec }),
      },
    });
    const random = assignment('random', 'network contributor', { namingConvention: 'random' });
    await waitFor(async () => {
      try {
        return await env.apply(random);
      } catch {
        return false; // The new kind is not served yet.
      }
    }, 20_000);
    const ready = await env.waitForReady(keyOf(random));
    const group = `/subscriptions/${scene.subscription.subscriptionId}/resourceGroups/rg`;
    expect(ready.status?.['id']).toMatch(
      new RegExp(`^${group}/providers/Microsoft.Authorization/roleAssignments/[0-9a-f]{8}-[0-9a-f]{4}-4`),
    );
    const puts = await scene.requests({ method: 'PUT', path: /roleAssignments/i });
    expect((puts[0]?.body as { properties: { roleDefinitionId: string } }).properties.roleDefinitionId).toBe(
      `/subscriptions/${scene.subscription.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/4d97b98b-1d4f-4787-a291-c67834d212e7`,
    );
    // A change keeps the name that was made by chance.
    await env.apply({ ...random, spec: { ...(random.spec as object), description: 'changed' } });
    const again = await env.waitForReady(keyOf(random));
    expect(again.status?.['id']).toBe(ready.status?.['id']);

    const unknown = assignment('unknown', 'Emperor');
    await env.apply(unknown);
    const waiting = await env.waitForCondition(keyOf(unknown), {
      status: 'False',
      severity: 'Warning',
      reason: 'ReferenceNotFound',
    });
    expect(readyOf(waiting)?.message).toMatch(/"Emperor".*not a built-in role/);
  }, 120_000);
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { keyOf } from '../support/environment.ts';
import { databaseAccount, openScene, readyGroup, secret, secretValues, type Scene } from './scene.ts';

const POLICY = 'serviceoperator.azure.com/reconcile-policy';
const CREDENTIAL_FROM = 'serviceoperator.azure.com/credential-from';

describe('annotations that say how a resource is managed', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene('policies');
    await readyGroup(scene);
  }, 60_000);
  afterAll(() => scene.close());

  const account = (name: string, annotations: Record<string, string>, spec: object = {}) => {
    const manifest = databaseAccount(scene.namespace, `${name}-${scene.namespace}`, spec);
    return { ...manifest, metadata: { ...manifest.metadata, annotations } };
  };
  const sent = (method: string, name: string) =>
    scene.requests({ method, path: new RegExp(`/databaseAccounts/${name}-[^/]*$`, 'i') });

  it('skip: a resource that is not in Azure is not created, and the condition says so', async () => {
    const manifest = account('absent', { [POLICY]: 'skip' });
    await scene.env.apply(manifest);
    const object = await scene.env.waitForCondition(keyOf(manifest), {
      status: 'False',
      severity: 'Warning',
      reason: 'AzureResourceNotFound',
    });
    expect(object.metadata.finalizers ?? []).toEqual([]);
    expect(await sent('PUT', 'absent')).toEqual([]);
  }, 60_000);

  it('skip: an existing resource is read and exported, never written, and kept in Azure when the custom resource is deleted', async () => {
    const { env, namespace } = scene;
    const managed = account('seen', {});
    await env.apply(managed);
    await env.waitForReady(keyOf(managed));
    const before = (await sent('PUT', 'seen')).length;
    const operatorSpec = { secrets: { primaryMasterKey: { name: 'seen-keys', key: 'key' } } };
    const skipped = account('seen', { [POLICY]: 'skip' }, { tags: { changed: 'yes' }, operatorSpec });
    await env.apply(skipped);
    await env.waitForReady(keyOf(skipped));
    expect(Object.keys((await secretValues(scene, 'seen-keys')) ?? {})).toEqual(['key']);
    await env.kube.delete({ ...keyOf(skipped), namespace });
    await env.waitForGone(keyOf(skipped));
    expect((await sent('PUT', 'seen')).length).toBe(before);
    expect(await sent('DELETE', 'seen')).toEqual([]);
  }, 60_000);

  it('detach-on-delete: the resource is managed, and kept in Azure when the custom resource is deleted', async () => {
    const manifest = account('detached', { [POLICY]: 'detach-on-delete' });
    await scene.env.apply(manifest);
    await scene.env.waitForReady(keyOf(manifest));
    expect(await sent('PUT', 'detached')).toHaveLength(1);
    await scene.env.kube.delete(keyOf(manifest));
    await scene.env.waitForGone(keyOf(manifest));
    expect(await sent('DELETE', 'detached')).toEqual([]);
  }, 60_000);

  it('the policy of the namespace applies to a resource without a policy', async () => {
    const { env } = scene;
    const other = await openScene('policy-ns');
    try {
      await env.apply({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: other.namespace, annotations: { [POLICY]: 'skip' } },
      });
      const manifest = {
        apiVersion: 'resources.azure.com/v1api20200601',
        kind: 'ResourceGroup',
        metadata: { name: 'inherits', namespace: other.namespace },
        spec: { location: 'westus2' },
      };
      await env.apply(manifest);
      await env.waitForCondition(keyOf(manifest), { status: 'False', reason: 'AzureResourceNotFound' });
      expect(await other.requests({ method: 'PUT' })).toEqual([]);
    } finally {
      other.close();
    }
  }, 60_000);

  it('credential-from: its Secret decides the subscription; the condition names a missing Secret, which is waited for', async () => {
    const { env, namespace } = scene;
    const subscriptionId = randomUUID();
    const manifest = {
      apiVersion: 'resources.azure.com/v1api20200601',
      kind: 'ResourceGroup',
      metadata: { name: 'elsewhere', namespace, annotations: { [CREDENTIAL_FROM]: 'other-credential' } },
      spec: { location: 'westus2' },
    };
    await env.apply(manifest);
    const waiting = await env.waitForCondition(keyOf(manifest), { status: 'False', reason: 'CredentialNotFound' });
    expect(JSON.stringify(waiting.status)).toContain(`${namespace}/other-credential`);
    await env.apply(
      secret(namespace, 'other-credential', {
        AZURE_SUBSCRIPTION_ID: subscriptionId,
        AZURE_TENANT_ID: randomUUID(),
        AZURE_CLIENT_ID: randomUUID(),
        AZURE_CLIENT_SECRET: `secret-${randomUUID()}`,
      }),
    );
    const ready = await env.waitForReady(keyOf(manifest), 60_000);
    expect(ready.status?.['id']).toBe(`/subscriptions/${subscriptionId}/resourceGroups/elsewhere`);
  }, 90_000);
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Manifest } from '../../dev/kube-api.ts';
import { keyOf, waitFor } from '../support/environment.ts';
import { databaseAccount, openScene, resourceGroup, secret, secretKey, type Scene } from './scene.ts';

const HOLD = 'azure-temporal-operator.io/credential';
const CREDENTIAL_FROM = 'serviceoperator.azure.com/credential-from';

describe('a credential outlives the resources that were claimed with it (row 20)', () => {
  const scenes: Scene[] = [];
  const open = async (): Promise<Scene> => {
    const scene = await openScene('credential');
    scenes.push(scene);
    return scene;
  };
  let first: Scene;
  beforeAll(async () => {
    first = await open();
  }, 60_000);
  afterAll(() => scenes.forEach((scene) => scene.close()));

  /** Nobody but the namespace's own credential may do anything in its subscription. */
  async function closeToOthers({ tell, env, subscription }: Scene): Promise<void> {
    const { subscriptionId } = subscription;
    const scope = `/subscriptions/${subscriptionId}/resourceGroups/none`;
    const clientId = env.stack.operatorEnvironment['AZURE_CLIENT_ID'] ?? '';
    await tell('rights', { subscription: subscriptionId, scope, clientId });
  }

  it('a namespace is deleted within a minute: all DELETEs are sent with the credential that is deleted together with them', async () => {
    const { env, namespace } = first;
    await closeToOthers(first);
    const account = databaseAccount(namespace, `held-${namespace}`, { kind: 'GlobalDocumentDB' });
    const cosmos = (kind: string, name: string, owner: string, spec: object): Manifest => ({
      apiVersion: 'documentdb.azure.com/v1api20240815',
      kind,
      metadata: { name, namespace },
      spec: { owner: { name: owner }, ...spec },
    });
    const partitionKey = { kind: 'Hash', paths: ['/id'] };
    const chain: Manifest[] = [
      resourceGroup(namespace),
      resourceGroup(namespace, 'second'),
      account,
      databaseAccount(namespace, `other-${namespace}`),
      cosmos('SqlDatabase', 'db', account.metadata.name, { resource: { id: 'db' } }),
      cosmos('SqlDatabaseContainer', 'boxes', 'db', { resource: { id: 'boxes', partitionKey } }),
    ];
    for (const manifest of chain) await env.apply(manifest);
    for (const manifest of chain) await env.waitForReady(keyOf(manifest), 60_000);
    const held = await env.kube.get(secretKey(namespace, 'aso-credential'));
    expect(held?.metadata.finalizers).toContain(HOLD);

    await env.kube.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace });
    await env.waitForGone({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, 60_000);
    const deletes = await first.requests({ method: 'DELETE' });
    expect(deletes.some(({ path }) => /resourceGroups\/rg\?/i.test(path))).toBe(true);
    expect(deletes.filter(({ status }) => status === 403)).toEqual([]);
  }, 150_000);

  it('a credential Secret without claimed resources is deleted at once', async () => {
    const { env, namespace } = await open();
    await env.kube.delete(secretKey(namespace, 'aso-credential'));
    await env.waitForGone(secretKey(namespace, 'aso-credential'), 1_000);
  }, 60_000);

  it('a credential Secret is deleted after the last claimed resource; with credential-from its Secret is held and not the namespace’s', async () => {
    const { env, namespace, subscription } = await open();
    const { subscriptionId, tenantId, clientId, clientSecret } = subscription;
    const values = {
      AZURE_SUBSCRIPTION_ID: subscriptionId,
      AZURE_TENANT_ID: tenantId,
      AZURE_CLIENT_ID: clientId,
      AZURE_CLIENT_SECRET: clientSecret,
    };
    await env.apply(secret(namespace, 'own', values));
    const plain = resourceGroup(namespace);
    const group = { ...plain, metadata: { ...plain.metadata, annotations: { [CREDENTIAL_FROM]: 'own' } } };
    await env.apply(group);
    await env.waitForReady(keyOf(group));
    const kept = secretKey(namespace, 'own');
    await env.kube.delete(kept);
    await env.kube.delete(secretKey(namespace, 'aso-credential'));
    await env.waitForGone(secretKey(namespace, 'aso-credential'), 5_000);
    expect((await env.kube.get(kept))?.metadata).toMatchObject({ finalizers: [HOLD] });

    await env.kube.delete(keyOf(group));
    await env.waitForGone(keyOf(group));
    await waitFor(async () => (await env.kube.get(kept)) === undefined, 5_000);
  }, 60_000);
});

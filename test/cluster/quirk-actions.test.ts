import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { Manifest } from '../../dev/kube-api.ts';
import { crdFiles } from '../../kinds/generate/generated-files.ts';
import type { Json, JsonObject } from '../../simulator/json.ts';
import type { LoggedRequest } from '../../simulator/request-log.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { openScene, readyGroup, type Scene } from './scene.ts';

const KINDS = [
  'apimanagement.azure.com/Product',
  'dataprotection.azure.com/BackupVaultsBackupInstance',
  'subscription.azure.com/Alias',
].join(';');

describe('what single kinds need besides a PUT and a DELETE: the operator', () => {
  let scene: Scene;
  let group: string;

  beforeAll(async () => {
    scene = await openScene('actions');
    await readyGroup(scene);
    group = `/subscriptions/${scene.subscription.subscriptionId}/resourceGroups/rg`;
    for (const [name, content] of crdFiles(KINDS))
      if (name !== 'policy.yaml') await scene.env.apply(parse(content) as Manifest);
  }, 90_000);
  afterAll(() => scene.close());

  /** A new kind is served a moment after its definition. */
  const applySoon = (manifest: Manifest) =>
    waitFor(() => scene.env.apply(manifest).catch(() => false as const), 20_000);
  const call = async (method: string, id: string, apiVersion: string, body?: Json) =>
    await scene.azure.call(method, `${id}?api-version=${apiVersion}`, body);

  it('deletes a product together with its subscriptions', async () => {
    const { env, namespace } = scene;
    const service = `${group}/providers/Microsoft.ApiManagement/service/apim`;
    const sku = { name: 'Developer', capacity: 1 };
    const properties = { publisherEmail: 'a@example.com', publisherName: 'a' };
    await call('PUT', service, '2022-08-01', { location: 'westus2', sku, properties });
    const product: Manifest = {
      apiVersion: 'apimanagement.azure.com/v1api20220801',
      kind: 'Product',
      metadata: { name: 'gold', namespace },
      spec: { owner: { armId: service }, displayName: 'Gold' },
    };
    await applySoon(product);
    await env.waitForReady(keyOf(product), 60_000);
    // Users subscribe without the operator.
    const subscription = `${service}/subscriptions/user`;
    const scope = `${service}/products/gold`;
    await call('PUT', subscription, '2022-08-01', { properties: { displayName: 'user', scope } });
    await env.kube.delete(keyOf(product));
    await env.waitForGone(keyOf(product), 60_000);
    expect((await call('GET', scope, '2022-08-01')).status).toBe(404);
    expect((await call('GET', subscription, '2022-08-01')).status).toBe(404);
    const [sent] = await scene.requests({ method: 'DELETE', path: /products\/gold/ });
    expect(sent?.path).toContain('deleteSubscriptions=true');
  }, 120_000);

  it('cancels the subscription of an alias before it deletes the alias, and only once', async () => {
    const { env, namespace } = scene;
    const alias: Manifest = {
      apiVersion: 'subscription.azure.com/v1api20211001',
      kind: 'Alias',
      metadata: { name: `team-${namespace}`, namespace },
      spec: { properties: { displayName: 'team', workload: 'DevTest', billingScope: '/billing/x' } },
    };
    await applySoon(alias);
    const ready = await env.waitForReady(keyOf(alias), 60_000);
    const id = String((ready.status?.['properties'] as JsonObject)['subscriptionId']);
    // The first DELETE fails, so the step is tried again after the cancel.
    const path = `/aliases/team-${namespace}`;
    const fault = {
      match: { method: 'DELETE', path },
      times: 1,
      status: 500,
      code: 'InternalServerError',
      message: 'x',
    };
    await scene.tell('faults', fault);
    await env.kube.delete(keyOf(alias));
    await env.waitForGone(keyOf(alias), 90_000);
    const { json } = await scene.azure.call('GET', `/_simulator/requests?subscription=${id}`);
    const asked = (json as unknown as { requests: LoggedRequest[] }).requests.map(
      (request) => `${request.method} ${request.path.split('?')[0] ?? ''}`,
    );
    const cancel = `POST /subscriptions/${id}/providers/Microsoft.Subscription/cancel`;
    expect(asked).toEqual([`GET /subscriptions/${id}`, cancel, `GET /subscriptions/${id}`]);
    expect((await call('GET', `/subscriptions/${id}`, '2022-12-01')).json).toMatchObject({ state: 'Disabled' });
  }, 180_000);

  it('reports a backup instance Ready when it is protected, syncs it after an error, and sends it once', async () => {
    const { env, namespace } = scene;
    const vault = `${group}/providers/Microsoft.DataProtection/backupVaults/vault`;
    await call('PUT', vault, '2023-11-01', { location: 'westus2', properties: { storageSettings: [] } });
    const instance: Manifest = {
      apiVersion: 'dataprotection.azure.com/v1api20231101',
      kind: 'BackupVaultsBackupInstance',
      metadata: { name: 'disk', namespace },
      spec: {
        owner: { armId: vault },
        properties: {
          dataSourceInfo: { resourceReference: { armId: `${group}/providers/Microsoft.Compute/disks/d` } },
          objectType: 'BackupInstance',
          policyInfo: { policyReference: { armId: `${vault}/backupPolicies/p` } },
        },
      },
    };
    const subscription = `subscriptions/${scene.subscription.subscriptionId}`;
    await scene.tell(subscription, { timeScale: 1 });
    await applySoon(instance);
    const reason = 'PostReconciliationFailure';
    const waiting = await env.waitForCondition(
      keyOf(instance),
      { status: 'False', severity: 'Warning', reason },
      60_000,
    );
    expect(readyOf(waiting)?.message).toMatch(/protection status is ConfiguringProtection/);
    await scene.tell(subscription, { timeScale: 0.01 });
    const ready = await env.waitForReady(keyOf(instance), 60_000);
    const protectionOf = (status: unknown) => (status as { properties: { protectionStatus: Json } }).properties;
    expect(protectionOf(ready.status).protectionStatus).toEqual({ status: 'ProtectionConfigured' });

    const id = `${vault}/backupInstances/disk`;
    const errorDetails = { code: 'UserErrorMissingPermissions', message: 'The vault may not read the disk.' };
    const patch = { properties: { protectionStatus: { status: 'ProtectionError', errorDetails } } };
    await scene.tell('drift', { id, patch });
    const annotations = { 'azure-temporal-operator.io/reconcile-requested-at': new Date().toISOString() };
    await env.kube.patch(keyOf(instance), { metadata: { annotations } });
    await waitFor(async () => (await scene.requests({ method: 'POST', path: /\/sync\?/ })).length > 0, 60_000);
    await env.waitForReady(keyOf(instance), 60_000);
    const [sync] = await scene.requests({ method: 'POST', path: /\/sync\?/ });
    expect(sync?.body).toEqual({ syncType: 'Default' });
    expect(await scene.requests({ method: 'PUT', path: /backupInstances\/disk/ })).toHaveLength(1);
  }, 240_000);
});

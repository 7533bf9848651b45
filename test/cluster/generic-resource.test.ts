import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import type { Manifest } from '../../dev/kube-api.ts';
import { crdFiles } from '../../kinds/generate/generated-files.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { openScene, readyGroup, secret, secretValues, type Scene } from './scene.ts';

const OTHERS = 'authorization.azure.com/RoleAssignment;managedidentity.azure.com/UserAssignedIdentity';

describe('GenericResource', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await openScene('generic');
    await readyGroup(scene);
    for (const [name, content] of crdFiles(OTHERS))
      if (name !== 'policy.yaml') await scene.env.apply(parse(content) as Manifest);
  }, 60_000);
  afterAll(() => scene.close());

  function maps(name: string, spec: object = {}): Manifest {
    return {
      apiVersion: 'generic.azure-temporal-operator.io/v1',
      kind: 'GenericResource',
      metadata: { name, namespace: scene.namespace },
      spec: {
        type: 'Microsoft.Maps/accounts',
        apiVersion: '2023-06-01',
        owner: { group: 'resources.azure.com', kind: 'ResourceGroup', name: 'rg' },
        body: { location: 'westus2', kind: 'Gen2', sku: { name: 'G2' }, properties: { disableLocalAuth: false } },
        secrets: [{ path: 'properties.linkedPassword', secretRef: { name: 'maps-in', key: 'password' } }],
        operatorSpec: {
          secrets: { primary: { post: 'listKeys', path: 'primaryKey', name: 'maps-out', key: 'key' } },
          secretExpressions: [
            { name: 'maps-out', key: 'url', value: '"https://" + self.metadata.name + "?key=" + secret.primary' },
          ],
          configMapExpressions: [{ name: 'maps-info', value: '{"id": self.status.id, "sku": self.status.sku.name}' }],
        },
        ...spec,
      },
    };
  }
  const requests = (method: string) => scene.requests({ method, path: /Microsoft\.Maps/i });

  it('manages a type that has no kind: secret in, key out, update, delete', async () => {
    const { env, namespace } = scene;
    const account = maps('atlas');
    await env.apply(account);
    await env.waitForCondition(keyOf(account), { status: 'False', severity: 'Warning', reason: 'SecretNotFound' });
    expect(await requests('PUT')).toEqual([]);

    await env.apply(secret(namespace, 'maps-in', { password: 'Maps-1-Password' }));
    const ready = await env.waitForReady(keyOf(account));
    const armId = `/subscriptions/${scene.subscription.subscriptionId}/resourceGroups/rg/providers/Microsoft.Maps/accounts/atlas`;
    expect(ready.metadata.annotations?.['serviceoperator.azure.com/resource-id']).toBe(armId);
    expect(ready.status).toMatchObject({ id: armId, sku: { name: 'G2' } });
    expect(JSON.stringify(ready.status)).not.toMatch(/Maps-1-Password/);
    expect(await secretValues(scene, 'maps-out')).toEqual({
      key: expect.stringMatching(/.{20}/),
      url: expect.stringMatching(/^https:\/\/atlas\?key=.{20}/),
    });
    const info = await env.kube.get({ apiVersion: 'v1', kind: 'ConfigMap', name: 'maps-info', namespace });
    expect(info?.data).toEqual({ id: armId, sku: 'G2' });
    expect(await scene.requests({ method: 'POST', path: /listKeys/i })).toHaveLength(1);

    await env.apply(
      maps('atlas', {
        body: { location: 'westus2', kind: 'Gen2', sku: { name: 'G2' }, properties: { disableLocalAuth: true } },
      }),
    );
    await env.waitForReady(keyOf(account));
    expect(
      (await requests('PUT')).map(
        ({ body }) => (body as { properties: { disableLocalAuth: boolean } }).properties.disableLocalAuth,
      ),
    ).toEqual([false, true]);

    await env.kube.delete(keyOf(account));
    await env.waitForGone(keyOf(account));
    expect((await requests('DELETE')).length).toBeGreaterThan(0);
  }, 90_000);

  it('works as its guide shows', async () => {
    const { env, namespace } = scene;
    const { metadata, spec, ...rest } = parse(readFileSync('docs/generic-resource.yaml', 'utf8')) as Manifest;
    const owner = { ...(spec as { owner: object }).owner, name: 'rg' };
    const sample: Manifest = {
      ...rest,
      metadata: { ...metadata, name: 'guide', namespace },
      spec: { ...(spec as object), owner },
    };
    await env.apply(sample);
    await env.waitForReady(keyOf(sample));
    expect(Object.keys((await secretValues(scene, 'atlas-keys')) ?? {}).sort()).toEqual(['primary', 'url']);
  }, 60_000);

  it('reports errors: no owner and no scope at admission, a name that gives no ARM id in the condition', async () => {
    const { env } = scene;
    await expect(env.apply(maps('homeless', { owner: undefined }))).rejects.toThrow(/exactly one of owner and scope/);
    const nested = maps('nested', { type: 'Microsoft.Maps/accounts/creators', secrets: [] });
    await env.apply(nested);
    const failed = await env.waitForCondition(keyOf(nested), {
      status: 'False',
      severity: 'Error',
      reason: 'AzureNameInvalid',
    });
    expect(readyOf(failed)?.message).toMatch(/takes 2 names/);
  }, 60_000);

  it("refuses an owner without group and kind at admission, and reports another kind's in the condition", async () => {
    const { env, namespace } = scene;
    await expect(env.apply(maps('halved', { owner: { name: 'rg' } }))).rejects.toThrow(/all of group, kind and name/);
    const both = { name: 'rg', armId: '/subscriptions/s/resourceGroups/rg' };
    await expect(env.apply(maps('doubled', { owner: both }))).rejects.toThrow(/either armId alone/);
    const unknown = maps('orphan', { owner: { group: 'x.azure.com', kind: 'Y', name: 'rg' }, secrets: [] });
    await env.apply(unknown);
    const wanted = { status: 'False', severity: 'Error', reason: 'InvalidSpec' } as const;
    expect(readyOf(await env.waitForCondition(keyOf(unknown), wanted))?.message).toMatch(
      /Y\.x\.azure\.com.*spec\.owner/,
    );
    // ASO's kinds have ASO's schemas, which say nothing about it.
    const assignment: Manifest = {
      apiVersion: 'authorization.azure.com/v1api20220401',
      kind: 'RoleAssignment',
      metadata: { name: 'halved', namespace },
      spec: {
        owner: { name: 'rg' },
        principalId: '00000000-0000-0000-0000-000000000001',
        roleDefinitionReference: { wellKnownName: 'Storage Blob Data Owner' },
      },
    };
    await waitFor(() => env.apply(assignment).catch(() => false as const), 20_000);
    const told = readyOf(await env.waitForCondition(keyOf(assignment), wanted))?.message;
    expect(told).toMatch(/spec\.owner names "rg" without a group: .*set all of spec\.owner\.group, kind and name/);
  }, 90_000);

  it('gives a user-assigned identity as its page shows: the id becomes a key', async () => {
    const { env, namespace } = scene;
    const page = readFileSync('docs/generic-resource.md', 'utf8');
    const shown = parse(/```yaml identity\n([\s\S]*?)```/.exec(page)![1]!) as { spec: Record<string, unknown> };
    const identity: Manifest = {
      apiVersion: 'managedidentity.azure.com/v1api20230131',
      kind: 'UserAssignedIdentity',
      metadata: { name: 'who', namespace },
      spec: { location: 'westus2', owner: { name: 'rg' } },
    };
    await waitFor(() => env.apply(identity).catch(() => false as const), 20_000);
    const account = maps('identified', { secrets: [], operatorSpec: undefined, ...shown.spec });
    await env.apply(account);
    await env.waitForReady(keyOf(account));
    const [put] = await scene.requests({ method: 'PUT', path: /accounts\/identified/ });
    const id = `/subscriptions/${scene.subscription.subscriptionId}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/who`;
    expect(put?.body).toMatchObject({ identity: { type: 'UserAssigned', userAssignedIdentities: { [id]: {} } } });
  }, 90_000);

  it('manages the kinds of ASO whose types are not public, as their example shows', async () => {
    const { env, namespace } = scene;
    const manifests = parseAllDocuments(readFileSync('docs/hcp-openshift.yaml', 'utf8')).map(
      (document) => document.toJS() as Manifest,
    );
    const identity: Manifest = {
      apiVersion: 'managedidentity.azure.com/v1api20230131',
      kind: 'UserAssignedIdentity',
      metadata: { name: 'control-plane', namespace },
      spec: { location: 'westus2', owner: { name: 'rg' } },
    };
    const mine = manifests.map((one) => ({ ...one, metadata: { ...one.metadata, namespace } }));
    for (const manifest of [identity, ...mine])
      await waitFor(() => env.apply(manifest).catch(() => false as const), 20_000);
    for (const manifest of mine) await env.waitForReady(keyOf(manifest), 60_000);
    const cluster = /hcpOpenShiftClusters\/openshift/;
    const paths = (await scene.requests({ method: 'PUT', path: cluster })).map(({ path }) => path.split('?')[0]);
    const at = `/subscriptions/${scene.subscription.subscriptionId}/resourceGroups/rg/providers/Microsoft.RedHatOpenShift/hcpOpenShiftClusters/openshift`;
    expect(paths.toSorted()).toEqual([at, `${at}/externalAuths/login`, `${at}/nodePools/workers`]);
  }, 120_000);
  it('is refused for a type that the administrator has not allowed, with the rule and the way out', async () => {
    const { env } = scene;
    const right = maps('right', {
      type: 'Microsoft.Authorization/roleAssignments',
      secrets: [],
      operatorSpec: undefined,
    });
    await env.apply(right);
    const refused = await env.waitForCondition(keyOf(right), { severity: 'Error', reason: 'InvalidSpec' });
    expect(readyOf(refused)?.message).toMatch(
      /GENERIC_RESOURCE_TYPES does not allow "Microsoft.Authorization\/roleAssignments"; it allows Microsoft.Maps\/\*;.*administrator/,
    );
    expect(await scene.requests({ path: /roleAssignments/i })).toEqual([]);
  }, 60_000);

  it('can be an owner and have one: of a child by its type, of an extension by its provider', async () => {
    const { env, namespace } = scene;
    const parent = maps('parent', { secrets: [], operatorSpec: undefined });
    const owner = { group: 'generic.azure-temporal-operator.io', kind: 'GenericResource', name: 'parent' };
    const body = { location: 'westus2', properties: { storageUnits: 1 } };
    const child = maps('child', {
      type: 'Microsoft.Maps/accounts/creators',
      owner,
      body,
      secrets: [],
      operatorSpec: undefined,
    });
    await env.apply(child);
    await env.waitForCondition(keyOf(child), { reason: 'WaitingForOwner' });
    await env.apply(parent);
    const ready = await env.waitForReady(keyOf(child));
    expect(ready.status?.['id']).toMatch(/\/Microsoft\.Maps\/accounts\/parent\/creators\/child$/);
    await waitFor(async () => (await env.kube.get(keyOf(parent))) !== undefined);
    expect(namespace).toBe(ready.metadata.namespace);
  }, 60_000);
});

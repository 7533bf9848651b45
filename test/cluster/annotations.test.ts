import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Manifest } from '../../dev/kube-api.ts';
import { keyOf, readyOf } from '../support/environment.ts';
import { databaseAccount, openScene, readyGroup, type Scene } from './scene.ts';

const POLICY = 'serviceoperator.azure.com/reconcile-policy';

describe('an unknown policy, and a name that Azure refuses', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene('annot');
    await readyGroup(scene);
  }, 60_000);
  afterAll(() => scene.close());

  const sent = async (method: string, name: string) =>
    await scene.requests({ method, path: new RegExp(`/${name}\\?`, 'i') });

  it('with an unknown policy nothing is created, and the condition says so (row 43)', async () => {
    const { env, namespace } = scene;
    const plain = databaseAccount(namespace, `word-${namespace}`);
    const manifest: Manifest = { ...plain, metadata: { ...plain.metadata, annotations: { [POLICY]: 'Skip' } } };
    await env.apply(manifest);
    const told = await env.waitForCondition(keyOf(manifest), { status: 'False', reason: 'AnnotationInvalid' });
    expect(readyOf(told)?.message).toMatch(/"Skip".*manage, skip, detach-on-delete/);
    expect(await sent('PUT', manifest.metadata.name)).toEqual([]);
    await env.kube.patch(keyOf(manifest), { metadata: { annotations: { [POLICY]: 'manage' } } });
    await env.waitForReady(keyOf(manifest));
  }, 60_000);

  it('with an unknown policy nothing is deleted in Azure: the deletion waits for a known policy (row 43)', async () => {
    const { env, namespace } = scene;
    const manifest = databaseAccount(namespace, `keep-${namespace}`);
    await env.apply(manifest);
    await env.waitForReady(keyOf(manifest));
    await env.kube.patch(keyOf(manifest), { metadata: { annotations: { [POLICY]: 'Detach-On-Delete' } } });
    await env.waitForCondition(keyOf(manifest), { status: 'False', reason: 'AnnotationInvalid' });
    await env.kube.delete(keyOf(manifest));
    await env.waitForCondition(keyOf(manifest), { status: 'False', reason: 'AnnotationInvalid' });
    await env.kube.patch(keyOf(manifest), { metadata: { annotations: { [POLICY]: 'detach-on-delete' } } });
    await env.waitForGone(keyOf(manifest), 15_000);
    expect(await sent('DELETE', manifest.metadata.name)).toEqual([]);
  }, 60_000);

  it('azureName can be changed only as long as Azure has refused every PUT (row 42)', async () => {
    const { env, namespace } = scene;
    const code = 'StorageAccountAlreadyTaken';
    const unique = namespace.replaceAll(/\W/g, '');
    const account = (azureName: string): Manifest => ({
      apiVersion: 'storage.azure.com/v1api20230101',
      kind: 'StorageAccount',
      metadata: { name: 'named', namespace },
      spec: {
        azureName,
        location: 'westus2',
        kind: 'StorageV2',
        sku: { name: 'Standard_LRS' },
        owner: { name: 'rg' },
      },
    });
    await scene.fault({ method: 'PUT', path: '/taken', times: 9, status: 409, code, message: 'It is taken.' });
    await env.apply(account(`taken${unique}`));
    await env.waitForCondition(keyOf(account('')), { status: 'False', reason: code });
    await env.apply(account(`free${unique}`));
    const ready = await env.waitForReady(keyOf(account('')), 15_000);
    expect(ready.status?.['id']).toMatch(new RegExp(`/free${unique}$`));
    await expect(env.apply(account(`other${unique}`))).rejects.toThrow(/azureName/);
  }, 60_000);
});

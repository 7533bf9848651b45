import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Manifest } from '../../dev/kube-api.ts';
import { cosmosKeys } from '../../simulator/keys.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { openAcceptedScene, waitForMessage, type AcceptedScene } from './accepted-scene.ts';
import { databaseAccount, readyGroup, secret, secretKey, secretValues } from './scene.ts';

/** Each test waits for resources of its own, so they wait beside each other. */
const it = test.concurrent;

const FAILED = 'FailedWritingAdditionalKubernetesObjects';
const REQUESTED = 'azure-temporal-operator.io/reconcile-requested-at';

describe('the destinations of exports', () => {
  let scene: AcceptedScene;
  beforeAll(async () => {
    scene = await openAcceptedScene('dest');
    await readyGroup(scene);
  }, 60_000);
  afterAll(() => scene.close());

  const account = (name: string, operatorSpec: object, spec: object = {}): Manifest =>
    databaseAccount(scene.namespace, `${name}-${scene.namespace}`, { operatorSpec, ...spec });
  const keyTo = (name: string) => ({ secrets: { primaryMasterKey: { name, key: 'key' } } });
  const keysOf = (name: string) => cosmosKeys(`${name}-${scene.namespace}`).primaryMasterKey;

  it('a Secret of a deleted resource of the same name is waited for until the garbage collector removes it (row 9)', async () => {
    const { env, namespace } = scene;
    const manifest = account('again', keyTo('again-out'));
    const { name } = manifest.metadata;
    const owner = { apiVersion: 'documentdb.azure.com/v1storage', kind: 'DatabaseAccount', name, uid: randomUUID() };
    const old = secret(namespace, 'again-out', { key: 'of the predecessor' });
    // The finalizer keeps the garbage collector from being first.
    const metadata = { ...old.metadata, finalizers: ['example.com/slow'], ownerReferences: [owner] };
    await env.apply({ ...old, metadata });
    await env.apply(manifest);
    await env.waitForCondition(keyOf(manifest), { status: 'False', severity: 'Warning', reason: FAILED });
    await env.kube.patch(secretKey(namespace, 'again-out'), { metadata: { finalizers: [] } });
    await env.waitForReady(keyOf(manifest), 15_000);
    expect(await secretValues(scene, 'again-out')).toEqual({ key: keysOf('again') });
  }, 60_000);

  it('a Secret that belongs to somebody else is an error; when it is deleted, the reconcile continues (row 28)', async () => {
    const { env, namespace } = scene;
    await env.apply(secret(namespace, 'taken', { mine: 'yes' }));
    const manifest = account('way', keyTo('taken'));
    await env.apply(manifest);
    const failed = await env.waitForCondition(keyOf(manifest), { status: 'False', severity: 'Error', reason: FAILED });
    expect(readyOf(failed)?.message).toContain(`Secret ${namespace}/taken`);
    expect(await secretValues(scene, 'taken')).toEqual({ mine: 'yes' });
    await env.kube.delete(secretKey(namespace, 'taken'));
    await env.waitForReady(keyOf(manifest), 10_000);
    expect(await secretValues(scene, 'taken')).toEqual({ key: keysOf('way') });
  }, 60_000);

  it.each(['annotation', 'retry'])(
    'what has failed for good is tried at once by %s (row 28)',
    async (by) => {
      const { env } = scene;
      const manifest = account(by.slice(0, 5), {});
      const reason = 'InvalidRequestContent';
      await scene.fault({
        method: 'PUT',
        path: `/${manifest.metadata.name}`,
        status: 400,
        code: reason,
        message: 'No.',
      });
      await env.apply(manifest);
      await env.waitForCondition(keyOf(manifest), { status: 'False', severity: 'Error', reason });
      if (by === 'retry') await scene.reconcile(manifest);
      else await env.kube.patch(keyOf(manifest), { metadata: { annotations: { [REQUESTED]: 'now' } } });
      await env.waitForReady(keyOf(manifest), 15_000);
    },
    60_000,
  );

  it('an exported key that another client edits is restored, keys of others stay, and an Event says so (row 29)', async () => {
    const { env, namespace } = scene;
    const manifest = account('edited', keyTo('edited-out'));
    await env.apply(manifest);
    await env.waitForReady(keyOf(manifest));
    await env.kube.apply(secret(namespace, 'edited-out', { key: 'by hand', theirs: 'stays' }), 'somebody');
    await env.apply(account('edited', keyTo('edited-out'), { tags: { edited: 'yes' } }));
    await env.waitForReady(keyOf(manifest), 15_000);
    expect(await secretValues(scene, 'edited-out')).toEqual({ key: keysOf('edited'), theirs: 'stays' });
    await waitFor(async () => JSON.stringify(await scene.events()).includes('ExportTakenBack'));
  }, 60_000);

  it.each([
    { what: 'keys', value: '{secret.primaryMasterKey: "x"}', why: 'keys that the API server refuses' },
    { what: 'number', value: 'string(int(secret.primaryMasterKey))', why: 'a value that cannot be converted' },
    { what: 'index', value: '{"a": "b"}[secret.primaryMasterKey]', why: 'a key that a map does not have' },
  ])(
    'a secret value in an expression is not quoted by what refuses it: $why (row 31)',
    async ({ what, value }) => {
      const { env } = scene;
      const key = what === 'keys' ? {} : { key: 'k' };
      const manifest = account(what, { secretExpressions: [{ name: `${what}-out`, ...key, value }] });
      await env.apply(manifest);
      await waitForMessage(scene, manifest, /secretExpressions\[0\]/);
      const object = await env.kube.get(keyOf(manifest));
      expect(JSON.stringify(object)).not.toContain(keysOf(what).slice(0, 12));
    },
    60_000,
  );

  it('a ConfigMap value that Azure does not answer is named in the condition, and the resource is not Ready (row 37)', async () => {
    const { env, namespace } = scene;
    const manifest: Manifest = {
      apiVersion: 'generic.azure-temporal-operator.io/v1',
      kind: 'GenericResource',
      metadata: { name: 'atlas', namespace },
      spec: {
        type: 'Microsoft.Maps/accounts',
        apiVersion: '2023-06-01',
        owner: { group: 'resources.azure.com', kind: 'ResourceGroup', name: 'rg' },
        body: { location: 'westus2', kind: 'Gen2', sku: { name: 'G2' } },
        operatorSpec: { configMaps: { mistyped: { path: 'properties.uniqeId', name: 'atlas-info', key: 'id' } } },
      },
    };
    await env.apply(manifest);
    const failed = await env.waitForCondition(keyOf(manifest), { status: 'False', reason: 'ValueNotFound' });
    expect(readyOf(failed)?.message).toContain('operatorSpec.configMaps.mistyped');
  }, 60_000);
});

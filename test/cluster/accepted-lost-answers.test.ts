import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Manifest } from '../../dev/kube-api.ts';
import { keyOf, waitFor } from '../support/environment.ts';
import { openAcceptedScene, settled, waitForMessage, type AcceptedScene } from './accepted-scene.ts';
import { databaseAccount, digestOf, flexibleServer, passwordDigest, readyGroup, secret } from './scene.ts';

/** Each test waits for resources of its own, so they wait beside each other. */
const it = test.concurrent;

const COSMOS = 'Microsoft.DocumentDB/databaseAccounts';
const MYSQL = 'Microsoft.DBforMySQL/flexibleServers';
const COSMOS_VERSION = '2021-05-15';

const LOST = [
  { answer: 'answered 503', fault: { status: 503, code: 'ServiceUnavailable' } },
  { answer: 'answered 500', fault: { status: 500, code: 'InternalServerError' } },
  { answer: 'cut off before it arrived', fault: { reset: 'before' } },
  { answer: 'cut off after it had arrived', fault: { reset: 'after' } },
];

describe('a PUT or DELETE whose answer was lost', () => {
  let scene: AcceptedScene;
  const open = async (prefix: string): Promise<AcceptedScene> => {
    const opened = await openAcceptedScene(prefix);
    await readyGroup(opened);
    return opened;
  };
  beforeAll(async () => {
    scene = await open('lost');
  }, 60_000);
  afterAll(() => scene.close());

  const named = (name: string) => `${name}-${scene.namespace}`;
  const account = (name: string, tags: object) => databaseAccount(scene.namespace, named(name), { tags });
  const server = (name: string, spec: object = {}): Manifest =>
    flexibleServer(scene.namespace, named(name), {
      administratorLoginPassword: { name: `${name}-pw`, key: 'password' },
      ...spec,
    });
  const givePassword = (name: string, password: string) =>
    scene.env.apply(secret(scene.namespace, `${name}-pw`, { password }));
  const passwords = async (name: string) => (await scene.puts(named(name))).map(passwordDigest);

  it.each(LOST.map((row, index) => ({ ...row, name: `tags${index}` })))(
    'is sent again if it was an update and was $answer: tags that the spec no longer has are removed (row 1)',
    async ({ name, fault }) => {
      const { env } = scene;
      await env.apply(account(name, { keep: 'yes', drop: 'yes' }));
      await settled(scene, account(name, {}));
      await scene.fault({ method: 'PUT', path: `/${name}-`, ...fault });
      await env.apply(account(name, { keep: 'yes' }));
      expect(await settled(scene, account(name, {}))).toBe(3);
      const { tags } = (await scene.inAzure(scene.idOf(COSMOS, named(name)), COSMOS_VERSION)) ?? {};
      expect(tags).toEqual({ keep: 'yes' });
    },
    60_000,
  );

  it.each(LOST.filter(({ fault }) => fault.reset !== 'after').map((row, index) => ({ ...row, name: `pw${index}` })))(
    'is sent again if only a password had changed and it was $answer (rows 1, 27)',
    async ({ name, fault }) => {
      await givePassword(name, 'First-1-Value');
      await scene.env.apply(server(name));
      await settled(scene, server(name));
      await scene.fault({ method: 'PUT', path: `/${name}-`, ...fault });
      await givePassword(name, 'Second-2-Value');
      await waitFor(
        async () => (await scene.puts(named(name))).some(({ status }, i) => i > 1 && status === 202),
        15_000,
      );
      await settled(scene, server(name));
      expect(await passwords(name)).toEqual([
        digestOf('First-1-Value'),
        digestOf('Second-2-Value'),
        digestOf('Second-2-Value'),
      ]);
    },
    60_000,
  );

  it('is sent again even if the spec was reverted since: Azure may have applied the other spec (row 1)', async () => {
    const own = await open('lost-back');
    const { env, namespace } = own;
    const name = `back-${namespace}`;
    const manifest = flexibleServer(namespace, name);
    const givePasswordHere = (password: string) => env.apply(secret(namespace, 'server-admin-pw', { password }));
    await givePasswordHere('First-1-Value');
    await env.apply(manifest);
    await settled(own, manifest);
    await own.hold();
    await own.fault({ method: 'PUT', path: `/${name}`, reset: 'after' });
    await givePasswordHere('Second-2-Value');
    await waitFor(async () => (await own.puts(name)).length === 2);
    // Azure works on it, and nobody knows for whom.
    await waitForMessage(own, manifest, /Azure has been working on/);
    await givePasswordHere('First-1-Value');
    await own.release();
    await waitFor(async () => (await own.puts(name)).length === 3, 15_000);
    await settled(own, manifest);
    expect((await own.puts(name)).map(passwordDigest)).toEqual(
      ['First-1-Value', 'Second-2-Value', 'First-1-Value'].map(digestOf),
    );
    own.close();
  }, 90_000);

  it.each([
    { name: 'one', to: ['2.2.2.2'], why: 'one of two' },
    { name: 'all', to: [], why: 'all of them: an empty list is a wish' },
  ])(
    'is sent again if it removed firewall rules, $why: they must not stay in Azure (row 32)',
    async ({ name: prefix, to }) => {
      const { env, namespace } = scene;
      const name = `fw${prefix}${namespace.slice(-8)}`;
      const storage = (addresses: readonly string[]): Manifest => ({
        apiVersion: 'storage.azure.com/v1api20230101',
        kind: 'StorageAccount',
        metadata: { name, namespace },
        spec: {
          location: 'westus2',
          owner: { name: 'rg' },
          kind: 'StorageV2',
          sku: { name: 'Standard_LRS' },
          networkAcls: { defaultAction: 'Deny', ipRules: addresses.map((value) => ({ value, action: 'Allow' })) },
        },
      });
      const rules = async () => {
        const found = await scene.inAzure(scene.idOf('Microsoft.Storage/storageAccounts', name), '2023-01-01');
        const { networkAcls } = found?.['properties'] as { networkAcls: { ipRules: { value: string }[] } };
        return networkAcls.ipRules.map(({ value }) => value);
      };
      await env.apply(storage(['1.1.1.1', '2.2.2.2']));
      await settled(scene, storage([]));
      await scene.fault({ method: 'PUT', path: `/${name}`, status: 503, code: 'ServiceUnavailable' });
      await env.apply(storage(to));
      expect(await settled(scene, storage([]))).toBe(3);
      expect(await rules()).toEqual(to);
    },
    60_000,
  );

  it('is sent again if it was to correct drift', async () => {
    const name = 'drifted';
    await scene.env.apply(account(name, { team: 'one' }));
    await settled(scene, account(name, {}));
    const id = scene.idOf(COSMOS, named(name));
    await scene.tell('drift', { id, patch: { tags: { team: 'two' } } });
    await scene.fault({ method: 'PUT', path: `/${name}-`, status: 503, code: 'ServiceUnavailable' });
    await scene.reconcile(account(name, {}));
    expect(await scene.inAzure(id, COSMOS_VERSION)).toMatchObject({ tags: { team: 'one' } });
    expect(await scene.puts(named(name))).toHaveLength(3);
  }, 60_000);

  it('is not sent again if it created the resource', async () => {
    await scene.fault({ method: 'PUT', path: '/made-', reset: 'after' });
    await scene.env.apply(account('made', { team: 'one' }));
    expect(await settled(scene, account('made', {}))).toBe(1);
  }, 60_000);

  it('is not sent again while a server is being created that GET does not show yet (row 22)', async () => {
    const own = await open('lost-server');
    const { env, namespace } = own;
    const name = `slow-${namespace}`;
    const manifest = flexibleServer(namespace, name);
    await env.apply(secret(namespace, 'server-admin-pw', { password: 'Slow-1-Value' }));
    await own.hold();
    await own.fault({ method: 'PUT', path: `/${name}`, reset: 'after' });
    await env.apply(manifest);
    const looks = async () => (await own.requests({ method: 'GET', path: new RegExp(`/${name}\\?`) })).length;
    // Longer than a visible type is given.
    await waitFor(async () => (await looks()) >= 6, 40_000);
    await own.release();
    expect(await settled(own, manifest)).toBe(1);
    own.close();
  }, 90_000);

  it('is joined if Azure refuses the next PUT because the server is being created, even after an edit (row 22)', async () => {
    const own = await open('lost-edited');
    const { env, namespace } = own;
    const name = `edited-${namespace}`;
    const manifest = (storageSizeGB: number) => flexibleServer(namespace, name, { storage: { storageSizeGB } });
    await env.apply(secret(namespace, 'server-admin-pw', { password: 'Edit-1-Value' }));
    await own.hold();
    await own.fault({ method: 'PUT', path: `/${name}`, reset: 'after' });
    await env.apply(manifest(128));
    await waitFor(async () => (await own.puts(name)).length === 1);
    await env.apply(manifest(256));
    await waitForMessage(own, manifest(256), /Azure has been working on/);
    const { azureTemporalOperator: stored } = (await env.kube.get(keyOf(manifest(256))))?.status ?? {};
    // Something of that name is being made: its name must stay as it is.
    expect(stored).not.toHaveProperty('refused');
    const before = (await own.puts(name)).length;
    await own.release();
    expect(await settled(own, manifest(256))).toBe(before + 1);
    const last = (await own.puts(name)).at(-1);
    expect(last).toMatchObject({ status: 202, body: { properties: { storage: { storageSizeGB: 256 } } } });
    own.close();
  }, 90_000);

  it('does not orphan a server that is deleted while GET does not show it yet (rows 7, 22)', async () => {
    const own = await open('lost-deleted');
    const { env, namespace } = own;
    const name = `gone-${namespace}`;
    const manifest = flexibleServer(namespace, name);
    await env.apply(secret(namespace, 'server-admin-pw', { password: 'Gone-1-Value' }));
    await own.hold();
    await own.fault({ method: 'PUT', path: `/${name}`, reset: 'after' });
    await env.apply(manifest);
    await waitFor(async () => (await own.puts(name)).length === 1);
    await own.fault({ method: 'DELETE', path: `/${name}`, status: 404, code: 'ResourceNotFound' });
    await env.kube.delete(keyOf(manifest));
    await waitFor(async () => (await own.deletes(name)).length === 1, 15_000);
    await own.release();
    await env.waitForGone(keyOf(manifest), 40_000);
    expect(await own.inAzure(own.idOf(MYSQL, name), '2021-05-01')).toBeUndefined();
    expect((await own.deletes(name)).map(({ status }) => status)).toEqual([404, 202]);
    own.close();
  }, 90_000);

  it('is joined if it was a DELETE that Azure had received', async () => {
    const own = await open('lost-delete');
    const { env, namespace } = own;
    const manifest = databaseAccount(namespace, `del-${namespace}`);
    await env.apply(manifest);
    await settled(own, manifest);
    await own.hold();
    await own.fault({ method: 'DELETE', path: `/del-${namespace}`, reset: 'after' });
    await env.kube.delete(keyOf(manifest));
    await waitForMessage(own, manifest, /Azure has been deleting/);
    expect(await env.kube.get(keyOf(manifest))).toBeDefined();
    await own.release();
    await env.waitForGone(keyOf(manifest));
    expect(await own.deletes(`del-${namespace}`)).toHaveLength(1);
    own.close();
  }, 60_000);
});

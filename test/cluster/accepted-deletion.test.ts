import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { keyOf, waitFor } from '../support/environment.ts';
import { openAcceptedScene, settled, waitForMessage, type AcceptedScene } from './accepted-scene.ts';
import { databaseAccount, flexibleServer, readyGroup, secret } from './scene.ts';

/** Each test waits for resources of its own, so they wait beside each other. */
const it = test.concurrent;

const COSMOS = 'Microsoft.DocumentDB/databaseAccounts';
const MYSQL = 'Microsoft.DBforMySQL/flexibleServers';
const MYSQL_VERSION = '2021-05-01';
const FINALIZER = 'serviceoperator.azure.com/finalizer';

/** Each test holds Azure's operations, so each has a subscription of its own. */
describe('a deletion leaves no resource behind that Azure has accepted: the deletion', () => {
  const scenes: AcceptedScene[] = [];
  async function open(): Promise<AcceptedScene> {
    const scene = await openAcceptedScene('deletion');
    scenes.push(scene);
    await scene.env.apply(secret(scene.namespace, 'server-admin-pw', { password: 'Early-1-Value' }));
    await readyGroup(scene);
    return scene;
  }
  let first: AcceptedScene;
  beforeAll(async () => {
    first = await open();
  }, 60_000);
  afterAll(() => scenes.forEach((scene) => scene.close()));

  /** A server that is being created, and that Azure does not know of when it is asked to delete it. */
  async function earlyDeletion(scene: AcceptedScene, forget: boolean) {
    const { env, namespace, subscription } = scene;
    const manifest = flexibleServer(namespace, `early-${namespace}`);
    const name = manifest.metadata.name;
    await scene.hold();
    await env.apply(manifest);
    await waitForMessage(scene, manifest, /Azure has been working on/);
    if (forget) await scene.tell('operations/forget', { subscription: subscription.subscriptionId });
    await scene.fault({ method: 'DELETE', path: `/${name}`, status: 404, code: 'ResourceNotFound' });
    await env.kube.delete(keyOf(manifest));
    await waitFor(async () => (await scene.deletes(name)).length === 1, 15_000);
    return { manifest, name, id: scene.idOf(MYSQL, name) };
  }

  it.each([
    { forget: false, why: 'its operation is followed to its end, then it is deleted again (row 7)' },
    { forget: true, why: 'and whose operation Azure does not know any more: it is waited for (rows 6, 7)' },
  ])(
    'of a server that Azure does not find while it creates it: $why',
    async ({ forget }) => {
      const scene = forget ? await open() : first;
      const { env } = scene;
      const { manifest, name, id } = await earlyDeletion(scene, forget);
      const polls = async () =>
        (await scene.requests({ method: 'GET', path: new RegExp(`Operation/|/${name}\\?`) })).length;
      const before = await polls();
      await waitFor(async () => (await polls()) > before + 4, 30_000);
      expect((await env.kube.get(keyOf(manifest)))?.metadata.finalizers).toEqual([FINALIZER]);
      await scene.release();
      await env.waitForGone(keyOf(manifest), 40_000);
      expect(await scene.inAzure(id, MYSQL_VERSION)).toBeUndefined();
      expect((await scene.deletes(name)).map(({ status }) => status)).toEqual([404, 202]);
      expect(await scene.puts(name)).toHaveLength(1);
    },
    90_000,
  );

  it('of a server whose creation has failed ends at once (row 7)', async () => {
    const scene = await open();
    const { manifest, name } = await earlyDeletion(scene, false);
    await scene.finish({ code: 'BadRequest', message: 'No such server.' });
    await scene.env.waitForGone(keyOf(manifest), 20_000);
    expect(await scene.puts(name)).toHaveLength(1);
  }, 60_000);

  it('of a server that Azure refused to create ends at once', async () => {
    const scene = await open();
    const { env, namespace } = scene;
    const manifest = flexibleServer(namespace, `refused-${namespace}`);
    const name = manifest.metadata.name;
    await scene.fault({ method: 'PUT', path: `/${name}`, status: 429, code: 'TooManyRequests', retryAfter: 60 });
    await env.apply(manifest);
    await env.waitForCondition(keyOf(manifest), { status: 'False', reason: 'TooManyRequests' });
    await env.kube.delete(keyOf(manifest));
    await env.waitForGone(keyOf(manifest), 15_000);
  }, 60_000);

  it('of an account with an update whose answer was lost', async () => {
    const scene = await open();
    const { env, namespace } = scene;
    const manifest = (tags: object) => databaseAccount(namespace, `upd-${namespace}`, { tags });
    const name = `upd-${namespace}`;
    await env.apply(manifest({ team: 'one' }));
    await settled(scene, manifest({}));
    await scene.fault({ method: 'PUT', path: `/${name}`, reset: 'after' });
    await env.apply(manifest({ team: 'two' }));
    await waitFor(async () => (await scene.puts(name)).length === 2);
    await env.kube.delete(keyOf(manifest({})));
    await env.waitForGone(keyOf(manifest({})), 40_000);
    expect(await scene.inAzure(scene.idOf(COSMOS, name), '2021-05-15')).toBeUndefined();
  }, 60_000);
});

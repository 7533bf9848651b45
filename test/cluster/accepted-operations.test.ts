import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Manifest } from '../../dev/kube-api.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { openAcceptedScene, settled, waitForMessage, type AcceptedScene } from './accepted-scene.ts';
import { databaseAccount, digestOf, flexibleServer, passwordDigest, readyGroup, secret } from './scene.ts';

/** Each test waits for resources of its own, so they wait beside each other. */
const it = test.concurrent;

const COSMOS = 'Microsoft.DocumentDB/databaseAccounts';
const COSMOS_VERSION = '2021-05-15';

/** Each test holds Azure's operations, so each has a subscription of its own. */
describe('after an operation that was joined, lost or failed, the desired state is compared again: the operation', () => {
  const scenes: AcceptedScene[] = [];
  async function open(): Promise<AcceptedScene> {
    const scene = await openAcceptedScene('operations');
    scenes.push(scene);
    await readyGroup(scene);
    return scene;
  }
  let first: AcceptedScene;
  beforeAll(async () => {
    first = await open();
  }, 60_000);
  afterAll(() => scenes.forEach((scene) => scene.close()));

  const account = ({ namespace }: AcceptedScene, tags: object) =>
    databaseAccount(namespace, `acc-${namespace}`, { tags });
  const nameOf = (manifest: Manifest) => manifest.metadata.name;
  const tagsSent = async (scene: AcceptedScene, name: string) =>
    (await scene.puts(name)).map(({ body }) => (body as { tags?: object }).tags);
  const foreignBody = (tags: Record<string, string>) => ({
    location: 'westcentralus',
    kind: 'MongoDB',
    tags,
    properties: { databaseAccountOfferType: 'Standard', locations: [{ locationName: 'westcentralus' }] },
  });

  it('is an update by another client: the waiting PUT is sent when it has ended (row 2)', async () => {
    const scene = first;
    const { env } = scene;
    const manifest = account(scene, { team: 'one' });
    const name = nameOf(manifest);
    const id = scene.idOf(COSMOS, name);
    await env.apply(manifest);
    await settled(scene, manifest);
    await scene.hold();
    expect(await scene.putAsSomebody(id, COSMOS_VERSION, foreignBody({ team: 'else' }))).toBe(200);
    await env.apply(account(scene, { team: 'two' }));
    await waitForMessage(scene, manifest, /Azure has been working on/);
    expect(await scene.puts(name)).toHaveLength(1);
    await scene.release();
    expect(await settled(scene, manifest)).toBe(2);
    expect(await scene.inAzure(id, COSMOS_VERSION)).toMatchObject({ tags: { team: 'two' } });
  }, 60_000);

  it('is the creation of an adopted resource by another client: the desired state is sent after it (row 2)', async () => {
    const scene = await open();
    const { env } = scene;
    const manifest = account(scene, { team: 'ours' });
    const id = scene.idOf(COSMOS, nameOf(manifest));
    await scene.hold();
    expect(await scene.putAsSomebody(id, COSMOS_VERSION, foreignBody({ team: 'theirs' }))).toBe(200);
    await env.apply(manifest);
    await waitForMessage(scene, manifest, /Azure has been working on/);
    await scene.release();
    expect(await settled(scene, manifest)).toBe(1);
    expect(await scene.inAzure(id, COSMOS_VERSION)).toMatchObject({ tags: { team: 'ours' } });
  }, 60_000);

  it('is joined while a newer generation waits, and only the newest is sent after it (row 2)', async () => {
    const scene = await open();
    const { env } = scene;
    const manifest = account(scene, { team: 'one' });
    const name = nameOf(manifest);
    await env.apply(manifest);
    await settled(scene, manifest);
    await scene.hold();
    await scene.putAsSomebody(scene.idOf(COSMOS, name), COSMOS_VERSION, foreignBody({ team: 'else' }));
    await env.apply(account(scene, { team: 'two' }));
    await waitForMessage(scene, manifest, /Azure has been working on/);
    await env.apply(account(scene, { team: 'three' }));
    await waitFor(async () => readyOf((await env.kube.get(keyOf(manifest)))!)?.observedGeneration === 3);
    await scene.release();
    await settled(scene, manifest);
    expect(await tagsSent(scene, name)).toEqual([{ team: 'one' }, { team: 'three' }]);
  }, 60_000);

  it.each([
    { code: 'BadRequest', why: 'which is waited out for long' },
    { code: 'InvalidRequestContent', why: 'which is given up' },
  ])(
    'failed with $code, $why, for an older spec: the newer spec is sent (row 5)',
    async ({ code }) => {
      const scene = await open();
      const { env } = scene;
      const manifest = account(scene, { team: 'one' });
      const name = nameOf(manifest);
      await env.apply(manifest);
      await settled(scene, manifest);
      await scene.hold();
      await env.apply(account(scene, { team: 'two' }));
      await waitFor(async () => (await scene.puts(name)).length === 2);
      await env.apply(account(scene, { team: 'three' }));
      await waitFor(async () => readyOf((await env.kube.get(keyOf(manifest)))!)?.observedGeneration === 3);
      await scene.finish({ code, message: 'Not like this.' });
      await waitFor(async () => (await scene.puts(name)).length === 3, 15_000);
      expect(readyOf((await env.kube.get(keyOf(manifest)))!)?.message).not.toMatch(/Not like this/);
      await scene.release();
      expect(await settled(scene, manifest)).toBe(3);
      expect((await tagsSent(scene, name)).at(-1)).toEqual({ team: 'three' });
    },
    60_000,
  );

  it('failed while an input was missing: the PUT is sent when the input exists again', async () => {
    const scene = await open();
    const { env, namespace } = scene;
    const manifest = flexibleServer(namespace, `miss-${namespace}`);
    const name = nameOf(manifest);
    const password = secret(namespace, 'server-admin-pw', { password: 'Miss-1-Value' });
    await env.apply(password);
    await scene.hold();
    await env.apply(manifest);
    await waitFor(async () => (await scene.puts(name)).length === 1);
    await env.kube.delete(keyOf(password));
    await scene.finish({ code: 'InternalServerError', message: 'It broke.' });
    await env.waitForCondition(keyOf(manifest), { status: 'False', reason: 'SecretNotFound' });
    await env.apply(secret(namespace, 'server-admin-pw', { password: 'Miss-2-Value' }));
    await waitFor(async () => (await scene.puts(name)).length === 2, 15_000);
    await scene.release();
    await settled(scene, manifest);
    expect((await scene.puts(name)).map(passwordDigest)).toEqual([digestOf('Miss-1-Value'), digestOf('Miss-2-Value')]);
  }, 60_000);

  it.each([404, 410])(
    'is an update that Azure does not know any more (%i): the desired state is compared and sent again (row 6)',
    async (status) => {
      const scene = await open();
      const { env, subscription } = scene;
      const manifest = account(scene, { team: 'one' });
      const name = nameOf(manifest);
      await env.apply(manifest);
      await settled(scene, manifest);
      await scene.hold();
      await env.apply(account(scene, { team: 'two' }));
      await waitFor(async () => (await scene.puts(name)).length === 2);
      await scene.tell('operations/forget', { subscription: subscription.subscriptionId, status });
      // Azure goes on all the same, and says so by the state of the resource.
      await new Promise((resolve) => setTimeout(resolve, 8_000));
      expect(await scene.puts(name)).toHaveLength(2);
      await scene.release();
      await settled(scene, manifest);
      expect((await tagsSent(scene, name)).at(-1)).toEqual({ team: 'two' });
      expect(await scene.inAzure(scene.idOf(COSMOS, name), COSMOS_VERSION)).toMatchObject({ tags: { team: 'two' } });
    },
    60_000,
  );

  it('is a creation that Azure does not know any more: the state of the resource is polled and the PUT sent once (row 6)', async () => {
    const scene = await open();
    const { env, subscription } = scene;
    const manifest = account(scene, { team: 'one' });
    await scene.hold();
    await env.apply(manifest);
    await waitFor(async () => (await scene.puts(nameOf(manifest))).length === 1);
    await scene.tell('operations/forget', { subscription: subscription.subscriptionId });
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    await scene.release();
    expect(await settled(scene, manifest)).toBe(1);
  }, 60_000);

  it('is the creation of a server that GET does not show yet and Azure does not know any more: the step waits (rows 6, 22)', async () => {
    const scene = await open();
    const { env, namespace, subscription } = scene;
    const manifest = flexibleServer(namespace, `url-${namespace}`);
    const name = nameOf(manifest);
    await env.apply(secret(namespace, 'server-admin-pw', { password: 'Url-1-Value' }));
    await scene.hold();
    await env.apply(manifest);
    await waitFor(async () => (await scene.puts(name)).length === 1);
    await scene.tell('operations/forget', { subscription: subscription.subscriptionId });
    await waitFor(
      async () => (await scene.requests({ method: 'GET', path: new RegExp(`/${name}\\?`) })).length >= 4,
      30_000,
    );
    expect(await scene.puts(name)).toHaveLength(1);
    await scene.release();
    expect(await settled(scene, manifest)).toBe(1);
  }, 60_000);

  it('succeeded, but the resource is gone: it is created again (row 6)', async () => {
    const scene = await open();
    const { env } = scene;
    const manifest = account(scene, { team: 'one' });
    const name = nameOf(manifest);
    const id = scene.idOf(COSMOS, name);
    await env.apply(manifest);
    await settled(scene, manifest);
    await scene.hold();
    await env.apply(account(scene, { team: 'two' }));
    await waitFor(async () => (await scene.puts(name)).length === 2);
    await scene.tell('drift', { id, delete: true });
    await scene.release();
    await waitFor(async () => (await scene.puts(name)).length === 3, 40_000);
    await settled(scene, manifest);
    expect(await scene.inAzure(id, COSMOS_VERSION)).toMatchObject({ tags: { team: 'two' } });
  }, 90_000);
});

describe('a resource whose provisioning state', () => {
  let scene: AcceptedScene;
  beforeAll(async () => {
    scene = await openAcceptedScene('standing');
    await readyGroup(scene);
  }, 60_000);
  afterAll(() => scene.close());

  /** A type without a provider of its own in the simulator, and without a kind. */
  const maps = (name: string): Manifest => ({
    apiVersion: 'generic.azure-temporal-operator.io/v1',
    kind: 'GenericResource',
    metadata: { name, namespace: scene.namespace },
    spec: {
      type: 'Microsoft.Maps/accounts',
      apiVersion: '2023-06-01',
      owner: { group: 'resources.azure.com', kind: 'ResourceGroup', name: 'rg' },
      body: { location: 'westus2', kind: 'Gen2', sku: { name: 'G2' } },
    },
  });
  const idOf = (name: string) => scene.idOf('Microsoft.Maps/accounts', name);
  const state = (provisioningState: string) => ({ properties: { provisioningState } });

  it.each(['Failed', 'UpgradeFailed', 'Canceled'])(
    'is %s without an operation is sent again and becomes Ready (row 12)',
    async (word) => {
      const manifest = maps(`heals-${word.toLowerCase()}`);
      await scene.env.apply(manifest);
      await settled(scene, manifest);
      await scene.tell('drift', { id: idOf(nameOf(manifest)), patch: state(word) });
      await scene.reconcile(manifest);
      expect(await settled(scene, manifest)).toBe(2);
    },
    60_000,
  );

  it('stays Failed after each PUT is never Ready, and the condition says so (row 12)', async () => {
    const { env } = scene;
    const manifest = maps('stays-failed');
    await scene.tell('drift', { id: idOf('stays-failed'), insist: 'reads', patch: state('Failed') });
    await env.apply(manifest);
    const failed = await env.waitForCondition(keyOf(manifest), { status: 'False', severity: 'Warning' });
    expect(readyOf(failed)?.message).toMatch(/Failed/);
    await waitFor(async () => (await scene.puts('stays-failed')).length >= 2, 15_000);
    expect(readyOf((await env.kube.get(keyOf(manifest)))!)?.status).toBe('False');
  }, 60_000);

  it.each(['Disabled', 'Unhealthy', 'Stopped', 'SomethingNobodyKnows'])(
    'is %s without an operation is Ready at once (row 12)',
    async (word) => {
      const manifest = maps(`rests-${word.toLowerCase()}`);
      await scene.tell('drift', { id: idOf(nameOf(manifest)), insist: true, patch: state(word) });
      await scene.env.apply(manifest);
      expect(await settled(scene, manifest, 10_000)).toBe(1);
    },
    60_000,
  );

  const nameOf = (manifest: Manifest) => manifest.metadata.name;
});

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ObjectKey, ReadyCondition } from '../../dev/kube-api.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { waitForMessage } from './accepted-scene.ts';
import { databaseAccount, openScene, readyGroup, type Scene } from './scene.ts';

/** Each test waits for resources of its own, so they wait beside each other. */
const it = test.concurrent;

/** Each test holds Azure's operations, so each has a subscription of its own. */
describe('the condition shows the current step', () => {
  const scenes: Scene[] = [];
  const open = async (): Promise<Scene> => {
    const scene = await openScene('now');
    scenes.push(scene);
    await readyGroup(scene);
    return scene;
  };
  let first: Scene;
  beforeAll(async () => {
    first = await open();
  }, 60_000);
  afterAll(() => scenes.forEach((scene) => scene.close()));

  const account = ({ namespace }: Scene, tags: Record<string, string> = {}) =>
    databaseAccount(namespace, `now-${namespace}`, { tags });
  const polls = async (scene: Scene) => await scene.requests({ method: 'GET', path: /operation/i });
  async function conditionsFor({ env }: Scene, key: ObjectKey, ms: number): Promise<ReadyCondition[]> {
    const seen: ReadyCondition[] = [];
    const until = Date.now() + ms;
    while (Date.now() < until) {
      const object = await env.kube.get(key);
      const ready = object && readyOf(object);
      if (ready && JSON.stringify(ready) !== JSON.stringify(seen.at(-1))) seen.push(ready);
      await sleep(50);
    }
    return seen;
  }

  it('a poll of an older generation writes no status after an edit, whatever Azure answers (row 23)', async () => {
    const scene = first;
    const { env } = scene;
    const key = keyOf(account(scene));
    await scene.hold();
    await env.apply(account(scene));
    await waitForMessage(scene, account(scene), /Azure has been working on/);
    await scene.fault({ method: 'GET', path: 'operation', delayMs: 4_000, status: 500, message: 'A slow failure.' });
    const before = (await polls(scene)).length;
    // The next poll is on its way by then, and is answered three seconds later.
    await sleep(3_200);
    await env.apply(account(scene, { edited: 'yes' }));
    await waitForMessage(scene, account(scene), /edited|generation 2|working on/);
    await scene.release();
    await env.waitForReady(key, 20_000);
    const seen = await conditionsFor(scene, key, 5_000);
    expect(seen).toEqual([expect.objectContaining({ status: 'True', observedGeneration: 2 })]);
    expect((await polls(scene)).length).toBeGreaterThan(before);
  }, 90_000);

  it('after three edits during one operation only one activity polls it (row 23)', async () => {
    const scene = await open();
    const { env } = scene;
    await scene.hold();
    await env.apply(account(scene));
    await waitForMessage(scene, account(scene), /Azure has been working on/);
    for (const edit of ['one', 'two', 'three']) {
      await env.apply(account(scene, { edit }));
      await sleep(700);
    }
    // One poller asks every 3 s once its first four questions are asked.
    await sleep(4_000);
    const start = (await polls(scene)).length;
    await sleep(7_000);
    expect((await polls(scene)).length - start).toBeLessThanOrEqual(4);
    await scene.release();
    const ready = await env.waitForReady(keyOf(account(scene)), 20_000);
    expect(ready.status?.['tags']).toEqual({ edit: 'three' });
  }, 90_000);

  it('after a throttled poll the next successful one shows Reconciling again (row 24)', async () => {
    const scene = await open();
    const { env } = scene;
    const key = keyOf(account(scene));
    await scene.hold();
    await env.apply(account(scene));
    await waitForMessage(scene, account(scene), /Azure has been working on/);
    const code = 'SubscriptionRequestsThrottled';
    await scene.fault({ method: 'GET', path: 'operation', status: 429, code, message: 'Slow down.', retryAfter: 1 });
    await env.waitForCondition(key, { status: 'False', reason: code }, 15_000);
    await env.waitForCondition(key, { status: 'False', severity: 'Info', reason: 'Reconciling' }, 15_000);
    await scene.release();
    await env.waitForReady(key, 20_000);
  }, 90_000);

  it('a deletion that was refused and then accepted shows Deleting (row 24)', async () => {
    const scene = await open();
    const { env } = scene;
    const key = keyOf(account(scene));
    await env.apply(account(scene));
    await env.waitForReady(key);
    await scene.hold();
    const code = 'AnotherOperationInProgress';
    await scene.fault({ method: 'DELETE', status: 409, code, message: 'Wait.' });
    await env.kube.delete(key);
    await env.waitForCondition(key, { status: 'False', reason: code });
    await waitFor(async () => (await scene.requests({ method: 'DELETE' })).some(({ status }) => status < 300), 15_000);
    await env.waitForCondition(key, { status: 'False', severity: 'Info', reason: 'Deleting' }, 5_000);
    await scene.release();
    await env.waitForGone(key);
  }, 60_000);

  it('the failure of a deleted resource is not written to a new resource of the same name (row 16)', async () => {
    const scene = await open();
    const { env } = scene;
    const manifest = account(scene);
    const key = keyOf(manifest);
    const code = 'InvalidRequestContent';
    await scene.fault({ method: 'PUT', path: 'now-', delayMs: 3_000, status: 400, code, message: 'For the old one.' });
    await env.apply(manifest);
    await waitFor(async () => (await env.kube.get(key))?.metadata.finalizers?.length === 1);
    await sleep(500);
    await env.kube.patch(key, { metadata: { finalizers: [] } });
    await env.kube.delete(key);
    await env.waitForGone(key, 5_000);
    await env.apply(manifest);
    const seen = await conditionsFor(scene, key, 6_000);
    expect(seen.map(({ reason }) => reason)).not.toContain(code);
    await env.waitForReady(key);
  }, 60_000);

  it('a step that cannot read its credential succeeds after the credential is corrected (row 16)', async () => {
    const scene = await open();
    const { env, namespace, subscription } = scene;
    const data = (id: string) => ({ data: { AZURE_CLIENT_ID: Buffer.from(id).toString('base64') } });
    const credential = { apiVersion: 'v1', kind: 'Secret', name: 'aso-credential', namespace };
    await env.kube.patch(credential, data(''));
    await env.apply(account(scene));
    const failed = await env.waitForCondition(keyOf(account(scene)), { status: 'False', reason: 'CredentialNotFound' });
    expect(readyOf(failed)?.message).toMatch(/AZURE_CLIENT_ID/);
    await sleep(3_000);
    await env.kube.patch(credential, data(subscription.clientId));
    await env.waitForReady(keyOf(account(scene)), 15_000);
  }, 60_000);
});

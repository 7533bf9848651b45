import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Manifest } from '../../dev/kube-api.ts';
import { keyOf, waitFor } from '../support/environment.ts';
import { kubectl } from './kubectl.ts';
import { databaseAccount, openScene, readyGroup, resourceGroup, type Scene } from './scene.ts';

const AGE = /^\d+(s|m|m\d+s)$/;

/** The columns that the real kubectl shows, by the place of their headers. */
describe('kubectl get', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene('columns');
    await readyGroup(scene);
  }, 60_000);
  afterAll(() => scene.close());

  async function row({ kind, metadata }: Manifest, ...args: string[]): Promise<Record<string, string>> {
    const text = await kubectl(scene.env, scene.namespace, 'get', kind.toLowerCase(), metadata.name, ...args);
    const [header = '', line = ''] = text.split('\n');
    const heads = [...header.matchAll(/\S+(?: \S+)*/g)];
    return Object.fromEntries(
      heads.map((head, index) => [head[0], line.slice(head.index, heads[index + 1]?.index).trim()]),
    );
  }
  const account = (name: string, spec: object = {}): Manifest =>
    databaseAccount(scene.namespace, `${name}-${scene.namespace}`, spec);
  const workflow = ({ kind, metadata: { name } }: Manifest): string =>
    `${kind}.documentdb.azure.com/${scene.namespace}/${name}`;
  const idOf = ({ metadata: { name } }: Manifest): string =>
    `/subscriptions/${scene.subscription.subscriptionId}/resourceGroups/rg/providers/Microsoft.DocumentDB/databaseAccounts/${name}`;

  it('shows ASO’s columns and the age, which is the last', async () => {
    const shown = await row(resourceGroup(scene.namespace));
    expect(Object.keys(shown)).toEqual(['NAME', 'READY', 'SEVERITY', 'REASON', 'MESSAGE', 'AGE']);
    expect(shown).toMatchObject({ NAME: 'rg', READY: 'True', REASON: 'Succeeded', AGE: expect.stringMatching(AGE) });
  });

  it('-o wide, of a resource that is Ready: since when, its workflow and its ARM id; nothing is tried again', async () => {
    const manifest = account('ready');
    await scene.env.apply(manifest);
    await scene.env.waitForReady(keyOf(manifest));
    expect(await row(manifest, '-o', 'wide')).toEqual({
      NAME: manifest.metadata.name,
      READY: 'True',
      SEVERITY: '',
      REASON: 'Succeeded',
      MESSAGE: '',
      AGE: expect.stringMatching(AGE),
      SINCE: expect.stringMatching(AGE),
      'NEXT ATTEMPT': '',
      WORKFLOW: workflow(manifest),
      'AZURE ID': idOf(manifest),
    });
  }, 60_000);

  it('-o wide, of a resource that waits: it waits for a change, not for a time, and has no ARM id yet', async () => {
    const manifest = account('waits', { owner: { name: 'nobody' } });
    await scene.env.apply(manifest);
    await scene.env.waitForCondition(keyOf(manifest), { reason: 'WaitingForOwner' });
    expect(await row(manifest, '-o', 'wide')).toMatchObject({
      READY: 'False',
      REASON: 'WaitingForOwner',
      SINCE: expect.stringMatching(AGE),
      'NEXT ATTEMPT': '',
      WORKFLOW: workflow(manifest),
      'AZURE ID': '',
    });
  }, 60_000);

  it('-o wide, of a back-off of an hour: when it is tried again; not any more once the attempt was made', async () => {
    const manifest = account('fails');
    const code = 'AnotherOperationInProgress';
    await scene.fault({ method: 'PUT', path: 'fails-', status: 409, code, message: 'Wait.', retryAfter: 3_600 });
    await scene.env.apply(manifest);
    await scene.env.waitForCondition(keyOf(manifest), { status: 'False', reason: code });
    const shown = await row(manifest, '-o', 'wide');
    expect(shown).toMatchObject({ REASON: code, WORKFLOW: workflow(manifest), 'AZURE ID': idOf(manifest) });
    expect(shown['NEXT ATTEMPT']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const inMs = Date.parse(shown['NEXT ATTEMPT'] ?? '') - Date.now();
    expect(inMs).toBeGreaterThan(55 * 60_000);
    expect(inMs).toBeLessThan(61 * 60_000);
    await scene.env.apply(account('fails', { tags: { corrected: 'yes' } }));
    await scene.env.waitForReady(keyOf(manifest));
    const after = await waitFor(async () => await row(manifest, '-o', 'wide'));
    expect(after).toMatchObject({ READY: 'True', 'NEXT ATTEMPT': '' });
  }, 60_000);
});

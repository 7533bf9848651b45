import { readFile, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ManagedProcess } from '../../dev/processes.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { startDurableStack, SUBSCRIPTION } from './durable-stack.ts';
import type { DurableStack } from './durable-stack.ts';
import { account, resourceGroup } from './manifests.ts';

const READY = names('ready', 20);
const RUNNING = names('running', 10);
const WAITING = names('waiting', 5);
const REFUSED = names('refused', 5);
const FATAL = names('fatal', 5);
const DELETING = names('deleting', 5);

/**
 * All state is stored on the resources: when Temporal's database is lost, the watcher signals every resource whose
 * facts are not handled, and each run finds out how far it was.
 */
describe("Temporal's database wiped with fifty resources in all states", () => {
  let durable: DurableStack;
  let watcher: ManagedProcess;
  let before: Map<string, number>;

  beforeAll(async () => {
    durable = await startDurableStack();
    durable.startWorker();
    watcher = durable.startWatcher();
    await durable.kube.apply(resourceGroup('wiped-rg'));
    await durable.ready(resourceGroup('wiped-rg'), 30_000);
    const accounts = [...READY, ...DELETING].map((name) => account(name, 'wiped-rg'));
    await Promise.all(accounts.map((manifest) => durable.kube.apply(manifest)));
    await Promise.all(accounts.map((manifest) => durable.ready(manifest, 60_000)));

    const fault = (path: string, code: string, status: number): Promise<unknown> =>
      durable.simulator('POST', '/faults', { match: { method: 'PUT', path }, times: 100, status, code, message: code });
    await fault('/refused-\\d', 'AuthorizationFailed', 403);
    await fault('/fatal-\\d', 'InvalidRequestContent', 400);
    await Promise.all([...REFUSED, ...FATAL].map((name) => durable.kube.apply(account(name, 'wiped-rg'))));
    await Promise.all(WAITING.map((name) => durable.kube.apply(account(name, 'no-such-group'))));
    await Promise.all(FATAL.map((name) => shows(name, 'InvalidRequestContent')));
    await Promise.all(REFUSED.map((name) => shows(name, 'AuthorizationFailed')));
    await Promise.all(WAITING.map((name) => shows(name, 'WaitingForOwner')));

    await durable.simulator('POST', `/subscriptions/${SUBSCRIPTION}`, { hold: true });
    await Promise.all(RUNNING.map((name) => durable.kube.apply(account(name, 'wiped-rg'))));
    await Promise.all(DELETING.map((name) => durable.kube.delete(keyOf(account(name, 'wiped-rg')))));
    await Promise.all(RUNNING.map((name) => shows(name, 'Reconciling', 'has been working')));
    await Promise.all(DELETING.map((name) => shows(name, 'Deleting', 'has been deleting')));
    before = await puts();

    await durable.stack.temporal.kill();
    for (const end of ['', '-wal', '-shm', '-journal'])
      await rm(`${durable.stack.temporalDbFile}${end}`, { force: true });
    await durable.stack.restartTemporal();
    await watcher.kill('SIGKILL');
    watcher = durable.startWatcher();
    await durable.logged(watcher, '"watching"');
    await durable.simulator('DELETE', '/faults');
    await durable.simulator('POST', `/subscriptions/${SUBSCRIPTION}`, { hold: false });
    await durable.simulator('POST', '/operations/finish', { subscription: SUBSCRIPTION });
    await Promise.all([...RUNNING, ...REFUSED].map((name) => durable.ready(account(name, 'wiped-rg'), 60_000)));
    await Promise.all(DELETING.map((name) => durable.gone(keyOf(account(name, 'wiped-rg')), 60_000)));
  }, 240_000);

  afterAll(async () => {
    await durable?.stop();
  }, 30_000);

  it('running operations are followed to their end, none is sent again', async () => {
    const now = await puts();
    expect(RUNNING.filter((name) => now.get(name) !== before.get(name))).toEqual([]);
  });

  it('healthy resources cost no PUT, and no run', async () => {
    const now = await puts();
    expect(READY.filter((name) => now.get(name) !== before.get(name))).toEqual([]);
    const runs: string[] = [];
    for await (const { workflowId } of durable.client.workflow.list({ query: `KubeName STARTS_WITH "ready-"` }))
      runs.push(workflowId);
    const resynced = await idsResynced();
    expect(runs.filter((id) => !resynced.has(id))).toEqual([]);
  });

  it('failed resources stay failed until something changes', async () => {
    const now = await puts();
    const resynced = [...(await idsResynced())];
    const isResynced = (name: string): boolean => resynced.some((id) => id.endsWith(`/${name}`));
    expect(FATAL.filter((name) => now.get(name) !== before.get(name) && !isResynced(name))).toEqual([]);
  });

  it('waiting resources still wait, and continue when their owner appears', async () => {
    await durable.kube.apply(resourceGroup('no-such-group'));
    await Promise.all(WAITING.map((name) => durable.ready(account(name, 'no-such-group'), 30_000)));
  }, 60_000);

  it('deletions were followed, not sent again', async () => {
    for (const name of DELETING) expect(await durable.sent('DELETE', name)).toBe(1);
  });

  it('a destination that the spec drops afterwards is still cleaned up', async () => {
    const [name = ''] = READY;
    const manifest = account(name, 'wiped-rg');
    const { operatorSpec: _, ...spec } = manifest['spec'] as Record<string, unknown>;
    await durable.kube.apply({ ...manifest, spec });
    const key = { apiVersion: 'v1', kind: 'Secret', namespace: 'default', name: `${name}-key` };
    await waitFor(async () => Object.keys((await durable.kube.get(key))?.data ?? {}).length === 0, 20_000);
  }, 30_000);

  async function shows(name: string, reason: string, text = ''): Promise<void> {
    const key = keyOf(account(name, 'wiped-rg'));
    await waitFor(async () => {
      const object = await durable.kube.get(key);
      const condition = object && readyOf(object);
      return condition?.reason === reason && (condition.message ?? '').includes(text);
    }, 60_000).catch(async (error: unknown) => {
      const object = await durable.kube.get(key);
      throw new Error(`${name}: wanted ${reason}, was ${JSON.stringify(object && readyOf(object))}`, { cause: error });
    });
  }

  /** A start spreads the resyncs over the whole period of an hour, so one of fifty may be due during the test. */
  async function idsResynced(): Promise<ReadonlySet<string>> {
    const lines = (await readFile(watcher.logFile, 'utf8')).split('\n').filter((line) => line.includes('"resync"'));
    expect(lines.length).toBeLessThan(5);
    return new Set(lines.map((line) => (JSON.parse(line) as { workflowId: string }).workflowId));
  }

  /** How many PUTs each account has had. */
  async function puts(): Promise<Map<string, number>> {
    const { requests } = (await durable.simulator('GET', `/requests?subscription=${SUBSCRIPTION}`)) as {
      requests: { method: string; path: string }[];
    };
    const counts = new Map<string, number>();
    for (const { method, path } of requests) {
      const name = /\/databaseAccounts\/([^/?]+)(\?|$)/i.exec(path)?.[1];
      if (method === 'PUT' && name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return counts;
  }
});

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}

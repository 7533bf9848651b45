import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveObject } from '../../dev/kube-api.ts';
import { readyOf } from '../support/environment.ts';
import { account, resourceGroup } from '../durability/manifests.ts';
import { startDurableStack, SUBSCRIPTION, type DurableStack } from '../durability/durable-stack.ts';

/**
 * `npm run test:long`: hundreds of operations of ten minutes in one subscription with ARM's own buckets, followed by a
 * real worker. It takes a quarter of an hour, nearly all of it waiting; the short form is test/azure/poll-budget.test.ts, which runs the same budget on simulated time.
 */
const OPERATIONS = Number(process.env['LOAD_OPERATIONS'] ?? 500);
const LASTS_MS = Number(process.env['LOAD_SECONDS'] ?? 600) * 1_000;
/** ARM's own, per subscription and caller: tokens, and tokens per second. */
const BUCKETS = { reads: [250, 25], writes: [200, 10], deletes: [200, 10] };
const GROUP = 'load';
const NOTICED_MS = 15_000;

interface Request {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly at: number;
}
interface Running {
  readonly id: string;
  readonly resource: string;
  readonly startedAt: number;
}

describe(`${String(OPERATIONS)} operations of ${String(LASTS_MS / 1000)} s in one subscription with the buckets of ARM`, () => {
  let durable: DurableStack;
  const names = Array.from({ length: OPERATIONS }, (_, index) => `load-${String(index)}`);
  /** By operation id, ms since the epoch. */
  const endedAt = new Map<string, number>();

  beforeAll(async () => {
    durable = await startDurableStack();
    durable.startWatcher();
    durable.startWorker();
    const group = resourceGroup(GROUP);
    await durable.kube.apply(group);
    await durable.ready(group, 60_000);
    await durable.simulator('POST', `/subscriptions/${SUBSCRIPTION}`, { hold: true, buckets: BUCKETS });
  }, 240_000);

  afterAll(async () => {
    await durable?.stop();
  }, 60_000);

  it(
    'no poll is refused, every end is noticed within 15 s, and all become Ready',
    async () => {
      const left = names.values();
      const applier = async (): Promise<void> => {
        for (const name of left) await durable.kube.apply(account(name, GROUP));
      };
      const applied = Promise.all(Array.from({ length: 5 }, applier));
      await endEachInItsTime();
      await applied;
      await sleep(NOTICED_MS + 5_000);

      const { requests } = (await durable.simulator('GET', `/requests?subscription=${SUBSCRIPTION}`)) as unknown as {
        requests: Request[];
      };
      const polls = requests.filter(({ path }) => /operation(s?status|results)|asyncoperation/i.test(path));
      const refused = requests.filter(({ status }) => status === 429);
      const noticed = delays(polls);
      const puts = requests.filter(({ method, path }) => method === 'PUT' && path.includes('databaseAccounts'));
      console.log(
        JSON.stringify({
          polls: polls.length,
          'polls a second': Math.round((polls.length * 10_000) / spanMs(polls)) / 10,
          'refused polls': polls.filter(({ status }) => status === 429).length,
          'refused requests': refused.length,
          puts: puts.length,
          'noticed after ms, p50, p99, max': [0.5, 0.99, 1].map((part) => percentile(noticed, part)),
        }),
      );
      expect(polls.filter(({ status }) => status === 429)).toEqual([]);
      expect(noticed).toHaveLength(OPERATIONS);
      expect(Math.max(...noticed)).toBeLessThanOrEqual(NOTICED_MS);
      expect(puts.filter(({ status }) => status < 300)).toHaveLength(OPERATIONS);
      for (const name of names) expect({ name, ready: await isReady(name) }).toEqual({ name, ready: true });
    },
    LASTS_MS + 600_000,
  );

  /** Ends each operation `LASTS_MS` after it began; returns when all that are to come have ended. */
  async function endEachInItsTime(): Promise<void> {
    while (endedAt.size < OPERATIONS) {
      const { operations } = (await durable.simulator(
        'GET',
        `/operations?subscription=${SUBSCRIPTION}`,
      )) as unknown as { operations: Running[] };
      const now = Date.now();
      for (const { id } of operations.filter(({ startedAt: began }) => now - began >= LASTS_MS)) {
        await durable.simulator('POST', '/operations/finish', { subscription: SUBSCRIPTION, id });
        endedAt.set(id, Date.now());
      }
      await sleep(200);
    }
  }

  /** For each operation, ms from its end to the first poll that was answered after it. */
  function delays(polls: readonly Request[]): number[] {
    return [...endedAt].flatMap(([id, ended]) => {
      const first = polls.find(({ path, at, status }) => path.includes(id) && at >= ended - 1 && status < 400);
      return first === undefined ? [] : [Math.max(0, first.at - ended)];
    });
  }

  async function isReady(name: string): Promise<boolean> {
    const { apiVersion, kind, metadata } = account(name, GROUP);
    const object = await durable.kube.get({ apiVersion, kind, name, namespace: metadata.namespace ?? '' });
    return readyOf(object as LiveObject)?.status === 'True';
  }
});

function percentile(values: readonly number[], part: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

function spanMs(requests: readonly Request[]): number {
  const times = requests.map(({ at }) => at);
  return Math.max(...times) - Math.min(...times);
}

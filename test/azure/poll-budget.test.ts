import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Limiter } from '../../azure/limiter.ts';
import { SharedPollBudget } from '../../azure/poll-budget.ts';
import { AzureBucket, seeded, simulate, wait } from './azure-bucket.ts';

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000_000_000, doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
});
afterEach(() => {
  jest.useRealTimers();
});

interface Scenario {
  readonly operations: number;
  /** ms that operation number `i` takes. */
  readonly lasts: (i: number) => number;
  /** When operation number `i` is accepted, in ms after the beginning. */
  readonly starts: (i: number) => number;
  readonly headers?: boolean | 'static';
  readonly workers?: number;
  readonly seed?: number;
  readonly retryAfterSeconds?: number;
  readonly type?: (i: number) => string;
  /** Other reads, per second. */
  readonly others?: number;
}

interface Outcome {
  polls: number;
  refusedPolls: number;
  refusedReads: number;
  /** ms between the end of each operation and the poll that saw it. */
  delays: number[];
  early: number;
}

/** Operations that are followed to their ends, each with a GET and the listing of keys after it, against the buckets of ARM. */
async function run(scenario: Scenario): Promise<Outcome> {
  const { workers = 1, headers = false, seed = 1 } = scenario;
  const random = seeded(seed + Number(process.env['SEED'] ?? 0));
  const bucket = new AzureBucket(250, 25);
  const limits = Array.from({ length: workers }, () => {
    const limiter = new Limiter({ random });
    return { limiter, polls: new SharedPollBudget(limiter.reads, { random }) };
  });
  const outcome: Outcome = { polls: 0, refusedPolls: 0, refusedReads: 0, delays: [], early: 0 };
  const begin = Date.now();

  const send = async (limiter: Limiter, poll: boolean, url: string): Promise<boolean> => {
    const turn = await limiter.turn({ method: 'GET', url, poll });
    await wait(20 + 60 * random());
    const accepted = bucket.take();
    const left = headers === 'static' ? 16_499 : Math.floor(bucket.level);
    await wait(10 + 30 * random());
    turn.heard({
      status: accepted ? 200 : 429,
      code: accepted ? undefined : 'SubscriptionRequestsThrottled',
      retryAfterMs: accepted ? undefined : 10_000,
      header: (name) =>
        headers !== false && accepted && name.endsWith('subscription-global-reads') ? String(left) : undefined,
    });
    return accepted;
  };
  const read = async (limiter: Limiter, url: string): Promise<void> => {
    for (;;) {
      try {
        if (await send(limiter, false, url)) return;
        outcome.refusedReads += 1;
        await wait(10_000);
      } catch (error) {
        await wait((error as { retryAfterMs: number }).retryAfterMs);
      }
    }
  };

  const follow = async (i: number): Promise<void> => {
    await wait(scenario.starts(i));
    const { limiter, polls } = limits[i % workers]!;
    const startedAt = Date.now();
    const end = startedAt + scenario.lasts(i);
    const url = `/subscriptions/s/resourceGroups/g/providers/Microsoft.X/things/${i}`;
    const type = scenario.type?.(i) ?? 'Microsoft.X/things';
    const common = { key: `PUT ${url}`, type, method: 'PUT', startedAt } as const;
    let notBefore: number | undefined;
    for (;;) {
      const operation = { ...common, notBefore };
      await polls.turn(operation);
      const askedAt = Date.now();
      if (askedAt < (notBefore ?? 0)) outcome.early += 1;
      outcome.polls += 1;
      let accepted = false;
      try {
        accepted = await send(limiter, true, url);
      } catch {
        outcome.refusedPolls += 1;
        continue;
      }
      if (!accepted) outcome.refusedPolls += 1;
      else if (askedAt >= end) {
        outcome.delays.push(Date.now() - end);
        polls.ended(operation);
        break;
      }
      const { retryAfterSeconds } = scenario;
      notBefore = retryAfterSeconds === undefined ? undefined : Date.now() + retryAfterSeconds * 1_000;
    }
    await read(limiter, url);
    await read(limiter, url);
  };
  const background = async (): Promise<void> => {
    const all = scenario.others ?? 0;
    for (let i = 0; i < all * 600; i += 1) {
      await wait(1_000 / all);
      void read(limits[0]!.limiter, `/subscriptions/s/resourceGroups/g${i}`);
    }
  };
  await simulate(() =>
    Promise.all([...Array.from({ length: scenario.operations }, (_, i) => follow(i)), background()]),
  );
  outcome.delays.sort((one, other) => one - other);
  if (process.env['SHOW']) {
    const { delays, ...rest } = outcome;
    const at = (q: number): number => Math.round(delays[Math.floor(q * (delays.length - 1))] ?? 0);
    console.log(
      JSON.stringify({
        ...rest,
        p50: at(0.5),
        p99: at(0.99),
        max: at(1),
        total: Math.round((Date.now() - begin) / 1000),
      }),
    );
  }
  return outcome;
}

const TEN_MINUTES = 600_000;
/** As ARM's own bucket of writes lets them start: 200 at once, then 10 a second. */
const asWrites = (i: number): number => (i < 200 ? i * 10 : 2_000 + (i - 200) * 100);

describe('500 operations of ten minutes, on the 250 reads and 25 a second of one subscription', () => {
  const rows: (Partial<Scenario> & { why: string })[] = [
    { why: 'the headers tell the level', headers: true },
    { why: 'an older ARM has no headers', headers: false },
    { why: 'the header is about another, larger bucket', headers: 'static' },
    { why: 'all start in the same second', headers: true, starts: (i) => i },
    { why: 'all start in the same second, no headers', starts: (i) => i },
    { why: 'another order', headers: true, seed: 7 },
    { why: 'another order', headers: true, seed: 99 },
    { why: 'Azure is not exact', headers: true, lasts: (i) => TEN_MINUTES + ((i * 7_919) % 3_000) },
  ];
  it.each(rows)(
    '$why',
    async (row) => {
      const { why: _why, ...scenario } = row;
      const outcome = await run({
        operations: 500,
        lasts: () => TEN_MINUTES,
        starts: asWrites,
        ...scenario,
      });
      expect(outcome.refusedPolls).toBe(0);
      expect(outcome.delays).toHaveLength(500);
      expect(outcome.delays.at(-1)).toBeLessThanOrEqual(15_000);
    },
    60_000,
  );
});

describe('the end of a single operation, or of a few dozen, is noticed within 5 s however long it runs', () => {
  const rows: (Partial<Scenario> & { why: string; operations: number })[] = [
    { why: 'one', operations: 1 },
    { why: 'thirty', operations: 30 },
    { why: 'thirty, no headers', operations: 30, headers: false },
    { why: 'thirty beside 10 other reads a second', operations: 30, others: 10 },
    { why: 'an operation of two seconds', operations: 1, lasts: () => 2_000 },
    { why: 'an hour', operations: 3, lasts: (i) => 3_600_000 + i * 500 },
  ];
  it.each(rows)(
    '$why',
    async (row) => {
      const { why: _why, ...scenario } = row;
      const outcome = await run({ lasts: () => TEN_MINUTES, starts: (i) => i * 1_300, headers: true, ...scenario });
      expect(outcome.refusedPolls + outcome.refusedReads).toBe(0);
      expect(outcome.delays.at(-1)).toBeLessThanOrEqual(5_000);
    },
    60_000,
  );
});

it('two workers on one bucket refuse each other hardly ever', async () => {
  const outcome = await run({ operations: 500, workers: 2, headers: true, starts: asWrites, lasts: () => TEN_MINUTES });
  expect(outcome.refusedPolls).toBeLessThanOrEqual(3);
  expect(outcome.refusedReads).toBeLessThanOrEqual(3);
  expect(outcome.delays).toHaveLength(500);
}, 60_000);

it('two workers that see no headers share the bucket after a few refusals', async () => {
  const outcome = await run({ operations: 500, workers: 2, starts: asWrites, lasts: () => TEN_MINUTES });
  expect(outcome.refusedPolls).toBeLessThanOrEqual(60);
  expect(outcome.delays).toHaveLength(500);
}, 60_000);

it('a Retry-After is a minimum', async () => {
  const outcome = await run({ operations: 40, starts: (i) => i, lasts: () => 60_000, retryAfterSeconds: 15 });
  expect(outcome.early).toBe(0);
  expect(outcome.polls).toBeLessThanOrEqual(40 * 6);
});

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
  /** How old the operations are when this process sees them first, in ms. */
  readonly age?: number;
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
  const random = seeded(seed);
  const bucket = new AzureBucket(250, 25);
  const limits = Array.from({ length: workers }, () => {
    const limiter = new Limiter({ random });
    return { limiter, polls: new SharedPollBudget(limiter.reads, { random }) };
  });
  const outcome: Outcome = { polls: 0, refusedPolls: 0, refusedReads: 0, delays: [], early: 0 };

  const send = async (limiter: Limiter, poll: boolean, url: string): Promise<boolean> => {
    const turn = await limiter.waitForTurn({ method: 'GET', url, poll });
    await wait(20 + 60 * random());
    const accepted = bucket.take();
    const left = headers === 'static' ? 16_499 : Math.floor(bucket.level);
    await wait(10 + 30 * random());
    turn.answered({
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
    const startedAt = Date.now() - (scenario.age ?? 0);
    const end = startedAt + scenario.lasts(i);
    const url = `/subscriptions/s/resourceGroups/g/providers/Microsoft.X/things/${i}`;
    const type = scenario.type?.(i) ?? 'Microsoft.X/things';
    const common = { key: `PUT ${url}`, type, method: 'PUT', startedAt } as const;
    let notBefore: number | undefined;
    for (;;) {
      const operation = { ...common, notBefore };
      await polls.waitForTurn(operation);
      const askedAt = Date.now();
      if (askedAt < (notBefore ?? 0)) outcome.early += 1;
      outcome.polls += 1;
      // A poll that the limiter sends away is a poll that was refused.
      const accepted = await send(limiter, true, url).catch(() => false);
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
  return outcome;
}

const TEN_MINUTES = 600_000;
/** As ARM's own bucket of writes lets them start: 200 at once, then 10 a second. */
const asWrites = (i: number): number => (i < 200 ? i * 10 : 2_000 + (i - 200) * 100);

describe('500 operations of ten minutes, on the 250 reads and 25 a second of one subscription', () => {
  const rows: (Partial<Scenario> & { why: string })[] = [
    {
      why: 'the headers tell the level; Azure is not exact',
      headers: true,
      lasts: (i) => TEN_MINUTES + ((i * 7_919) % 3_000),
    },
    { why: 'an older ARM has no headers; all start in the same second', headers: false, starts: (i) => i },
    { why: 'this process began when they were old', age: 500_000, headers: 'static' },
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
    { why: 'an hour', operations: 1, lasts: () => 3_600_000 },
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

it('two workers on one bucket cause hardly any refusals', async () => {
  const outcome = await run({ operations: 500, workers: 2, headers: true, starts: asWrites, lasts: () => TEN_MINUTES });
  expect(outcome.refusedPolls).toBeLessThanOrEqual(3);
  expect(outcome.refusedReads).toBeLessThanOrEqual(3);
  expect(outcome.delays).toHaveLength(500);
}, 180_000);

it('two workers that see no headers share the bucket after a few refusals', async () => {
  const outcome = await run({ operations: 500, workers: 2, starts: asWrites, lasts: () => TEN_MINUTES });
  expect(outcome.refusedPolls).toBeLessThanOrEqual(60);
  expect(outcome.delays).toHaveLength(500);
}, 180_000);

it('a Retry-After is a minimum', async () => {
  const outcome = await run({ operations: 40, starts: (i) => i, lasts: () => 60_000, retryAfterSeconds: 15 });
  expect(outcome.early).toBe(0);
  expect(outcome.polls).toBeLessThanOrEqual(40 * 6);
});

it('without refusals, requests are hardly delayed: 300 resources at once, each with five reads and an operation of a second', async () => {
  const limiter = new Limiter({ random: seeded(1) });
  const polls = new SharedPollBudget(limiter.reads, { random: seeded(2) });
  const begin = Date.now();
  const send = async (method: string, url: string, poll = false): Promise<void> => {
    const turn = await limiter.waitForTurn({ method, url, poll });
    await wait(15);
    turn.answered({ status: 200, header: () => '16499' });
  };
  const one = async (i: number): Promise<void> => {
    const url = `/subscriptions/s/resourceGroups/g/providers/Microsoft.X/things/${i}`;
    await send('GET', url);
    await send('PUT', url);
    const startedAt = Date.now();
    const operation = { key: url, type: 'Microsoft.X/things', method: 'PUT', startedAt } as const;
    for (let over = false; !over;) {
      await polls.waitForTurn(operation);
      over = Date.now() >= startedAt + 1_000;
      await send('GET', url, true);
    }
    polls.ended(operation);
    for (let reads = 0; reads < 4; reads += 1) await send('GET', url);
  };
  await simulate(() => Promise.all(Array.from({ length: 300 }, (_, i) => one(i))));
  expect(Date.now() - begin).toBeLessThanOrEqual(20_000);
});

describe('a turn', () => {
  const operation = { key: 'k', type: 'Microsoft.X/things', method: 'PUT', startedAt: 0 } as const;

  it('ends with its signal', async () => {
    const polls = new SharedPollBudget(new Limiter().reads);
    const giveUp = new AbortController();
    const turn = polls.waitForTurn({ ...operation, notBefore: Date.now() + 60_000 }, giveUp.signal);
    giveUp.abort();
    await expect(turn).rejects.toMatchObject({ code: 'RequestAborted' });
  });

  it('does not come while Azure has closed the subscription to reads', async () => {
    const limiter = new Limiter();
    const polls = new SharedPollBudget(limiter.reads);
    const sent = await limiter.waitForTurn({ method: 'GET', url: '/subscriptions/s/resourceGroups/g' });
    sent.answered({ status: 429, code: 'SubscriptionRequestsThrottled', retryAfterMs: 20_000 });
    let granted = false;
    void polls.waitForTurn(operation).then(() => (granted = true));
    await jest.advanceTimersByTimeAsync(19_900);
    expect(granted).toBe(false);
    expect(polls.expectedWaitMs({ ...operation, key: 'other' })).toBeGreaterThan(0);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(granted).toBe(true);
  });

  it('is expected when Azure allows it, or after one turn of every other operation', async () => {
    const polls = new SharedPollBudget(new Limiter().reads);
    expect(polls.expectedWaitMs(operation)).toBe(0);
    expect(polls.expectedWaitMs({ ...operation, notBefore: Date.now() + 45_000 })).toBe(45_000);
    for (let i = 0; i < 500; i += 1) void polls.waitForTurn({ ...operation, key: `k${i}` });
    await jest.advanceTimersByTimeAsync(5);
    const [first] = await Promise.all([polls.waitForTurn(operation), jest.advanceTimersByTimeAsync(60_000)]);
    expect(first).toBeUndefined();
    expect(polls.expectedWaitMs({ ...operation, key: 'k0' })).toBeLessThanOrEqual(21_000);
  });
});

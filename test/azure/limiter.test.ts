import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createArmClient } from '../../azure/arm-client.ts';
import type { ArmError } from '../../azure/arm-error.ts';
import { retryAfterMs } from '../../azure/arm-error.ts';
import { Limiter, type LimitedAnswer, type LimitedRequest } from '../../azure/limiter.ts';
import { typeOfRequest } from '../../azure/azure-id.ts';
import { AzureBucket, seeded, simulate, wait } from './azure-bucket.ts';
import { cannedHttp, credential } from './fake-http.ts';

const group = '/subscriptions/s/resourceGroups/g';
const machine = `${group}/providers/Microsoft.Compute/virtualMachines/vm`;
const disk = `${group}/providers/Microsoft.Compute/disks/d`;
const storage = `${group}/providers/Microsoft.Storage/storageAccounts/sa`;
const THROTTLED = 'SubscriptionRequestsThrottled';

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000_000_000, doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
});
afterEach(() => {
  jest.useRealTimers();
});

async function answered(limiter: Limiter, request: LimitedRequest, answer: LimitedAnswer): Promise<void> {
  (await limiter.waitForTurn(request)).answered(answer);
}

/** The result for a caller now: `goes`, or the error code and the delay. */
async function ask(limiter: Limiter, method: string, url: string): Promise<string> {
  const giveUp = new AbortController();
  const asked = limiter.waitForTurn({ method, url }, giveUp.signal).then(
    () => 'goes',
    (error: ArmError) => (error.code === 'RequestAborted' ? 'waits' : `${error.code} ${error.retryAfterMs}`),
  );
  await jest.advanceTimersByTimeAsync(1);
  giveUp.abort();
  return asked;
}

describe('which requests wait after a refusal', () => {
  const rows: {
    why: string;
    refused: [method: string, url: string, answer: LimitedAnswer];
    ask: [method: string, url: string];
    told: RegExp;
  }[] = [
    {
      why: 'the subscription is throttled: every provider waits',
      refused: ['PUT', machine, { status: 429, code: THROTTLED, retryAfterMs: 17_000 }],
      ask: ['PUT', storage],
      told: /^SubscriptionRequestsThrottled 17000$/,
    },
    {
      why: 'an action is a write',
      refused: ['PUT', machine, { status: 429, code: THROTTLED, retryAfterMs: 17_000 }],
      ask: ['POST', `${storage}/listKeys`],
      told: /^SubscriptionRequestsThrottled/,
    },
    {
      why: 'reads are counted apart',
      refused: ['PUT', machine, { status: 429, code: THROTTLED, retryAfterMs: 17_000 }],
      ask: ['GET', machine],
      told: /^goes$/,
    },
    {
      why: 'deletes are counted apart',
      refused: ['PUT', machine, { status: 429, code: THROTTLED, retryAfterMs: 17_000 }],
      ask: ['DELETE', machine],
      told: /^goes$/,
    },
    {
      why: 'HEAD is a read',
      refused: ['GET', machine, { status: 429, code: THROTTLED, retryAfterMs: 17_000 }],
      ask: ['HEAD', storage],
      told: /^SubscriptionRequestsThrottled/,
    },
    {
      why: 'one answer stops a subscription for at most a minute',
      refused: ['PUT', machine, { status: 429, code: THROTTLED, retryAfterMs: 86_400_000 }],
      ask: ['PUT', storage],
      told: /^SubscriptionRequestsThrottled 60000$/,
    },
    {
      why: 'a provider refuses: its type waits',
      refused: ['PUT', machine, { status: 429, code: 'TooManyRequests', retryAfterMs: 300_000 }],
      ask: ['PUT', machine.toUpperCase()],
      told: /^TooManyRequests 300000$/,
    },
    {
      why: 'a provider refuses: its other types do not wait',
      refused: ['PUT', machine, { status: 429, code: 'OperationNotAllowed', retryAfterMs: 600_000 }],
      ask: ['PUT', disk],
      told: /^goes$/,
    },
    {
      why: 'a provider refuses: other providers do not wait',
      refused: ['PUT', machine, { status: 429, code: undefined, retryAfterMs: 600_000 }],
      ask: ['PUT', storage],
      told: /^goes$/,
    },
    {
      why: 'a provider refuses: the keys of others can be listed',
      refused: ['PUT', machine, { status: 429, code: 'TooManyRequests', retryAfterMs: 600_000 }],
      ask: ['POST', `${storage}/listKeys`],
      told: /^goes$/,
    },
    {
      why: 'a provider refuses writes: its resources can be read',
      refused: ['PUT', machine, { status: 429, code: 'TooManyRequests', retryAfterMs: 600_000 }],
      ask: ['GET', machine],
      told: /^goes$/,
    },
    {
      why: 'a provider that asks for a pause of a day is tested after ten minutes',
      refused: ['GET', machine, { status: 503, code: 'ServerBusy', retryAfterMs: 86_400_000 }],
      ask: ['GET', machine],
      told: /^TooManyRequests 600000$/,
    },
    {
      why: 'a provider that asks for a pause of a day stops no other provider',
      refused: ['GET', machine, { status: 503, code: 'ServerBusy', retryAfterMs: 86_400_000 }],
      ask: ['GET', storage],
      told: /^goes$/,
    },
    {
      why: 'a 503 without Retry-After is one failed request',
      refused: ['GET', machine, { status: 503 }],
      ask: ['GET', machine],
      told: /^goes$/,
    },
    {
      why: 'a 429 without Retry-After causes a short pause',
      refused: ['GET', machine, { status: 429, code: THROTTLED }],
      ask: ['GET', machine],
      told: /^waits$/,
    },
    {
      why: 'Retry-After on a 202 is for the poll only',
      refused: ['PUT', machine, { status: 202, retryAfterMs: 60_000 }],
      ask: ['PUT', machine],
      told: /^goes$/,
    },
  ];
  it.each(rows)('$why', async ({ refused: [method, url, answer], ask: [askMethod, askUrl], told }) => {
    const limiter = new Limiter({ random: seeded(1) });
    await answered(limiter, { method, url }, answer);
    expect(await ask(limiter, askMethod, askUrl)).toMatch(told);
  });
});

it('a later, shorter answer does not end the pause', async () => {
  const limiter = new Limiter();
  const [first, second] = [
    await limiter.waitForTurn({ method: 'GET', url: group }),
    await limiter.waitForTurn({ method: 'GET', url: group }),
  ];
  first.answered({ status: 429, code: THROTTLED, retryAfterMs: 30_000 });
  second.answered({ status: 429, code: THROTTLED, retryAfterMs: 1_000 });
  expect(await ask(limiter, 'GET', group)).toBe(`${THROTTLED} 30000`);
});

it('dismissed callers get different times to come back', async () => {
  const limiter = new Limiter();
  await answered(limiter, { method: 'PUT', url: group }, { status: 429, code: THROTTLED, retryAfterMs: 20_000 });
  const told = await Promise.all(Array.from({ length: 20 }, () => ask(limiter, 'PUT', group)));
  expect(new Set(told).size).toBe(20);
});

it('after a pause one request tests the limit, and the others follow only when it was accepted', async () => {
  const limiter = new Limiter();
  await answered(limiter, { method: 'PUT', url: group }, { status: 429, code: THROTTLED, retryAfterMs: 2_000 });
  const turns: Awaited<ReturnType<Limiter['waitForTurn']>>[] = [];
  for (let i = 0; i < 4; i += 1) {
    void limiter.waitForTurn({ method: 'PUT', url: group }).then(
      (turn) => turns.push(turn),
      () => {},
    );
  }
  await jest.advanceTimersByTimeAsync(1_990);
  expect(turns).toHaveLength(0);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(turns).toHaveLength(1);
  turns[0]!.answered({ status: 200 });
  await jest.advanceTimersByTimeAsync(2_000);
  expect(turns.length).toBeGreaterThan(1);
});

it('when the test request gets no answer, another one is sent', async () => {
  const limiter = new Limiter();
  await answered(limiter, { method: 'PUT', url: group }, { status: 429, code: THROTTLED, retryAfterMs: 1_000 });
  const dies = new AbortController();
  const first = limiter.waitForTurn({ method: 'PUT', url: group }, dies.signal);
  await jest.advanceTimersByTimeAsync(1_100);
  await first;
  const second = limiter.waitForTurn({ method: 'PUT', url: group });
  dies.abort();
  await expect(second).resolves.toBeDefined();
});

it('a wait ends with its signal', async () => {
  const limiter = new Limiter();
  await answered(limiter, { method: 'PUT', url: group }, { status: 429, code: THROTTLED, retryAfterMs: 4_000 });
  expect(await ask(limiter, 'PUT', group)).toBe('waits');
});

describe('60 requests against a bucket that is refilled with 2 a second', () => {
  const rows = [
    { why: 'headers tell what is left', capacity: 12, header: true, method: 'PUT', code: THROTTLED, most: 6 },
    { why: 'without headers, only by refusals', capacity: 12, header: false, method: 'PUT', code: THROTTLED, most: 15 },
    { why: 'a bucket of two', capacity: 2, header: false, method: 'PUT', code: THROTTLED, most: 20 },
    { why: 'reads', capacity: 12, header: false, method: 'GET', code: THROTTLED, most: 15 },
    { why: 'deletes', capacity: 12, header: false, method: 'DELETE', code: THROTTLED, most: 15 },
    { why: "a provider's own bucket", capacity: 12, header: false, method: 'PUT', code: 'TooManyRequests', most: 20 },
  ];
  it.each(rows)(
    '$why',
    async ({ capacity, header, method, code, most }) => {
      const random = seeded(3);
      const limiter = new Limiter({ random });
      const bucket = new AzureBucket(capacity, 2);
      const sentAt: number[] = [];
      let refused = 0;
      const name = `x-ms-ratelimit-remaining-subscription-${{ GET: 'reads', PUT: 'writes', DELETE: 'deletes' }[method] ?? ''}`;
      const one = async (): Promise<void> => {
        for (;;) {
          try {
            const turn = await limiter.waitForTurn({ method, url: machine });
            sentAt.push(Date.now());
            await wait(5 + 20 * random());
            const accepted = bucket.take();
            turn.answered({
              status: accepted ? 201 : 429,
              code: accepted ? undefined : code,
              retryAfterMs: accepted ? undefined : 2_000,
              header: (asked) => (header && asked === name ? String(Math.floor(bucket.level)) : undefined),
            });
            if (accepted) return;
            refused += 1;
            await wait(2_000 * (1 + random() / 4));
          } catch (error) {
            await wait((error as ArmError).retryAfterMs ?? 0);
          }
        }
      };
      const begin = Date.now();
      await simulate(() => Promise.all(Array.from({ length: 60 }, one)));
      expect(refused).toBeLessThanOrEqual(most);
      expect(Date.now() - begin).toBeLessThan(150_000);
      const later = sentAt.filter((at) => at > begin + 1_500);
      // A refusal wakes all that wait; they must not send as one.
      expect(Math.max(...later.map((at) => later.filter((other) => other === at).length))).toBeLessThanOrEqual(2);
    },
    30_000,
  );
});

it('six hundred requests that Azure does not refuse are sent within seconds', async () => {
  const limiter = new Limiter();
  const begin = Date.now();
  await simulate(() =>
    Promise.all(
      Array.from({ length: 600 }, async () => {
        const turn = await limiter.waitForTurn({ method: 'PUT', url: machine });
        await wait(3_000);
        turn.answered({ status: 201, header: () => '11999' });
      }),
    ),
  );
  expect(Date.now() - begin).toBeLessThanOrEqual(9_000);
});

it('a header that says nothing is left makes the next ones wait for the refill', async () => {
  const limiter = new Limiter();
  const header = (name: string): string | undefined =>
    name === 'x-ms-ratelimit-remaining-subscription-global-writes' ? '0' : undefined;
  await answered(limiter, { method: 'PUT', url: machine }, { status: 201, header });
  expect(await ask(limiter, 'PUT', storage)).toBe('waits');
  expect(await ask(limiter, 'GET', storage)).toBe('goes');
});

it('one refusal of the subscription stops all its clients, and nothing is sent', async () => {
  jest.useRealTimers();
  const limiter = new Limiter();
  const { httpClient, sent } = cannedHttp([
    { status: 429, headers: { 'retry-after': '30' }, body: { error: { code: THROTTLED, message: 'slowly' } } },
  ]);
  const options = {
    credential,
    subscriptionId: 's',
    endpoint: 'https://arm.example',
    audience: 'a',
    limiter,
    httpClient,
  };
  const target = { id: '/subscriptions/s/x/y', apiVersion: '1' };
  await expect(createArmClient(options).get(target)).rejects.toMatchObject({ status: 429, retryAfterMs: 30_000 });
  const error = await createArmClient(options)
    .get(target)
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ status: 429, code: THROTTLED });
  expect((error as ArmError).retryAfterMs).toBeGreaterThan(29_000);
  expect(sent).toHaveLength(1);
});

describe('the type that a request is about', () => {
  const arm = 'https://management.azure.com';
  it.each([
    ['a group', 'PUT', `${arm}${group}?api-version=1`, 'microsoft.resources/resourcegroups'],
    ['a resource', 'PUT', `${arm}${machine}?api-version=1`, 'microsoft.compute/virtualmachines'],
    ['a child', 'GET', `${storage}/blobServices/default`, 'microsoft.storage/storageaccounts/blobservices'],
    ['an action', 'POST', `${storage}/listKeys`, 'microsoft.storage/storageaccounts'],
    ['a list', 'GET', `${group}/providers/Microsoft.Compute/disks`, 'microsoft.compute/disks'],
    ['an extension', 'PUT', `${machine}/providers/Microsoft.Authorization/locks/l`, 'microsoft.authorization/locks'],
    [
      'a poll',
      'GET',
      `${arm}/subscriptions/s/providers/Microsoft.Compute/locations/west/operations/1?t=1&c=MII`,
      'microsoft.compute/locations/operations',
    ],
    [
      'the poll of a group',
      'GET',
      `${arm}/subscriptions/s/operationresults/eyJ?t=1`,
      'microsoft.resources/operationresults',
    ],
  ])('%s', (_why, method, url, type) => {
    expect(typeOfRequest(method, url)).toBe(type);
  });
});

it.each([
  ['seconds', '17', 17_000],
  ['a date', 'Thu, 01 Jan 1970 00:01:00 GMT', 59_000],
  ['a date gone by', 'Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['nonsense', 'soon', undefined],
  ['none', undefined, undefined],
])('Retry-After: %s', (_why, header, ms) => {
  expect(retryAfterMs(header, 1_000)).toBe(ms);
});

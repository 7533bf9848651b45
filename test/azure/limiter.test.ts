import { describe, expect, it } from '@jest/globals';
import { createArmClient } from '../../azure/arm-client.ts';
import { retryAfterMs } from '../../azure/arm-error.ts';
import { Limiter } from '../../azure/limiter.ts';
import { cannedHttp, credential } from './fake-http.ts';

describe('Limiter', () => {
  const rows = [
    { why: 'a 429 stops its class', method: 'GET', status: 429, wait: 60_000, ask: 'HEAD', left: 60_000 },
    { why: 'reads do not stop writes', method: 'GET', status: 429, wait: 60_000, ask: 'PUT', left: 0 },
    { why: 'an action is a write', method: 'PUT', status: 429, wait: 60_000, ask: 'POST', left: 60_000 },
    { why: 'deletes are counted apart', method: 'PUT', status: 429, wait: 60_000, ask: 'DELETE', left: 0 },
    { why: 'a 429 that names no time', method: 'GET', status: 429, wait: undefined, ask: 'GET', left: 5_000 },
    { why: 'a 503 that names a time', method: 'GET', status: 503, wait: 7_000, ask: 'GET', left: 7_000 },
    { why: 'a 503 that does not', method: 'GET', status: 503, wait: undefined, ask: 'GET', left: 0 },
    { why: 'Retry-After on a 202 is for the poll only', method: 'PUT', status: 202, wait: 15_000, ask: 'PUT', left: 0 },
  ];
  it.each(rows)('$why', ({ method, status, wait, ask, left }) => {
    const limiter = new Limiter({ now: () => 1_000 });
    limiter.note(method, status, wait);
    expect(limiter.remainingMs(ask)).toBe(left);
  });

  it('a later, shorter answer does not end the pause', () => {
    const limiter = new Limiter({ now: () => 0 });
    limiter.note('GET', 429, 60_000);
    limiter.note('GET', 429, 1_000);
    expect(limiter.remainingMs('GET')).toBe(60_000);
  });

  it('a short pause is waited out', async () => {
    const limiter = new Limiter();
    limiter.note('GET', 429, 60);
    const before = performance.now();
    await limiter.turn('GET');
    expect(performance.now() - before).toBeGreaterThan(50);
  });

  it('one 429 stops all clients of the subscription, and nothing is sent', async () => {
    const limiter = new Limiter();
    const { httpClient, sent } = cannedHttp([{ status: 429, headers: { 'retry-after': '30' } }]);
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
    expect(error).toMatchObject({ status: 429, code: 'SubscriptionRequestsThrottled' });
    expect((error as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(29_000);
    expect(sent).toHaveLength(1);
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

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { asObject, asString, type Json } from '../../simulator/json.ts';
import { startSimulator, type Simulator } from '../../simulator/start.ts';
import { clientFor, type Answer, type Client } from './client.ts';

/** The token buckets of ARM: off until a subscription is given some. */
let simulator: Simulator;
let client: Client;
beforeAll(async () => {
  simulator = await startSimulator({ timeScale: 0 });
  client = clientFor(simulator);
});
afterAll(async () => {
  client.close();
  await simulator.close();
});

async function subscriptionWith(buckets: Json): Promise<string> {
  const id = randomUUID();
  await client.call('POST', `/_simulator/subscriptions/${id}`, { buckets });
  return id;
}

function group(subscription: string): string {
  return `/subscriptions/${subscription}/resourceGroups/rg?api-version=2021-04-01`;
}

function put(subscription: string): Promise<Answer> {
  return client.call('PUT', group(subscription), { location: 'westus' });
}

it('each class has its own bucket, and the answers say what is left', async () => {
  const id = await subscriptionWith({ reads: [3, 0.001], writes: [5, 0.001] });
  expect((await put(id)).headers['x-ms-ratelimit-remaining-subscription-global-writes']).toBe('4');
  for (const left of ['2', '1', '0']) {
    const answer = await client.call('GET', group(id));
    expect(answer.status).toBe(200);
    expect(answer.headers['x-ms-ratelimit-remaining-subscription-global-reads']).toBe(left);
  }
  expect((await client.call('GET', group(id))).status).toBe(429);
  expect((await put(id)).status).toBe(200);
  expect((await client.call('DELETE', group(id))).status).toBe(202);
});

it('the refusal is that of ARM', async () => {
  const id = await subscriptionWith({ reads: [0, 0.2] });
  const answer = await client.call('GET', group(id));
  const error = asObject(asObject(answer.json)['error']);
  expect(answer.status).toBe(429);
  expect(error['code']).toBe('SubscriptionRequestsThrottled');
  expect(asString(error['message'])).toMatch(
    /^Number of 'read' requests for subscription '[^']+' actor '[^']*' exceeded/,
  );
  expect(answer.headers['retry-after']).toBe('5');
  expect(answer.headers['x-ms-failure-cause']).toBe('gateway');
});

it('a bucket is refilled, and a refused request takes no token', async () => {
  const id = await subscriptionWith({ writes: [1, 20] });
  expect((await put(id)).status).toBe(201);
  expect((await put(id)).status).toBe(429);
  await new Promise((resolve) => setTimeout(resolve, 80));
  expect((await put(id)).status).toBe(200);
});

it('null removes the buckets; other subscriptions have none', async () => {
  const id = await subscriptionWith({ writes: [0, 1] });
  expect((await put(id)).status).toBe(429);
  await client.call('POST', `/_simulator/subscriptions/${id}`, { buckets: null });
  expect((await put(id)).status).toBe(201);
  expect((await put(randomUUID())).headers['x-ms-ratelimit-remaining-subscription-global-writes']).toBe('11999');
});

import { describe, expect, it } from '@jest/globals';
import type { Operation } from '../../azure/contract.ts';
import { clientOf, errorOf, OP, target } from './canned-client.ts';
import type { Canned } from './fake-http.ts';

describe('poll', () => {
  type Row = {
    why: string;
    style: Operation['style'];
    method?: 'PUT' | 'DELETE';
    answer: Canned;
    gives: object | { code: string; failed: boolean };
  };
  const rows: Row[] = [
    ...['InProgress', 'Enqueued', 'Dequeued', 'Whatever'].map((status): Row => ({
      why: `${status} runs`,
      style: 'azure-async',
      answer: { status: 200, body: { status } },
      gives: { done: false, state: status },
    })),
    {
      why: 'Succeeded ends it, with no body of the resource',
      style: 'azure-async',
      answer: { status: 200, body: { status: 'Succeeded', properties: { a: 1 } } },
      gives: { done: true, body: undefined },
    },
    {
      why: 'case of the word does not matter',
      style: 'azure-async',
      answer: { status: 200, body: { status: 'succeeded' } },
      gives: { done: true },
    },
    {
      why: 'Retry-After in seconds and percentComplete',
      style: 'azure-async',
      answer: { status: 202, headers: { 'retry-after': '60' }, body: { status: 'InProgress', percentComplete: 30 } },
      gives: { done: false, retryAfterMs: 60_000 },
    },
    {
      why: 'Failed carries its own code',
      style: 'azure-async',
      answer: {
        status: 200,
        body: { status: 'Failed', error: { code: 'ServiceUnavailable', message: 'high demand' } },
      },
      gives: { code: 'ServiceUnavailable', failed: true },
    },
    {
      why: 'Canceled without an error: the status becomes the code',
      style: 'azure-async',
      answer: { status: 200, body: { status: 'Canceled' } },
      gives: { code: 'Canceled', failed: true },
    },
    {
      why: 'British spelling',
      style: 'azure-async',
      answer: { status: 200, body: { status: 'Cancelled' } },
      gives: { code: 'Cancelled', failed: true },
    },
    {
      why: 'a 500 on a poll is not a failed operation',
      style: 'azure-async',
      answer: { status: 500, body: { error: { code: 'InternalServerError', message: 'x' } } },
      gives: { code: 'InternalServerError', failed: false },
    },
    {
      why: 'the poll of a delete may answer 404',
      style: 'azure-async',
      method: 'DELETE',
      answer: { status: 404, body: { code: 'NotFound', message: 'x' } },
      gives: { done: true },
    },
    ...[404, 410].flatMap((status): Row[] => [
      {
        why: `${status}: Azure does not know the operation of a create any more; it may have succeeded or failed`,
        style: 'azure-async',
        answer: { status, body: { error: { code: 'ResourceNotFound', message: 'x' } } },
        gives: { done: 'lost' },
      },
      {
        why: `${status}: the same without a status word`,
        style: 'location',
        answer: { status },
        gives: { done: 'lost' },
      },
      {
        why: `${status}: the resource was deleted while it was written, or is not visible yet`,
        style: 'resource',
        answer: { status, body: { error: { code: 'ResourceNotFound', message: 'x' } } },
        gives: { done: 'lost' },
      },
      {
        why: `${status}: the operation of a delete has ended`,
        style: 'location',
        method: 'DELETE',
        answer: { status },
        gives: { done: true, body: undefined },
      },
    ]),
    {
      why: 'a 403 on a poll is an error with its status',
      style: 'azure-async',
      method: 'DELETE',
      answer: { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'x' } } },
      gives: { code: 'AuthorizationFailed', failed: false },
    },
    {
      why: "failure words in addition to ARM's three",
      style: 'azure-async',
      answer: { status: 200, body: { status: 'TimedOut' } },
      gives: { code: 'TimedOut', failed: true },
    },
    {
      why: 'the poll answers with the resource: an unlisted end state counts as an end',
      style: 'azure-async',
      answer: { status: 200, body: { id: 'x', properties: { provisioningState: 'Disabled' } } },
      gives: { done: true, body: undefined },
    },
    {
      why: 'an unlisted end state does not count as running',
      style: 'resource',
      answer: { status: 200, body: { properties: { provisioningState: 'Mothballed' } } },
      gives: { done: true },
    },
    {
      why: 'UpgradeFailed has ended',
      style: 'resource',
      answer: { status: 200, body: { properties: { provisioningState: 'UpgradeFailed' } } },
      gives: { code: 'UpgradeFailed', failed: true },
    },
    {
      why: 'location: 202 without a new Location keeps running',
      style: 'location',
      answer: { status: 202 },
      gives: { done: false, state: 'InProgress' },
    },
    {
      why: 'location: 200 brings the resource',
      style: 'location',
      answer: { status: 200, body: { id: 'x' } },
      gives: { done: true, body: { id: 'x' } },
    },
    {
      why: 'location: 200 empty',
      style: 'location',
      method: 'DELETE',
      answer: { status: 200 },
      gives: { done: true, body: undefined },
    },
    { why: 'location: 204', style: 'location', method: 'DELETE', answer: { status: 204 }, gives: { done: true } },
    {
      why: 'location: a failed operation shows as an error response',
      style: 'location',
      answer: { status: 409, body: { error: { code: 'StorageAccountAlreadyTaken', message: 'x' } } },
      gives: { code: 'StorageAccountAlreadyTaken', failed: true },
    },
    {
      why: 'location: throttling is not failure',
      style: 'location',
      answer: { status: 429, body: { error: { code: 'SubscriptionRequestsThrottled', message: 'x' } } },
      gives: { code: 'SubscriptionRequestsThrottled', failed: false },
    },
    {
      why: 'resource: provisioningState',
      style: 'resource',
      answer: { status: 200, body: { properties: { provisioningState: 'Creating' } } },
      gives: { done: false, state: 'Creating' },
    },
    {
      why: 'resource: MySQL has only state',
      style: 'resource',
      answer: { status: 200, body: { properties: { state: 'Updating' } } },
      gives: { done: false, state: 'Updating' },
    },
    {
      why: 'resource: MySQL Ready is done',
      style: 'resource',
      answer: { status: 200, body: { properties: { state: 'Ready' } } },
      gives: { done: true },
    },
    {
      why: 'resource: neither is done',
      style: 'resource',
      answer: { status: 200, body: { properties: {} } },
      gives: { done: true },
    },
    {
      why: 'resource: Failed',
      style: 'resource',
      answer: { status: 200, body: { properties: { provisioningState: 'Failed' } } },
      gives: { code: 'Failed', failed: true },
    },
    {
      why: 'resource: deleted',
      style: 'resource',
      method: 'DELETE',
      answer: { status: 404 },
      gives: { done: true },
    },
    {
      why: 'resource: still exists during its deletion',
      style: 'resource',
      method: 'DELETE',
      answer: { status: 200, body: { properties: { provisioningState: 'Succeeded' } } },
      gives: { done: false },
    },
  ];
  it.each(rows)('$style: $why', async ({ style, method = 'PUT', answer, gives }) => {
    const { client, sent } = clientOf([answer]);
    const operation: Operation = { style, method, ...(style === 'resource' ? {} : { url: OP }) };
    const call = client.poll(operation, target);
    if ('code' in gives) {
      const error = await errorOf(call);
      expect({ code: error.code, failed: error.operationFailed }).toEqual(gives);
    } else expect(await call).toMatchObject(gives);
    expect(sent).toHaveLength(1);
    if (style !== 'resource') expect(sent[0]?.url).toBe(OP);
  });
  it.each([
    ['another host', 'https://evil.example/op?s=SIGNATURE'],
    ['another port', 'https://arm.example/op'],
    ['not TLS', 'http://arm.example:8443/op'],
    ['a lookalike behind an @', 'https://arm.example:8443@evil.example/op'],
    ['not a URL', 'https://'],
  ])('the token does not follow a URL to %s', async (_why, url) => {
    const { client, sent } = clientOf([]);
    const error = await errorOf(client.poll({ style: 'azure-async', method: 'PUT', url }, target));
    expect(error.code).toBe('OperationUrlRefused');
    expect(error.message).not.toContain('evil');
    expect(sent).toHaveLength(0);
  });
  it('a relative URL is on the endpoint', async () => {
    const { client, sent } = clientOf([{ status: 202 }]);
    await client.poll({ style: 'location', method: 'PUT', url: '/subscriptions/s/op?x=1' }, target);
    expect(sent[0]?.url).toBe('https://arm.example:8443/subscriptions/s/op?x=1');
  });
});

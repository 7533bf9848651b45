import { describe, expect, it } from '@jest/globals';
import { createArmClient } from '../../azure/arm-client.ts';
import { ArmError } from '../../azure/arm-error.ts';
import type { ArmClient, Operation } from '../../azure/contract.ts';
import { cannedHttp, credential, type Canned } from './fake-http.ts';
const ENDPOINT = 'https://arm.example:8443/';
const OP = 'https://arm.example:8443/subscriptions/s/providers/x/operations/1?t=1&c=MII&s=SIGNATURE&h=hash';
const target = { id: '/subscriptions/s/resourceGroups/rg/providers/P.T/things/one', apiVersion: '2021-05-01' };
function clientOf(answers: Parameters<typeof cannedHttp>[0], timeoutMs = 2_000) {
  const { httpClient, sent } = cannedHttp(answers);
  const client: ArmClient = createArmClient({
    credential,
    subscriptionId: 's',
    endpoint: ENDPOINT,
    audience: 'https://management.core.windows.net/',
    timeoutMs,
    httpClient,
  });
  return { client, sent };
}
async function errorOf(call: Promise<unknown>): Promise<ArmError> {
  const error = await call.then(
    () => new Error('did not throw'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ArmError);
  return error as ArmError;
}
describe('what a PUT or DELETE leaves to follow', () => {
  const body = (state?: string) => ({ id: 'x', properties: state === undefined ? {} : { provisioningState: state } });
  const rows: {
    why: string;
    method: 'PUT' | 'DELETE';
    answer: Canned;
    style: Operation['style'] | undefined;
    url?: string;
  }[] = [
    {
      why: 'Cosmos account: 200 with a full body still runs',
      method: 'PUT',
      answer: {
        status: 200,
        headers: { 'Azure-AsyncOperation': OP, Location: 'https://arm.example:8443/l' },
        body: body('Creating'),
      },
      style: 'azure-async',
      url: OP,
    },
    {
      why: 'MySQL: the async header wins over Location; the stub body is not the resource',
      method: 'PUT',
      answer: {
        status: 202,
        headers: { 'azure-asyncoperation': OP, location: 'https://arm.example:8443/l', 'retry-after': '15' },
        body: { operation: 'UpsertServer' },
      },
      style: 'azure-async',
      url: OP,
    },
    {
      why: 'Storage: 202, empty, Location only',
      method: 'PUT',
      answer: { status: 202, headers: { location: OP, 'retry-after': '17' }, body: '' },
      style: 'location',
      url: OP,
    },
    {
      why: 'resource group delete: 202, Location only',
      method: 'DELETE',
      answer: { status: 202, headers: { location: OP } },
      style: 'location',
      url: OP,
    },
    {
      why: 'identity: a relative Location on a 201 is where it lives',
      method: 'PUT',
      answer: { status: 201, headers: { location: '/subscriptions/s/x' }, body: body() },
      style: undefined,
    },
    {
      why: 'no headers and Succeeded is done',
      method: 'PUT',
      answer: { status: 201, body: body('Succeeded') },
      style: undefined,
    },
    { why: 'no headers and no state is done', method: 'PUT', answer: { status: 200, body: body() }, style: undefined },
    {
      why: 'no headers but the body says that it runs',
      method: 'PUT',
      answer: { status: 200, body: body('ResolvingDns') },
      style: 'resource',
    },
    {
      why: 'a Location on a 200 does not hide that the body runs',
      method: 'PUT',
      answer: { status: 200, headers: { location: OP }, body: body('Updating') },
      style: 'resource',
    },
    {
      why: '202 with no header at all: only the resource can tell',
      method: 'DELETE',
      answer: { status: 202 },
      style: 'resource',
    },
    { why: 'synchronous delete, 200', method: 'DELETE', answer: { status: 200 }, style: undefined },
    { why: 'synchronous delete, 204', method: 'DELETE', answer: { status: 204 }, style: undefined },
  ];
  it.each(rows)('$why', async ({ method, answer, style, url }) => {
    const { client, sent } = clientOf([answer]);
    const got = await (method === 'PUT' ? client.put(target, { location: 'x' }) : client.delete(target));
    expect(got?.operation?.style).toBe(style);
    expect(got?.operation?.url).toBe(url);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.url).toBe(`https://arm.example:8443${target.id}?api-version=2021-05-01`);
    expect(sent[0]?.headers.get('authorization')).toBe('Bearer top-secret-token');
    const wait = answer.headers?.['retry-after'];
    if (wait === undefined) expect(got?.operation?.notBefore).toBeUndefined();
    else expect(got?.operation?.notBefore).toBeGreaterThan(Date.now() + Number(wait) * 1000 - 2000);
  });
});
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
      gives: { done: false, retryAfterMs: 60_000, percent: 30 },
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
      why: 'Canceled without an error gives the word',
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
        why: `${status}: Azure forgot the operation of a create; it may have ended either way`,
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
        why: `${status}: the resource vanished while it was written, or cannot be seen yet`,
        style: 'resource',
        answer: { status, body: { error: { code: 'ResourceNotFound', message: 'x' } } },
        gives: { done: 'lost' },
      },
      {
        why: `${status}: what a delete started is over with it`,
        style: 'location',
        method: 'DELETE',
        answer: { status },
        gives: { done: true, body: undefined },
      },
    ]),
    {
      why: 'a 403 on a poll is an error, its status in sight',
      style: 'azure-async',
      method: 'DELETE',
      answer: { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'x' } } },
      gives: { code: 'AuthorizationFailed', failed: false },
    },
    {
      why: 'words of failure beside the three of ARM',
      style: 'azure-async',
      answer: { status: 200, body: { status: 'TimedOut' } },
      gives: { code: 'TimedOut', failed: true },
    },
    {
      why: 'the poll answers with the resource: its end is an end, known or not',
      style: 'azure-async',
      answer: { status: 200, body: { id: 'x', properties: { provisioningState: 'Disabled' } } },
      gives: { done: true, body: undefined },
    },
    {
      why: 'an end that nobody has heard of does not run for ever',
      style: 'resource',
      answer: { status: 200, body: { properties: { provisioningState: 'Mothballed' } } },
      gives: { done: true },
    },
    {
      why: 'an upgrade that failed is over',
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
      why: 'location: a refusal is how failure shows',
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
      why: 'resource: being deleted and gone',
      style: 'resource',
      method: 'DELETE',
      answer: { status: 404 },
      gives: { done: true },
    },
    {
      why: 'resource: being deleted and still there',
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
describe('404 in all its forms', () => {
  it.each([
    ['gateway, wrapped', { error: { code: 'ResourceGroupNotFound', message: 'x' } }],
    ['provider, unwrapped', { code: 'NotFound', message: 'x' }],
    ['no body', ''],
    ['not JSON', '<html>'],
  ])('%s', async (_why, body) => {
    const { client } = clientOf(Array.from({ length: 4 }, () => ({ status: 404, body })));
    expect(await client.get(target)).toBeUndefined();
    expect(await client.head(target)).toBe(false);
    expect(await client.delete(target)).toBeUndefined();
    expect((await errorOf(client.put(target, {}))).status).toBe(404);
  });
});
describe('ETag and If-Match', () => {
  const weak = 'W/"4f243030-2bbc-4225-8e6e-0ae0e4fff2d5"';
  it.each([
    {
      why: 'in header and body (a network, GET)',
      answer: { status: 200, headers: { etag: weak }, body: { etag: weak } },
    },
    { why: 'in the body only (some answers of networks)', answer: { status: 200, body: { etag: weak } } },
    { why: 'in the header only (a blob container)', answer: { status: 200, headers: { ETag: weak }, body: {} } },
  ])('$why', async ({ answer }) => {
    expect((await clientOf([answer]).client.get(target))?.etag).toBe(weak);
  });
  it('none where the type has none; a property of that name is not it', async () => {
    const { client } = clientOf([{ status: 200, body: { properties: { etag: 'x' } } }]);
    expect((await client.get(target))?.etag).toBeUndefined();
  });
  it('is sent as Azure wrote it, and only when asked for', async () => {
    const { client, sent } = clientOf([
      { status: 200, body: {} },
      { status: 200, body: {} },
      { status: 200, body: {} },
    ]);
    await client.put(target, {}, { ifMatch: weak });
    await client.put(target, {}, { ifMatch: undefined });
    await client.put(target, {});
    expect(sent.map(({ headers }) => headers.get('if-match'))).toEqual([weak, undefined, undefined]);
  });
  it('a 412 has one code, whatever the provider calls it', async () => {
    const body = { error: { code: 'PreconditionFailedEtagMismatch', message: 'x' } };
    const { client } = clientOf([{ status: 412, body }]);
    expect(await errorOf(client.put(target, {}, { ifMatch: weak }))).toMatchObject({
      status: 412,
      code: 'PreconditionFailed',
      message: 'The resource was changed in Azure after it was read; nothing was written.',
    });
  });
});
describe('errors', () => {
  it('unwrapped body, CRLF, and the request id', async () => {
    const { client } = clientOf([
      {
        status: 412,
        headers: { 'x-ms-request-id': 'r1' },
        body: { code: 'PreconditionFailed', message: 'busy\r\nActivityId: a' },
      },
    ]);
    const error = await errorOf(client.put(target, {}));
    expect(error).toMatchObject({
      status: 412,
      code: 'PreconditionFailed',
      message: 'busy ActivityId: a',
      requestId: 'r1',
    });
  });
  it('innermost details are kept, help links too; other URLs, tokens and the password sent are not', async () => {
    const message = `bad 'hunter22!' see https://aka.ms/fix?x=1. and ${OP} Bearer abc.def`;
    const { client } = clientOf([
      {
        status: 400,
        body: {
          error: {
            code: 'InvalidTemplateDeployment',
            message,
            details: [{ code: 'A', message: 'a', details: [{ code: 'B', message: 'deep' }] }],
          },
        },
      },
    ]);
    const error = await errorOf(client.put(target, { properties: { administratorLoginPassword: 'hunter22!' } }));
    expect(error.message).toBe("bad '<hidden>' see https://aka.ms/fix. and <url> Bearer <hidden> B: deep");
  });
  it("a proxy's page gives the status only", async () => {
    const { client } = clientOf([{ status: 502, body: '<html>secret</html>' }]);
    const error = await errorOf(client.get(target));
    expect(error).toMatchObject({ status: 502, code: 'BadGateway' });
    expect(error.message).not.toContain('secret');
  });
  it('a silent server ends as RequestTimeout', async () => {
    const { client } = clientOf(['hang'], 30);
    expect(await errorOf(client.get(target))).toMatchObject({ status: 0, code: 'RequestTimeout' });
  });
  it("the caller's signal ends the wait", async () => {
    const { client } = clientOf(['hang']);
    const code = (await errorOf(client.get(target, { signal: AbortSignal.timeout(20) }))).code;
    expect(code).toBe('RequestAborted');
  });
  it('a refused connection keeps its code and nothing of the request', async () => {
    const { client } = clientOf([Object.assign(new Error(`connect ${OP}`), { code: 'ECONNREFUSED' })]);
    const error = await errorOf(client.get(target));
    expect(error).toMatchObject({ status: 0, code: 'ECONNREFUSED' });
    expect(error.message).not.toContain('SIGNATURE');
  });
  it('redirects are not followed', async () => {
    const { client, sent } = clientOf([{ status: 307, headers: { location: 'https://evil.example/' } }]);
    expect((await errorOf(client.get(target))).status).toBe(307);
    expect(sent).toHaveLength(1);
  });
  it('nothing is sent twice', async () => {
    const { client, sent } = clientOf([{ status: 503, headers: { 'retry-after': '1' } }]);
    expect(await errorOf(client.get(target))).toMatchObject({ status: 503, retryAfterMs: 1000 });
    expect(sent).toHaveLength(1);
  });
  it.each(['/subscriptions/s/../t', 'no-slash', '/a//b'])('an id that climbs is refused: %s', async (id) => {
    const { client, sent } = clientOf([]);
    expect((await errorOf(client.put({ id, apiVersion: '1' }, {}))).code).toBe('AzureNameInvalid');
    expect((await errorOf(client.action({ ...target }, '..'))).code).toBe('AzureNameInvalid');
    expect(sent).toHaveLength(0);
  });
  it('a name with a query is only a name; $web stays as it is', async () => {
    const { client, sent } = clientOf([{ status: 200 }]);
    await client.get({ id: '/subscriptions/s/x/a?b#c/$web', apiVersion: '1' });
    expect(sent[0]?.url).toBe('https://arm.example:8443/subscriptions/s/x/a%3Fb%23c/$web?api-version=1');
  });
  it('an action posts without a body', async () => {
    const { client, sent } = clientOf([{ status: 200, body: { key: 'v' } }]);
    expect(await client.action(target, 'listKeys')).toEqual({ key: 'v' });
    expect(sent[0]).toMatchObject({
      method: 'POST',
      url: `https://arm.example:8443${target.id}/listKeys?api-version=2021-05-01`,
    });
    expect(sent[0]?.body).toBeUndefined();
  });
});

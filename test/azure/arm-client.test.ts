import { describe, expect, it } from '@jest/globals';
import type { Operation } from '../../azure/contract.ts';
import { clientOf, errorOf, OP, target } from './canned-client.ts';
import type { Canned } from './fake-http.ts';

describe('the operation that follows a PUT or DELETE', () => {
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
      why: 'identity: a relative Location on a 201 is the address of the resource',
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
      why: 'no headers, and a running state in the body',
      method: 'PUT',
      answer: { status: 200, body: body('ResolvingDns') },
      style: 'resource',
    },
    {
      why: 'a Location on a 200, and a running state in the body',
      method: 'PUT',
      answer: { status: 200, headers: { location: OP }, body: body('Updating') },
      style: 'resource',
    },
    {
      why: '202 without headers: poll the resource',
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
  it('is undefined when the type has none; a property named etag does not count', async () => {
    const { client } = clientOf([{ status: 200, body: { properties: { etag: 'x' } } }]);
    expect((await client.get(target))?.etag).toBeUndefined();
  });
  it('is sent unchanged, and only when the caller sets it', async () => {
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
  it("a 412 has one code, whatever the provider's code is", async () => {
    const body = { error: { code: 'PreconditionFailedEtagMismatch', message: 'x' } };
    const { client } = clientOf([{ status: 412, body }]);
    expect(await errorOf(client.put(target, {}, { ifMatch: weak }))).toMatchObject({
      status: 412,
      code: 'PreconditionFailed',
      message:
        'The resource was changed in Azure after it was read, so nothing was written; it is read again and retried.',
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
  it('innermost details and help links are kept; other URLs, tokens and the password of the request are not', async () => {
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

  it('hides the values that the caller names as secret, whatever their field', async () => {
    const body = { error: { code: 'Bad', message: "'s3cr3t-x' is no ab" } };
    const { client } = clientOf([{ status: 400, body }]);
    const error = await errorOf(client.put(target, { odd: 's3cr3t-x' }, { secrets: ['s3cr3t-x', 'ab'] }));
    expect(error.message).toBe("'<hidden>' is no ab");
  });
  it("only the status of a proxy's error page is used", async () => {
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
  it('the error of a refused connection has its code and nothing of the request', async () => {
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
  it.each(['/subscriptions/s/../t', 'no-slash', '/a//b'])('an invalid id is refused: %s', async (id) => {
    const { client, sent } = clientOf([]);
    expect((await errorOf(client.put({ id, apiVersion: '1' }, {}))).code).toBe('AzureNameInvalid');
    expect((await errorOf(client.action({ ...target }, '..'))).code).toBe('AzureNameInvalid');
    expect(sent).toHaveLength(0);
  });
  it('a name that looks like a query is escaped; $web is not', async () => {
    const { client, sent } = clientOf([{ status: 200 }]);
    await client.get({ id: '/subscriptions/s/x/a?b#c/$web', apiVersion: '1' });
    expect(sent[0]?.url).toBe('https://arm.example:8443/subscriptions/s/x/a%3Fb%23c/$web?api-version=1');
  });
  it('a DELETE has the query parameters and the If-Match that it is given', async () => {
    const { client, sent } = clientOf([{ status: 200 }]);
    await client.delete(target, { query: { deleteSubscriptions: 'true', 'a b': 'c&d' }, ifMatch: '*' });
    expect(sent[0]?.url.split('?')[1]).toBe(`api-version=${target.apiVersion}&deleteSubscriptions=true&a%20b=c%26d`);
    expect(sent[0]?.headers.get('if-match')).toBe('*');
  });

  it('an action posts the body that it is given', async () => {
    const { client, sent } = clientOf([{ status: 202 }]);
    expect(await client.action(target, 'sync', { body: { syncType: 'Default' } })).toEqual({});
    expect(sent[0]?.body).toBe('{"syncType":"Default"}');
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

import { expect, it } from '@jest/globals';
import { listCosmosKeys } from '../../azure/cosmos-keys.ts';
import { Limiter } from '../../azure/limiter.ts';
import { cannedHttp, credential } from './fake-http.ts';

const id = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.DocumentDB/databaseAccounts/acc';
const common = {
  credential,
  subscriptionId: 's',
  endpoint: 'https://arm.example/',
  audience: 'https://aud/',
  timeoutMs: 2_000,
};
const keys = {
  primaryMasterKey: 'a',
  secondaryMasterKey: 'b',
  primaryReadonlyMasterKey: 'c',
  secondaryReadonlyMasterKey: 'd',
};

it('asks the configured endpoint with the api-version of the target', async () => {
  const { httpClient, sent } = cannedHttp([
    { status: 200, headers: { 'content-type': 'application/json' }, body: keys },
  ]);
  expect(await listCosmosKeys({ ...common, httpClient, target: { id, apiVersion: '2021-05-15' } })).toEqual(keys);
  expect(sent.map((request) => `${request.method} ${request.url}`)).toEqual([
    `POST https://arm.example${id}/listKeys?api-version=2021-05-15`,
  ]);
  expect(sent[0]?.headers.get('authorization')).toBe('Bearer top-secret-token');
});

it.each([
  ['wrapped', { error: { code: 'NotReady', message: 'm' } }],
  ['unwrapped', { code: 'NotReady', message: 'm' }],
])('a refusal is an ArmError, tried once: %s', async (_why, body) => {
  const limiter = new Limiter();
  const headers = { 'content-type': 'application/json', 'retry-after': '30', 'x-ms-request-id': 'r' };
  const { httpClient, sent } = cannedHttp([{ status: 429, headers, body }]);
  const call = listCosmosKeys({ ...common, httpClient, limiter, target: { id, apiVersion: '1' } });
  await expect(call).rejects.toMatchObject({
    name: 'ArmError',
    status: 429,
    code: 'NotReady',
    message: 'm',
    retryAfterMs: 30_000,
    requestId: 'r',
  });
  expect(sent).toHaveLength(1);
  await expect(limiter.waitForTurn({ method: 'POST', url: id })).rejects.toMatchObject({ code: 'TooManyRequests' });
});

it('a silent server ends as RequestTimeout', async () => {
  const { httpClient } = cannedHttp(['hang']);
  const call = listCosmosKeys({ ...common, timeoutMs: 30, httpClient, target: { id, apiVersion: '1' } });
  await expect(call).rejects.toMatchObject({ code: 'RequestTimeout' });
});

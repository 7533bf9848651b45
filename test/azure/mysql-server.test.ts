import { expect, it } from '@jest/globals';
import { Limiter } from '../../azure/limiter.ts';
import { getMysqlServer } from '../../azure/mysql-server.ts';
import { cannedHttp, credential } from './fake-http.ts';

const id = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.DBforMySQL/flexibleServers/srv';
const common = {
  credential,
  subscriptionId: 's',
  endpoint: 'https://arm.example/',
  audience: 'https://aud/',
  timeoutMs: 2_000,
};
const headers = { 'content-type': 'application/json' };

it('reads login and address at the configured endpoint and the api-version of the target', async () => {
  const properties = {
    administratorLogin: 'admin',
    fullyQualifiedDomainName: 'srv.mysql.database.azure.com',
    state: 'Ready',
  };
  const { httpClient, sent } = cannedHttp([{ status: 200, headers, body: { id, properties } }]);
  const { state: _, ...want } = properties;
  expect(await getMysqlServer({ ...common, httpClient, target: { id, apiVersion: '2023-06-30' } })).toEqual({
    properties: want,
  });
  expect(sent.map((request) => `${request.method} ${request.url}`)).toEqual([
    `GET https://arm.example${id}?api-version=2023-06-30`,
  ]);
  expect(sent[0]?.headers.get('authorization')).toBe('Bearer top-secret-token');
});

it('a throttled read is an ArmError without a retry, and other reads of the type wait', async () => {
  const limiter = new Limiter();
  const { httpClient, sent } = cannedHttp([
    { status: 429, headers: { ...headers, 'retry-after': '30' }, body: { error: { code: 'TooMany', message: 'm' } } },
  ]);
  const call = getMysqlServer({ ...common, httpClient, limiter, target: { id, apiVersion: '1' } });
  await expect(call).rejects.toMatchObject({ name: 'ArmError', status: 429, code: 'TooMany', retryAfterMs: 30_000 });
  expect(sent).toHaveLength(1);
  await expect(limiter.waitForTurn({ method: 'GET', url: id })).rejects.toMatchObject({ code: 'TooManyRequests' });
});

it('refuses the id of another type before any request', async () => {
  const { httpClient, sent } = cannedHttp([]);
  const call = getMysqlServer({
    ...common,
    httpClient,
    target: { id: id.replace('flexibleServers', 'servers'), apiVersion: '1' },
  });
  await expect(call).rejects.toMatchObject({ code: 'AzureNameInvalid' });
  expect(sent).toHaveLength(0);
});

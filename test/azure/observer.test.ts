import { describe, expect, it } from '@jest/globals';
import { createArmClient } from '../../azure/arm-client.ts';
import { listCosmosKeys } from '../../azure/cosmos-keys.ts';
import { Limiter } from '../../azure/limiter.ts';
import type { ArmObserver } from '../../azure/observer.ts';
import { target } from './canned-client.ts';
import { cannedHttp, credential, type Canned } from './fake-http.ts';

function observed(answers: (Canned | Error | 'hang')[], timeoutMs = 2_000) {
  const told: object[] = [];
  const observer: ArmObserver = {
    requestEnded: ({ durationMs, ...request }) => told.push({ ...request, timed: durationMs >= 0 }),
    turnEnded: ({ waitedMs, ...turn }) => told.push({ ...turn, waited: waitedMs >= 0 }),
    throttled: (throttling) => told.push({ throttled: throttling }),
    remaining: (quota) => told.push({ quota }),
  };
  const options = {
    credential,
    subscriptionId: 's',
    endpoint: 'https://arm.example',
    audience: 'https://management.core.windows.net/',
    limiter: new Limiter({ observed: { observer, subscriptionId: 's' } }),
    timeoutMs,
    httpClient: cannedHttp(answers).httpClient,
    observer,
  };
  return { options, client: createArmClient(options), told };
}

const KEYS = {
  primaryMasterKey: 'a',
  secondaryMasterKey: 'b',
  primaryReadonlyMasterKey: 'c',
  secondaryReadonlyMasterKey: 'd',
};
const turn = (which: string, outcome = 'sent') => ({ which, outcome, waited: true });
const ended = (method: string, status: number | string, type = 'p.t/things') => ({ method, type, status, timed: true });

describe('whoever measures the ARM client is told', () => {
  it.each<[string, Canned, object[]]>([
    ['a success', { status: 200 }, [turn('read'), ended('GET', 200)]],
    ['a refusal', { status: 403 }, [turn('read'), ended('GET', 403)]],
    [
      'what Azure would still take, by the lower header',
      {
        status: 200,
        headers: {
          'x-ms-ratelimit-remaining-subscription-global-reads': '3749',
          'x-ms-ratelimit-remaining-subscription-reads': '249',
        },
      },
      [turn('read'), ended('GET', 200), { quota: { subscriptionId: 's', which: 'read', remaining: 249 } }],
    ],
    [
      'that the subscription is throttled',
      { status: 429, body: { error: { code: 'SubscriptionRequestsThrottled', message: 'm' } } },
      [turn('read'), ended('GET', 429), { throttled: { which: 'read', scope: 'subscription' } }],
    ],
    [
      'that a type is throttled',
      { status: 503, headers: { 'retry-after': '17' } },
      [turn('read'), ended('GET', 503), { throttled: { which: 'read', scope: 'type' } }],
    ],
  ])('%s', async (_what, answer, expected) => {
    const { client, told } = observed([answer]);
    await client.get(target).catch(() => undefined);
    expect(told).toEqual(expected);
  });

  it('that there was no answer, and nothing of the error', async () => {
    const { client, told } = observed([new Error('connect to https://hunter2@proxy')]);
    await client.put(target, {}).catch(() => undefined);
    expect(told).toEqual([turn('write'), ended('PUT', 'none')]);
  });

  it('that the caller stopped waiting: this is no fault of Azure', async () => {
    const { client, told } = observed([Object.assign(new Error('aborted'), { name: 'AbortError' })]);
    const stop = new AbortController();
    const call = client.get(target, { signal: stop.signal }).catch(() => undefined);
    stop.abort();
    await call;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(told).toEqual([turn('read', 'aborted')]);
  });

  it('that the limiter held a request back', async () => {
    const { client, told } = observed([
      { status: 429, headers: { 'retry-after': '60' }, body: { error: { code: 'SubscriptionRequestsThrottled' } } },
    ]);
    await client.get(target).catch(() => undefined);
    await client.get(target).catch(() => undefined);
    expect(told.at(-1)).toEqual(turn('read', 'refused'));
  });

  it('of the typed SDKs too', async () => {
    const { options, told } = observed([{ status: 200, body: KEYS }]);
    const id = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.DocumentDB/databaseAccounts/a';
    await listCosmosKeys({ ...options, target: { id, apiVersion: '2021-05-15' } });
    expect(told).toEqual([turn('write'), ended('POST', 200, 'microsoft.documentdb/databaseaccounts')]);
  });
});

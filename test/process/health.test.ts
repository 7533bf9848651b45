import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import {
  healthRoute,
  livenessChecks,
  processChecks,
  remoteCheck,
  type EventLoopState,
  type HealthCheck,
} from '../../process/health.ts';

const fine: HealthCheck = { name: 'fine', problem: () => undefined };
const broken: HealthCheck = { name: 'broken', problem: async () => 'the reason' };
const ask = async (checks: readonly HealthCheck[], query = ''): Promise<[number, string]> => {
  const { status, body } = await healthRoute('readyz', checks)(new URLSearchParams(query));
  return [status, body];
};

describe('a health endpoint answers as that of kube-apiserver', () => {
  it.each<[string, HealthCheck[], string, number, string]>([
    ['short when all is well', [fine], '', 200, 'ok'],
    ['a line for each check', [fine], 'verbose', 200, '[+]fine ok\nreadyz check passed\n'],
    ['with a value too', [fine], 'verbose=1', 200, '[+]fine ok\nreadyz check passed\n'],
    [
      'what fails is always listed',
      [fine, broken],
      '',
      503,
      '[+]fine ok\n[-]broken failed: the reason\nreadyz check failed\n',
    ],
  ])('%s', async (_why, checks, query, status, body) => {
    expect(await ask(checks, query)).toEqual([status, body]);
  });

  it('does not wait longer than 3 s for a check', async () => {
    const silent: HealthCheck = { name: 'silent', problem: () => new Promise(() => undefined) };
    expect(await ask([silent])).toEqual([503, '[-]silent failed: no answer within 3 s\nreadyz check failed\n']);
  });

  it('does not show the text of an error', async () => {
    const thrown: HealthCheck = { name: 'thrown', problem: () => Promise.reject(new Error('hunter2')) };
    expect(await ask([thrown])).toEqual([503, '[-]thrown failed: the check itself failed\nreadyz check failed\n']);
  });

  it('asks another server once for all probes of a second', async () => {
    let asked = 0;
    const check = remoteCheck('remote', async () => {
      asked += 1;
      await sleep(20);
      return undefined;
    });
    await Promise.all([ask([check]), ask([check]), ask([check])]);
    await ask([check]);
    expect(asked).toBe(1);
    await sleep(1_100);
    await ask([check]);
    expect(asked).toBe(2);
  });
});

describe('the event loop', () => {
  const state = (p99: number, isWatched = true): EventLoopState => ({ lag: { p99, max: p99 + 1 }, isWatched });
  const never = new AbortController().signal;

  it.each([
    [0.01, 200, 200, 'free'],
    [0.9, 200, 200, 'busy'],
    [1.5, 503, 200, 'so late that new work should go elsewhere'],
    [11, 503, 503, 'only a restart helps'],
  ])('%d s late: readyz %d, livez %d: %s', async (p99, ready, live) => {
    expect((await ask(processChecks(state(p99), never)))[0]).toBe(ready);
    expect((await ask(livenessChecks(state(p99))))[0]).toBe(live);
  });

  it('is fine before it was measured', async () => {
    const unknown = { lag: undefined, isWatched: true };
    expect((await ask([...processChecks(unknown, never), ...livenessChecks(unknown)]))[0]).toBe(200);
  });

  it('says by how much it is late', async () => {
    expect((await ask(processChecks(state(1.5), never)))[1]).toContain(
      '[-]event-loop failed: it was up to 1.5 s late for 99 % of the last period, and at most 2.5 s\n',
    );
  });

  it('is not live without its watchdog', async () => {
    expect(await ask(livenessChecks(state(0, false)))).toEqual([
      503,
      '[+]event-loop ok\n[-]watchdog failed: its thread has ended: nothing would end this process if it was blocked\nreadyz check failed\n',
    ]);
  });
});

it('a process that was told to stop is not ready at once', async () => {
  const stopping = new AbortController();
  const checks = processChecks({ lag: undefined, isWatched: true }, stopping.signal);
  expect((await ask(checks))[0]).toBe(200);
  stopping.abort();
  expect(await ask(checks)).toEqual([
    503,
    '[-]shutdown failed: this process was told to stop\n[+]event-loop ok\nreadyz check failed\n',
  ]);
});

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '../support/environment.ts';
import { health, scrape, sumOf } from '../support/metrics-text.ts';
import { addressOf, served, startHealthScene, type HealthScene } from './health-scene.ts';

const NAMES = ['worker', 'watcher'] as const;
const LEADER = 'azure_temporal_operator_leader';
const RESOURCES = 'azure_temporal_operator_resources';

describe('the health of worker and watcher', () => {
  let scene: HealthScene;
  let durable: HealthScene['durable'];
  let environment: HealthScene['environment'];
  let processes: HealthScene['processes'];
  let becomes: HealthScene['becomes'];

  beforeAll(async () => {
    scene = await startHealthScene();
    ({ durable, environment, processes, becomes } = scene);
  }, 180_000);

  afterAll(async () => {
    await scene?.stop();
  }, 30_000);

  it.each([
    ['worker', ['temporal', 'kubernetes', 'workers'], ['workflow-code']],
    ['watcher', ['temporal', 'kubernetes', 'listed', 'lease'], []],
  ] as const)('of the %s: each check is listed', async (name, readiness, liveness) => {
    await becomes(name, 200);
    expect(await health(addressOf(processes[name]), '/readyz')).toEqual({ status: 200, text: 'ok' });
    expect((await health(addressOf(processes[name]), '/readyz?verbose')).text).toBe(
      `${['shutdown', 'event-loop', ...readiness].map((check) => `[+]${check} ok\n`).join('')}readyz check passed\n`,
    );
    expect(await health(addressOf(processes[name]), '/livez?verbose')).toEqual({
      status: 200,
      text: `${['event-loop', 'watchdog', ...liveness].map((check) => `[+]${check} ok\n`).join('')}livez check passed\n`,
    });
  });

  it('a follower is ready, and does not report the resources', async () => {
    const follower = durable.startWatcher(environment);
    const address = await served(follower);
    await waitFor(async () => (await health(address, '/readyz')).status === 200, 30_000);
    const leader = await scrape(addressOf(processes.watcher));
    const text = await scrape(address);
    expect([sumOf(leader, LEADER), sumOf(text, LEADER)]).toEqual([1, 0]);
    expect(sumOf(leader, RESOURCES, { kind: 'ResourceGroup', state: 'Ready', reason: 'Succeeded' })).toBe(1);
    expect(sumOf(text, RESOURCES)).toBeUndefined();
    await follower.stop();
  }, 60_000);

  it.each([
    ['the API server', 'cut', () => scene.apiServer, /\[-\]kubernetes failed: cannot GET \/readyz: Unreachable/],
    ['the API server', 'freeze', () => scene.apiServer, /\[-\]kubernetes failed: no answer within (?:2\.5|3) s/],
    ['Temporal', 'cut', () => scene.temporal, /\[-\]temporal failed: no answer/],
    ['Temporal', 'freeze', () => scene.temporal, /\[-\]temporal failed: no answer/],
  ] as const)(
    'without %s (%s): not ready, with the reason, and alive; ready again afterwards',
    async (_server, how, gate, reason) => {
      await Promise.all(NAMES.map((name) => becomes(name, 200)));
      gate()[how]();
      try {
        await Promise.all(NAMES.map((name) => becomes(name, 503, reason)));
        for (const name of NAMES) expect((await health(addressOf(processes[name]), '/livez')).status).toBe(200);
      } finally {
        gate().open();
      }
      await Promise.all(NAMES.map((name) => becomes(name, 200)));
    },
    90_000,
  );

  it('a process whose address is taken does not start, and names the setting', async () => {
    const taken = addressOf(processes.worker);
    const [worker, watcher] = [
      durable.startWorker({ ...environment, HTTP_ADDRESS: taken }),
      durable.startWatcher({ ...environment, HTTP_ADDRESS: taken }),
    ];
    for (const one of [worker, watcher]) {
      expect(await one.exited).toEqual({ code: 1, signal: null });
      expect(readFileSync(one.logFile, 'utf8')).toContain(
        `cannot listen on HTTP_ADDRESS ${taken}: another process listens there`,
      );
    }
  }, 30_000);
});

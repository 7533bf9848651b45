import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ManagedProcess } from '../../dev/processes.ts';
import { waitFor } from '../support/environment.ts';
import { health, scrape, sumOf } from '../support/metrics-text.ts';
import { SUBSCRIPTION } from './durable-stack.ts';
import { addressOf, GROUP, READY_WITHIN_MS, served, startHealthScene, type HealthScene } from './health-scene.ts';
import { account, resourceGroup } from './manifests.ts';

const STOPS_WITHIN_MS = 10_000;

describe('the start and the end of worker and watcher', () => {
  let scene: HealthScene;
  let durable: HealthScene['durable'];
  let temporal: HealthScene['temporal'];
  let environment: HealthScene['environment'];
  let processes: HealthScene['processes'];
  let becomes: HealthScene['becomes'];

  beforeAll(async () => {
    scene = await startHealthScene();
    ({ durable, temporal, environment, processes, becomes } = scene);
  }, 180_000);

  afterAll(async () => {
    await scene?.stop();
  }, 30_000);

  it('a worker and a watcher that start before Temporal: not ready, with the reason, and metrics; then ready', async () => {
    temporal.cut();
    const started = [durable.startWorker(environment), durable.startWatcher(environment)];
    try {
      const [worker = '', watcher = ''] = await Promise.all(started.map(served));
      const waiting = await waitFor(async () => {
        const answer = await health(worker, '/readyz');
        return answer.text.includes('[-]workers failed: not started yet') && answer;
      }, 20_000);
      expect(waiting).toMatchObject({ status: 503, text: expect.stringContaining('[-]temporal failed: ') });
      expect((await health(worker, '/livez')).status).toBe(200);
      expect((await health(watcher, '/readyz')).text).toContain('[-]temporal failed: ');
      await scrape(worker);
      temporal.open();
      for (const address of [worker, watcher])
        await waitFor(async () => (await health(address, '/readyz')).status === 200, READY_WITHIN_MS);
    } finally {
      temporal.open();
      await Promise.all(started.map((one) => one.stop()));
    }
  }, 120_000);

  it('a worker that still waits for Temporal ends at once when it is told to', async () => {
    temporal.cut();
    try {
      const waiting = durable.startWorker(environment);
      await served(waiting);
      const toldAt = Date.now();
      expect(await waiting.stop(20_000)).toEqual({ code: 0, signal: null });
      expect(Date.now() - toldAt).toBeLessThan(STOPS_WITHIN_MS);
    } finally {
      temporal.open();
    }
  }, 60_000);

  it('on SIGTERM the worker is not ready from then on, ends within 10 s, and the next one continues its steps', async () => {
    await Promise.all([becomes('worker', 200), becomes('watcher', 200)]);
    await durable.simulator('POST', `/subscriptions/${SUBSCRIPTION}`, { hold: true });
    const polled = account('health-polled', GROUP);
    const sent = resourceGroup('health-sent');
    await durable.kube.apply(polled);
    await waitFor(
      async () => (await durable.pending(polled)).some(({ step, started }) => step === 'pollProvisioning' && started),
      30_000,
    );
    // A PUT on the wire when the signal comes.
    await durable.simulator('POST', '/faults', { match: { method: 'PUT', path: '/health-sent\\?' }, delayMs: 2_000 });
    await durable.kube.apply(sent);
    await waitFor(
      async () => (await durable.pending(sent)).some(({ step, started }) => step === 'createOrUpdate' && started),
      15_000,
    );
    const { exit, tookMs, statuses } = await stopAndProbe(processes.worker);
    expect(exit).toEqual({ code: 0, signal: null });
    expect(tookMs).toBeLessThan(STOPS_WITHIN_MS);
    expect(statuses).toContain(503);
    expect(statuses).not.toContain(200);
    processes.worker = durable.startWorker(environment);
    await durable.simulator('POST', `/subscriptions/${SUBSCRIPTION}`, { hold: false });
    await durable.simulator('POST', '/operations/finish', { subscription: SUBSCRIPTION });
    for (const manifest of [polled, sent]) await durable.ready(manifest, 60_000);
    expect(await durable.sent('PUT', 'health-polled')).toBe(1);
  }, 180_000);

  it('on SIGTERM a watcher whose signal hangs is not ready from then on, ends within 10 s, and the next one sends it', async () => {
    await Promise.all([becomes('worker', 200), becomes('watcher', 200)]);
    temporal.freeze();
    const late = resourceGroup('health-late');
    try {
      await durable.kube.apply(late);
      await waitFor(async () => (await queueOf(processes.watcher)) > 0, 15_000);
      const { exit, tookMs, statuses } = await stopAndProbe(processes.watcher);
      expect(exit).toEqual({ code: 0, signal: null });
      expect(tookMs).toBeLessThan(STOPS_WITHIN_MS);
      expect(statuses).toContain(503);
      expect(statuses).not.toContain(200);
    } finally {
      temporal.open();
    }
    processes.watcher = durable.startWatcher(environment);
    await durable.ready(late, 60_000);
  }, 120_000);

  it('on SIGTERM an idle watcher ends by itself, with code 0', async () => {
    await becomes('watcher', 200);
    const { exit, tookMs, statuses } = await stopAndProbe(processes.watcher);
    expect(exit).toEqual({ code: 0, signal: null });
    expect(tookMs).toBeLessThan(STOPS_WITHIN_MS);
    expect(statuses).not.toContain(200);
    processes.watcher = durable.startWatcher(environment);
  }, 60_000);
});

/** SIGTERM, and the answers of `/readyz` from then until the process has ended; 0: nobody listened. */
async function stopAndProbe(
  running: ManagedProcess,
): Promise<{ exit: { code: number | null; signal: string | null }; tookMs: number; statuses: number[] }> {
  const address = addressOf(running);
  const statuses: number[] = [];
  const toldAt = Date.now();
  process.kill(running.pid, 'SIGTERM');
  let exit: { code: number | null; signal: string | null } | undefined;
  void running.exited.then((how) => (exit = how));
  // The signal is on its way; what counts is every answer from then on.
  await new Promise((resolve) => setTimeout(resolve, 20));
  while (exit === undefined && Date.now() - toldAt < 20_000) {
    statuses.push((await health(address, '/readyz')).status);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { exit: exit ?? { code: null, signal: 'still running' }, tookMs: Date.now() - toldAt, statuses };
}

async function queueOf(watcher: ManagedProcess): Promise<number> {
  return sumOf(await scrape(addressOf(watcher)), 'azure_temporal_operator_signal_queue_length') ?? 0;
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ManagedProcess } from '../../dev/processes.ts';
import { waitFor } from '../support/environment.ts';
import { health, scrape, sumOf } from '../support/metrics-text.ts';
import { startApiServerGate, startTcpGate, type TcpGate } from '../support/tcp-gate.ts';
import { startDurableStack, SUBSCRIPTION, type DurableStack } from './durable-stack.ts';
import { account, resourceGroup } from './manifests.ts';

const GROUP = 'health-rg';
const STOPS_WITHIN_MS = 10_000;
const UNREADY_WITHIN_MS = 15_000;
const READY_WITHIN_MS = 30_000;

describe('the health of worker and watcher', () => {
  let durable: DurableStack;
  let apiServer: TcpGate;
  let temporal: TcpGate;
  let environment: Record<string, string>;
  const processes: Record<'worker' | 'watcher', ManagedProcess> = {} as never;

  beforeAll(async () => {
    durable = await startDurableStack();
    const kubeconfig = join(durable.stack.directory, 'cuttable-kubeconfig');
    apiServer = await startApiServerGate(durable.stack.kubeconfig, kubeconfig);
    temporal = await startTcpGate(durable.stack.temporalAddress);
    environment = { KUBECONFIG: kubeconfig, TEMPORAL_ADDRESS: temporal.address };
    processes.worker = durable.startWorker(environment);
    processes.watcher = durable.startWatcher(environment);
    await durable.kube.apply(resourceGroup(GROUP));
    await durable.ready(resourceGroup(GROUP), 60_000);
  }, 180_000);

  afterAll(async () => {
    apiServer?.close();
    temporal?.close();
    await durable?.stop();
  }, 30_000);

  it.each([
    ['worker', ['temporal', 'kubernetes', 'workers']],
    ['watcher', ['temporal', 'kubernetes', 'listed', 'lease']],
  ] as const)('of the %s: each check is listed', async (name, checks) => {
    await becomes(name, 200);
    expect(await health(addressOf(processes[name]), '/readyz')).toEqual({ status: 200, text: 'ok' });
    expect((await health(addressOf(processes[name]), '/readyz?verbose')).text).toBe(
      `${['shutdown', 'event-loop', ...checks].map((check) => `[+]${check} ok\n`).join('')}readyz check passed\n`,
    );
    expect(await health(addressOf(processes[name]), '/livez?verbose')).toEqual({
      status: 200,
      text: '[+]event-loop ok\n[+]watchdog ok\nlivez check passed\n',
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

  describe.each(['worker', 'watcher'] as const)('of the %s', (name) => {
    it.each([
      ['the API server', () => apiServer, 'cut', /\[-\]kubernetes failed: cannot GET \/readyz: Unreachable/],
      ['the API server', () => apiServer, 'freeze', /\[-\]kubernetes failed: no answer within 2\.5 s/],
      ['Temporal', () => temporal, 'cut', /\[-\]temporal failed: (Temporal's frontend: |no answer)/],
      ['Temporal', () => temporal, 'freeze', /\[-\]temporal failed: (Temporal's frontend: no answer|no answer)/],
    ] as const)(
      'without %s (%3$s): not ready, with the reason, and alive; ready again afterwards',
      async (_server, gate, how, reason) => {
        await becomes(name, 200);
        gate()[how]();
        try {
          const { text } = await becomes(name, 503);
          expect(text).toMatch(reason);
          expect((await health(addressOf(processes[name]), '/livez')).status).toBe(200);
        } finally {
          gate().open();
        }
        await becomes(name, 200);
      },
      90_000,
    );
  });

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

  const LEADER = 'azure_temporal_operator_leader';
  const RESOURCES = 'azure_temporal_operator_resources';

  async function becomes(name: 'worker' | 'watcher', status: number): Promise<{ text: string }> {
    const address = await served(processes[name]);
    let last = { status: 0, text: '' };
    return await waitFor(
      async () => (last = await health(address, '/readyz')).status === status && last,
      status === 200 ? READY_WITHIN_MS : UNREADY_WITHIN_MS,
    ).catch((error: unknown) => {
      throw new Error(`${name}: wanted ${String(status)}, is ${String(last.status)}: ${last.text}`, { cause: error });
    });
  }
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

async function served(running: ManagedProcess): Promise<string> {
  return await waitFor(() => addressIn(running), 20_000);
}

function addressOf(running: ManagedProcess): string {
  const address = addressIn(running);
  if (address === undefined) throw new Error(`${running.name} does not serve yet`);
  return address;
}

function addressIn({ logFile }: ManagedProcess): string | undefined {
  return /"address":"([^"]+)"[^\n]*serving \/livez/.exec(readFileSync(logFile, 'utf8'))?.[1];
}

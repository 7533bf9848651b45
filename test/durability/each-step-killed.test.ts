import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Manifest } from '../../dev/kube-api.ts';
import type { ManagedProcess } from '../../dev/processes.ts';
import { keyOf, waitFor } from '../support/environment.ts';
import { startDurableOperator } from './durable-operator.ts';
import { laterAttempts, SUBSCRIPTION, workflowIdOf } from './durable-stack.ts';
import type { DurableStack } from './durable-stack.ts';
import type { HoldPoint } from './kube-gate.ts';
import { account } from './manifests.ts';

const GOES_ON_WITHIN_MS = 10_000;
const GROUP = 'durability-rg';
/**
 * Steps that only call Kubernetes: they run as local activities, and end with the workflow task of the killed worker.
 */
const LOCAL = new Set(['resolveInputs', 'writeSecrets', 'patchReady', 'releaseFinalizer']);

type Trap =
  /** How long ARM takes to answer. It executes the request even if the sender was killed. */
  | { readonly arm: { method: string; path: string; delayMs: number } }
  /** Whether the operation runs until the test ends it. */
  | { readonly operations: 'hold' }
  | { readonly kube: { point: HoldPoint; method: string; path: string; body: string } };

interface Row {
  readonly step: string;
  readonly reason: string;
  readonly trap: (name: string) => Trap;
}

const CREATING: readonly Row[] = [
  {
    step: 'resolveInputs',
    reason: 'the claim was never stored, so the next attempt stores it before Azure is called',
    trap: (name) => ({ kube: { point: 'request', method: 'PATCH', path: `/${name}`, body: 'finalizers' } }),
  },
  {
    step: 'createOrUpdate',
    reason: 'Azure takes the PUT after its sender has died: the next attempt joins that operation',
    trap: (name) => ({ arm: { method: 'PUT', path: `/${name}\\?`, delayMs: 2_000 } }),
  },
  {
    step: 'pollProvisioning',
    reason: 'the operation is known to the history and is followed by the next worker',
    trap: () => ({ operations: 'hold' }),
  },
  {
    step: 'fetchKeys',
    reason: 'reading keys again is harmless',
    trap: (name) => ({ arm: { method: 'POST', path: `/${name}/listKeys`, delayMs: 5_000 } }),
  },
  {
    step: 'writeSecrets',
    reason: 'one Secret is written and the other is not; the next attempt completes both',
    trap: (name) => ({ kube: { point: 'request', method: '', path: `/secrets.*`, body: `${name}-endpoint` } }),
  },
  {
    step: 'patchReady',
    reason: 'the write has arrived, but its answer was lost',
    trap: (name) => ({ kube: { point: 'answer', method: 'PATCH', path: `/${name}/status`, body: '"Succeeded"' } }),
  },
];

const DELETING: readonly Row[] = [
  {
    step: 'deleteResource',
    reason: 'Azure takes the DELETE after its sender has died: the next attempt finds it deleting or gone',
    trap: (name) => ({ arm: { method: 'DELETE', path: `/${name}\\?`, delayMs: 2_000 } }),
  },
  {
    step: 'pollDeletion',
    reason: 'the finalizer stays until the next worker has seen the deletion end',
    trap: () => ({ operations: 'hold' }),
  },
  {
    step: 'releaseFinalizer',
    reason: 'the finalizer is released, but the answer was lost: the next attempt accepts that the resource is gone',
    trap: (name) => ({ kube: { point: 'answer', method: 'PATCH', path: `/${name}`, body: 'finalizers' } }),
  },
];

describe('a worker that is SIGKILLed in the middle of a step', () => {
  let durable: DurableStack;
  let worker: ManagedProcess;

  beforeAll(async () => {
    ({ durable, worker } = await startDurableOperator(GROUP));
    // Those that are to be deleted are created side by side.
    const accounts = DELETING.map(({ step }) => account(nameOf(step), GROUP));
    await Promise.all(accounts.map((manifest) => durable.kube.apply(manifest)));
    await Promise.all(accounts.map((manifest) => durable.ready(manifest, 30_000)));
  }, 120_000);

  afterAll(async () => {
    await durable?.stop();
  }, 30_000);

  it.each(CREATING)(
    '$step: $reason',
    async ({ step, trap }) => {
      const manifest = account(nameOf(step), GROUP);
      const { runId, killedAt } = await killIn(step, manifest, trap(manifest.metadata.name), () =>
        durable.kube.apply(manifest),
      );
      await durable.ready(manifest);
      await expectGoneOn(manifest, { step, runId, killedAt });
      expect(await durable.sent('PUT', manifest.metadata.name)).toBe(1);
      for (const [suffix, key] of [
        ['key', 'primary'],
        ['endpoint', 'endpoint'],
      ] as const) {
        const secret = await durable.kube.get({
          apiVersion: 'v1',
          kind: 'Secret',
          namespace: 'default',
          name: `${manifest.metadata.name}-${suffix}`,
        });
        expect(Object.keys(secret?.data ?? {})).toEqual([key]);
      }
    },
    40_000,
  );

  it.each(DELETING)(
    '$step: $reason',
    async ({ step, trap }) => {
      const manifest = account(nameOf(step), GROUP);
      const { runId, killedAt } = await killIn(step, manifest, trap(manifest.metadata.name), () =>
        durable.kube.delete(keyOf(manifest)),
      );
      await durable.gone(keyOf(manifest));
      const handle = durable.client.workflow.getHandle(workflowIdOf(manifest), runId);
      await waitFor(async () => (await handle.describe()).status.name === 'COMPLETED', 2 * GOES_ON_WITHIN_MS);
      await expectGoneOn(manifest, { step, runId, killedAt });
      expect(await durable.sent('PUT', manifest.metadata.name)).toBe(1);
      expect(await durable.sent('DELETE', manifest.metadata.name)).toBe(1);
    },
    40_000,
  );

  /** Lets the step begin, kills the worker in it, and starts another. */
  async function killIn(
    step: string,
    manifest: Manifest,
    trap: Trap,
    begin: () => Promise<unknown>,
  ): Promise<{ runId: string; killedAt: number }> {
    let caught: Promise<unknown> | undefined;
    if ('arm' in trap) {
      const { method, path, delayMs } = trap.arm;
      await durable.simulator('POST', '/faults', { match: { method, path }, delayMs });
    } else if ('operations' in trap) {
      await durable.simulator('POST', `/subscriptions/${SUBSCRIPTION}`, { hold: true });
    } else {
      const { kube } = trap;
      const held = durable.gate.hold(
        kube.point,
        (method, path, body) =>
          (kube.method === '' ? method !== 'GET' : method === kube.method) &&
          new RegExp(`${kube.path}(\\?|$)`).test(path) &&
          body.includes(kube.body),
      );
      caught = held.caught;
    }
    await begin();
    await caught;
    if (!LOCAL.has(step))
      await waitFor(
        async () =>
          (await durable.pending(manifest)).some(
            (pending) => pending.step === step && pending.started && (step !== 'createOrUpdate' || pending.heartbeat),
          ),
        10_000,
        20,
      );
    // What is delayed in ARM is by now on the wire; the read that precedes it takes some 10 ms.
    if ('arm' in trap) await new Promise((resolve) => setTimeout(resolve, 300));
    const { runId } = await durable.client.workflow.getHandle(workflowIdOf(manifest)).describe();
    const killedAt = Date.now();
    await worker.kill('SIGKILL');
    worker = durable.startWorker();
    if ('operations' in trap) {
      await waitFor(
        async () =>
          (await durable.pending(manifest)).some(
            (pending) => pending.step === step && pending.attempt > 1 && pending.started,
          ),
        GOES_ON_WITHIN_MS,
      );
      await durable.simulator('POST', `/subscriptions/${SUBSCRIPTION}`, { hold: false });
      await durable.simulator('POST', '/operations/finish', { subscription: SUBSCRIPTION });
    }
    return { runId, killedAt };
  }

  async function expectGoneOn(
    manifest: Manifest,
    { step, runId, killedAt }: { step: string; runId: string; killedAt: number },
  ): Promise<void> {
    // A local step is run again with its workflow task and has no attempts of its own; that it went on is what came of it.
    if (LOCAL.has(step)) return;
    const later = await waitFor(async () => {
      const attempts = await laterAttempts(durable.client, workflowIdOf(manifest), runId, step);
      return attempts.length > 0 ? attempts : undefined;
    }, GOES_ON_WITHIN_MS);
    expect(later[0]! - killedAt).toBeGreaterThan(0);
    expect(later[0]! - killedAt).toBeLessThan(GOES_ON_WITHIN_MS);
    if (process.env['DURABILITY_TIMES'])
      process.stderr.write(`${step}: went on after ${Math.round(later[0]! - killedAt)} ms\n`);
  }
});

function nameOf(step: string): string {
  return `db-${step.toLowerCase()}`;
}

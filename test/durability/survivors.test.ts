import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ManagedProcess } from '../../dev/processes.ts';
import { readyOf, waitFor } from '../support/environment.ts';
import { startDurableOperator } from './durable-operator.ts';
import { SUBSCRIPTION } from './durable-stack.ts';
import type { DurableStack } from './durable-stack.ts';
import { account, resourceGroup } from './manifests.ts';

const GROUP = 'survivors-rg';
const IDLE_WITHIN_MS = 4_000;

describe('what survives a SIGKILL', () => {
  let durable: DurableStack;
  let worker: ManagedProcess;

  beforeAll(async () => {
    ({ durable, worker } = await startDurableOperator(GROUP));
  }, 90_000);

  afterAll(async () => {
    await durable?.stop();
  }, 30_000);

  it('a Temporal server killed in the middle of polling: the same operation is followed to its end', async () => {
    const manifest = account('db-temporal', GROUP);
    await durable.simulator('POST', `/subscriptions/${SUBSCRIPTION}`, { hold: true });
    await durable.kube.apply(manifest);
    await waitFor(
      async () => (await durable.pending(manifest)).some(({ step, started }) => step === 'pollProvisioning' && started),
      15_000,
    );
    const killedAt = Date.now();
    await durable.stack.restartTemporal();
    await durable.simulator('POST', `/subscriptions/${SUBSCRIPTION}`, { hold: false });
    await durable.simulator('POST', '/operations/finish', { subscription: SUBSCRIPTION });
    await durable.ready(manifest, 10_000 - (Date.now() - killedAt));
    expect(await durable.sent('PUT', 'db-temporal')).toBe(1);
  }, 60_000);

  it('a change made while Temporal is down is acted on once it is up again', async () => {
    const before = await durable.sent('PUT', GROUP);
    await durable.stack.temporal.kill();
    const tagged = resourceGroup(GROUP, { changed: 'without-temporal' });
    await durable.kube.apply(tagged);
    await durable.stack.restartTemporal();
    await durable.ready(tagged, 10_000);
    expect(await durable.sent('PUT', GROUP)).toBe(before + 1);
  }, 40_000);

  it('an idle resource whose worker is killed: another worker acts on its next change', async () => {
    const second = durable.startWorker();
    await durable.logged(second, '"ready"');
    const before = await durable.sent('PUT', GROUP);
    // Idle in the cache of the first worker, which ends now.
    await worker.kill('SIGKILL');
    const changedAt = Date.now();
    const tagged = resourceGroup(GROUP, { changed: 'worker-killed' });
    await durable.kube.apply(tagged);
    await durable.ready(tagged, 15_000);
    expect(Date.now() - changedAt).toBeLessThan(IDLE_WITHIN_MS);
    expect(await durable.sent('PUT', GROUP)).toBe(before + 1);
    const object = await durable.kube.get({ ...tagged, name: GROUP, namespace: 'default' });
    expect(object && readyOf(object)?.reason).toBe('Succeeded');
  }, 40_000);
});

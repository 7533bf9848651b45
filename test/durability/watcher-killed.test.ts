import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { ManagedProcess } from '../../dev/processes.ts';
import { startDurableOperator } from './durable-operator.ts';
import type { DurableStack } from './durable-stack.ts';
import { resourceGroup } from './manifests.ts';

const GROUP = 'survivors-rg';
const IDLE_WITHIN_MS = 4_000;

describe('a watcher that is SIGKILLed', () => {
  let durable: DurableStack;
  let watcher: ManagedProcess;

  beforeAll(async () => {
    ({ durable, watcher } = await startDurableOperator(GROUP));
  }, 90_000);

  afterAll(async () => {
    await durable?.stop();
  }, 30_000);

  it('a change made while the watcher is down is acted on once it is up again', async () => {
    await watcher.kill('SIGKILL');
    const tagged = resourceGroup(GROUP, { changed: 'while-down' });
    await durable.kube.apply(tagged);
    watcher = durable.startWatcher();
    await durable.logged(watcher, '"watching"');
    await durable.logged(watcher, '"leading"');
    await durable.ready(tagged, IDLE_WITHIN_MS);
    expect(await durable.sent('PUT', GROUP)).toBe(2);
  }, 40_000);

  it('a restarted watcher signals no resource whose reconcile has ended, and causes no request to Azure', async () => {
    const before = await durable.sent('PUT', GROUP);
    await watcher.kill('SIGKILL');
    watcher = durable.startWatcher();
    await durable.logged(watcher, '"leading"');
    await durable.logged(watcher, '"watching"');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(readFileSync(watcher.logFile, 'utf8')).not.toContain('"signalled"');
    expect(await durable.sent('PUT', GROUP)).toBe(before);
  }, 30_000);
});

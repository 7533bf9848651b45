import { readFile, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePorts } from '../../dev/free-ports.ts';
import type { ManagedProcess } from '../../dev/processes.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { startDurableOperator } from './durable-operator.ts';
import { SUBSCRIPTION, type DurableStack } from './durable-stack.ts';
import { account } from './manifests.ts';

const GROUP = 'stuck-rg';

/**
 * `npm run test:long`: it waits for half a minute before the worker says anything. The short form is
 * test/worker/stuck-workflows.test.ts.
 */
describe('a run that this release of the worker cannot replay', () => {
  let durable: DurableStack;
  let worker: ManagedProcess;

  beforeAll(async () => {
    ({ durable, worker } = await startDurableOperator(GROUP));
  }, 120_000);

  afterAll(async () => {
    await durable?.stop();
  }, 30_000);

  it('is told in the condition and in a metric, and the release that began the run finishes it', async () => {
    const manifest = account('stuck-release', GROUP);
    await durable.simulator('POST', `/subscriptions/${SUBSCRIPTION}`, { hold: true });
    await durable.kube.apply(manifest);
    await waitFor(async () => (await durable.pending(manifest)).some(isPolling), 15_000);
    await worker.kill('SIGKILL');
    const [port = 0] = await freePorts(1);
    const other = durable.startWorker({
      WORKFLOW_BUNDLE: await incompatibleBundle(),
      METRICS_ADDRESS: `127.0.0.1:${String(port)}`,
    });
    await durable.simulator('POST', `/subscriptions/${SUBSCRIPTION}`, { hold: false });
    await durable.simulator('POST', '/operations/finish', { subscription: SUBSCRIPTION });
    const condition = await waitFor(async () => {
      const object = await durable.kube.get(keyOf(manifest));
      const ready = object && readyOf(object);
      return ready?.reason === 'WorkflowTaskFailed' ? ready : undefined;
    }, 90_000);
    expect(condition).toMatchObject({ status: 'False', message: expect.stringContaining('docs/upgrades.md') });
    expect(condition?.message).toContain('NON_DETERMINISTIC_ERROR');
    const metrics = await textOf(`http://127.0.0.1:${String(port)}/metrics`);
    expect(metrics).toMatch(/^temporal_workflow_task_execution_failed\{[^}]*\} [1-9]/m);
    await other.kill('SIGKILL');
    durable.startWorker();
    await durable.ready(manifest, 60_000);
    expect(await durable.sent('PUT', 'stuck-release')).toBe(1);
  }, 240_000);

  const isPolling = ({ step, started }: { step: string; started: boolean }): boolean =>
    step === 'pollProvisioning' && started;

  /** As of a release whose step has another name. */
  async function incompatibleBundle(): Promise<string> {
    const file = join(durable.stack.logDirectory, 'incompatible-bundle.js');
    const code = await readFile(durable.bundle, 'utf8');
    await writeFile(file, code.replaceAll('createOrUpdate', 'createOrReplace'));
    return file;
  }
});

async function textOf(url: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    get(url, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.once('end', () => resolve(text));
    }).once('error', reject);
  });
}

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { watchStuckWorkflows, type StuckWorkflow } from '../../worker/stuck-workflows.ts';
import { waitFor } from '../support/environment.ts';
import { startTestTemporal, TASK_QUEUE, type TestTemporal } from './temporal.ts';

describe('a run whose workflow task fails', () => {
  let temporal: TestTemporal;
  beforeAll(async () => {
    temporal = await startTestTemporal();
  }, 60_000);
  afterAll(async () => {
    await temporal.stop();
  }, 30_000);

  it('is reported once, with its cause and since when; a run that waits is not', async () => {
    const { client } = temporal;
    const worker = await temporal.startWorker('stuck.ts');
    await client.workflow.start('waiting', { taskQueue: TASK_QUEUE, workflowId: 'waiting' });
    const broken = await client.workflow.start('broken', { taskQueue: TASK_QUEUE, workflowId: 'broken' });
    const signalled = Date.now();
    await broken.signal('changed');
    const reported: { workflowId: string; stuck: StuckWorkflow }[] = [];
    const failures: unknown[] = [];
    const ending = new AbortController();
    let refusals = 1;
    const ended = watchStuckWorkflows(
      {
        client,
        taskQueue: TASK_QUEUE,
        report: async (workflowId, stuck) => {
          // The API server may refuse: a report that failed is repeated by the next scan.
          if (refusals-- > 0) throw new Error('the condition cannot be written');
          reported.push({ workflowId, stuck });
        },
        onError: (error) => failures.push(error),
      },
      { everyMs: 200, afterMs: 2_000, signal: ending.signal },
    );
    await waitFor(() => reported.length > 0, 60_000);
    const after = Date.now();
    // Five more scans: the run is still stuck, and it is not reported again.
    await waitFor(() => Date.now() - after > 2_000, 5_000);
    ending.abort();
    await ended;

    expect(reported.map(({ workflowId }) => workflowId)).toEqual(['broken']);
    expect(reported[0]?.stuck).toMatchObject({
      runId: broken.firstExecutionRunId,
      cause: 'WORKFLOW_WORKER_UNHANDLED_FAILURE',
    });
    expect(reported[0]?.stuck.attempt).toBeGreaterThanOrEqual(2);
    const since = reported[0]?.stuck.since.getTime() ?? 0;
    expect(since).toBeGreaterThanOrEqual(signalled - 1);
    expect(after - since).toBeGreaterThanOrEqual(2_000);
    expect(failures).toEqual([new Error('the condition cannot be written')]);
    await worker.stop();
  }, 90_000);

  it('because its history is that of another release is reported with that cause', async () => {
    const { client } = temporal;
    const first = await temporal.startWorker('first-release.ts');
    const run = await client.workflow.start('reconcile', { taskQueue: TASK_QUEUE, workflowId: 'of-the-first-release' });
    // Its first task is done when the timer stands in its history.
    await waitFor(async () => (await run.describe()).historyLength >= 5, 30_000);
    await first.stop();
    await temporal.startWorker('second-release.ts');
    await run.signal('changed');
    const ending = new AbortController();
    const stuck = new Map<string, StuckWorkflow>();
    const ended = watchStuckWorkflows(
      {
        client,
        taskQueue: TASK_QUEUE,
        report: async (workflowId, one) => {
          stuck.set(workflowId, one);
        },
        onError: (error) => {
          throw error;
        },
      },
      { everyMs: 200, afterMs: 0, signal: ending.signal },
    );
    await waitFor(() => stuck.has('of-the-first-release'), 60_000);
    ending.abort();
    await ended;
    expect(stuck.get('of-the-first-release')?.cause).toBe('NON_DETERMINISTIC_ERROR');
  }, 120_000);
});

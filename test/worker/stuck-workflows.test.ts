import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { watchStuckWorkflows, type StuckWorkflow } from '../../worker/stuck-workflows.ts';
import { waitFor } from '../support/environment.ts';
import { startTestTemporal, TASK_QUEUE, type TestTemporal } from './temporal.ts';

describe('a run whose workflow task fails', () => {
  let temporal: TestTemporal;
  beforeAll(async () => {
    temporal = await startTestTemporal();
    await temporal.startWorker('stuck.ts');
  }, 60_000);
  afterAll(async () => {
    await temporal.stop();
  }, 30_000);

  it('is told once, with its cause and since when; one that waits is not', async () => {
    const { client } = temporal;
    await client.workflow.start('waiting', { taskQueue: TASK_QUEUE, workflowId: 'waiting' });
    const broken = await client.workflow.start('broken', { taskQueue: TASK_QUEUE, workflowId: 'broken' });
    const signalled = Date.now();
    await broken.signal('changed');
    const told: { workflowId: string; stuck: StuckWorkflow }[] = [];
    const failures: unknown[] = [];
    const ending = new AbortController();
    let refusals = 1;
    const ended = watchStuckWorkflows(
      {
        client,
        taskQueue: TASK_QUEUE,
        tell: async (workflowId, stuck) => {
          // As the API server may: what could not be told is told at the next look.
          if (refusals-- > 0) throw new Error('the condition cannot be written');
          told.push({ workflowId, stuck });
        },
        failed: (error) => failures.push(error),
      },
      { everyMs: 200, afterMs: 2_000, signal: ending.signal },
    );
    await waitFor(() => told.length > 0, 60_000);
    const after = Date.now();
    // Five more looks: it is still stuck, and nobody is told again.
    await waitFor(() => Date.now() - after > 2_000, 5_000);
    ending.abort();
    await ended;

    expect(told.map(({ workflowId }) => workflowId)).toEqual(['broken']);
    expect(told[0]?.stuck).toMatchObject({
      runId: broken.firstExecutionRunId,
      cause: 'WORKFLOW_WORKER_UNHANDLED_FAILURE',
    });
    expect(told[0]?.stuck.attempt).toBeGreaterThanOrEqual(2);
    const since = told[0]?.stuck.since.getTime() ?? 0;
    expect(since).toBeGreaterThanOrEqual(signalled - 1);
    expect(after - since).toBeGreaterThanOrEqual(2_000);
    expect(failures).toEqual([new Error('the condition cannot be written')]);
  }, 90_000);
});

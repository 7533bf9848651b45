import { proxyActivities } from '@temporalio/workflow';
import { TASK_QUEUE } from '../../../contract/resource-ref.ts';

/** What whoever reaches Temporal can write: a workflow of their own that schedules a step of the operator's worker. */
export async function foreign(step: string, input: unknown): Promise<unknown> {
  const steps = proxyActivities<Record<string, (given: unknown) => Promise<unknown>>>({
    taskQueue: TASK_QUEUE,
    startToCloseTimeout: '20 seconds',
    retry: { maximumAttempts: 1 },
  });
  return await steps[step]?.(input);
}

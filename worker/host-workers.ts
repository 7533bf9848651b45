import { GracefulShutdownPeriodExpiredError, Worker, type NativeConnection } from '@temporalio/worker';
import { POLL_TASK_QUEUE, TASK_QUEUE } from '../contract/resource-ref.ts';
import type { Activities } from '../contract/steps.ts';
import { versioningOptions } from './deployment-version.ts';
import type { WorkerSettings } from './settings.ts';

export interface HostedBy {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly activities: Activities;
  readonly settings: WorkerSettings;
  /** The file with the workflow code. */
  readonly bundle: string;
}

/** Steps are told to stop at once, and have this long to leave their last word. A PUT that is on the wire longer is found again by the next worker. */
const SHUTDOWN = { shutdownGraceTime: '1s', shutdownForceTime: '8s' } as const;

/**
 * The workers of this process: one for the runs and their steps, and one for the polls of operations that take long. Those hold their slots for minutes, so
 * they have a queue of their own: a thousand of them keep no other step waiting.
 */
export async function createWorkers({
  connection,
  namespace,
  activities,
  settings,
  bundle,
}: HostedBy): Promise<Worker[]> {
  const shared = { connection, namespace, activities, ...SHUTDOWN, ...versioningOptions(settings.deployment?.version) };
  const worker = await Worker.create({
    ...shared,
    taskQueue: TASK_QUEUE,
    workflowBundle: { codePath: bundle },
    maxCachedWorkflows: settings.maxCachedWorkflows,
    // Each thread holds the whole bundle in a heap of its own; one keeps up with more than the server does on two cores.
    workflowThreadPoolSize: 1,
    // A workflow task runs the steps that are local, so it takes as long as the API server does for them. Many at once would make each of them late, and a
    // task that is later than its timeout is done again: the queue of the server is where they wait well.
    maxConcurrentWorkflowTaskExecutions: 12,
    maxConcurrentLocalActivityExecutions: 24,
    maxConcurrentActivityTaskExecutions: settings.maxConcurrentActivities,
    // How soon a workflow goes on elsewhere when the worker that has it in its cache was killed.
    stickyQueueScheduleToStartTimeout: '2s',
    // A step that dies must leave its last word with the server, so heartbeats are hardly held back.
    maxHeartbeatThrottleInterval: '200ms',
    defaultHeartbeatThrottleInterval: '200ms',
  });
  const poller = await Worker.create({
    ...shared,
    taskQueue: POLL_TASK_QUEUE,
    maxConcurrentActivityTaskExecutions: settings.maxConcurrentPolls,
  });
  return [worker, poller];
}

/** Runs them until they are told to stop. When one ends, for whatever reason, the others must not go on alone. */
export async function runWorkers(workers: readonly Worker[]): Promise<void> {
  await Promise.all(
    workers.map(async (worker) => {
      try {
        await worker.run();
      } catch (error) {
        // A step was cut off in the end. Whatever it did, its next attempt finds out.
        if (!(error instanceof GracefulShutdownPeriodExpiredError)) throw error;
      } finally {
        for (const other of workers) if (other.getState() === 'RUNNING') other.shutdown();
      }
    }),
  );
}

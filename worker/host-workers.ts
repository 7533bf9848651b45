import { GracefulShutdownPeriodExpiredError, Worker, type NativeConnection } from '@temporalio/worker';
import { POLL_TASK_QUEUE, TASK_QUEUE } from '../contract/resource-ref.ts';
import type { Activities } from '../contract/steps.ts';
import { versioningOptions } from './deployment-version.ts';
import type { WorkerSettings } from './settings.ts';

export interface WorkersInput {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly activities: Activities;
  readonly settings: WorkerSettings;
  /** The path of the workflow bundle. */
  readonly bundle: string;
}

/**
 * Steps are cancelled at once and have this long to send their final heartbeat. A PUT that takes longer is detected by
 * the next attempt.
 */
const SHUTDOWN = { shutdownGraceTime: '1s', shutdownForceTime: '8s' } as const;

/**
 * Creates the workers of this process: one for workflows and their steps, and one for polls of long operations. Such a
 * poll occupies a slot for minutes; in a queue of their own, a thousand of them do not delay other steps.
 */
export async function createWorkers({
  connection,
  namespace,
  activities,
  settings,
  bundle,
}: WorkersInput): Promise<Worker[]> {
  const shared = { connection, namespace, activities, ...SHUTDOWN, ...versioningOptions(settings.deployment?.version) };
  const worker = await Worker.create({
    ...shared,
    taskQueue: TASK_QUEUE,
    workflowBundle: { codePath: bundle },
    maxCachedWorkflows: settings.maxCachedWorkflows,
    // Each thread loads the whole bundle into a heap of its own. One thread handles more than the server delivers on
    // two cores.
    workflowThreadPoolSize: 1,
    // Local activities run inside a workflow task, so the task takes as long as the API server takes to answer them.
    // Too many tasks at once would make each exceed its timeout and run again; it is better that they wait in the
    // server's queue.
    maxConcurrentWorkflowTaskExecutions: 12,
    maxConcurrentLocalActivityExecutions: 24,
    maxConcurrentActivityTaskExecutions: settings.maxConcurrentActivities,
    // How soon another worker continues a workflow when the worker that has it in its cache was killed.
    stickyQueueScheduleToStartTimeout: '2s',
    // The heartbeat details of a killed step must be on the server, so heartbeats are hardly throttled.
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

/**
 * Runs the workers until the signal aborts, and until their steps have ended then. When one stops, for whatever reason,
 * the others are shut down too.
 */
export async function runWorkers(workers: readonly Worker[], stopping: AbortSignal): Promise<void> {
  const shutDown = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  stopping.addEventListener('abort', shutDown, { once: true });
  await Promise.all(
    workers.map(async (worker) => {
      try {
        // Nothing listened when the signal aborted before.
        await (stopping.aborted ? worker.runUntil(Promise.resolve()) : worker.run());
      } catch (error) {
        // A step was cut off by the shutdown. Its next attempt detects what it did.
        if (!(error instanceof GracefulShutdownPeriodExpiredError)) throw error;
      } finally {
        shutDown();
      }
    }),
  );
}

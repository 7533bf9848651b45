import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';
import { isAborted } from './is-aborted.ts';

/**
 * A run whose workflow task fails repeatedly: because of a defect in the code, or of a history that this release cannot
 * replay. Temporal retries the task forever.
 */
export interface StuckWorkflow {
  readonly runId: string;
  /** The attempt of the workflow task, at least 2. */
  readonly attempt: number;
  /** When the task first failed. */
  readonly since: Date;
  /**
   * `NON_DETERMINISTIC_ERROR`: another release wrote the history. Otherwise one of Temporal's other causes, mostly
   * `WORKFLOW_WORKER_UNHANDLED_FAILURE`.
   */
  readonly cause: string;
}

export interface StuckWorkflowsDeps {
  readonly client: Client;
  readonly taskQueue: string;
  /** Called once for each run and failure. If it rejects, it is called again by the next scan. */
  report(workflowId: string, stuck: StuckWorkflow): Promise<void>;
  /** Called when a scan or a call of `report` failed. The next scan retries. */
  onError(error: unknown): void;
}

export interface StuckWorkflowsOptions {
  /** The pause between two scans, in ms. */
  readonly everyMs?: number;
  /**
   * How long a task must have failed before it is reported, in ms. A task can also fail once because of a race with a
   * signal; its next attempt succeeds at once.
   */
  readonly afterMs?: number;
  readonly signal: AbortSignal;
}

/**
 * Together with `AFTER_MS` less than a minute. A scan of a few hundred running workflows takes less than a minute too.
 */
const EVERY_MS = 10_000;
const AFTER_MS = 30_000;
/** The pause between two requests: a scan of thousands of workflows takes longer instead of overloading the server. */
const PAUSE_MS = 10;

/** `temporal.api.enums.v1.EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED` */
const WORKFLOW_TASK_FAILED = 9;
/** The values of `temporal.api.enums.v1.WorkflowTaskFailedCause` that a release can cause. */
const CAUSES: Readonly<Record<number, string>> = {
  14: 'WORKFLOW_WORKER_UNHANDLED_FAILURE',
  24: 'NON_DETERMINISTIC_ERROR',
};

/**
 * Scans the running workflows of the task queue until the signal is aborted, and reports those that are stuck. It
 * describes each of them, because the search attribute `TemporalReportedProblems` does not exist on servers before
 * 1.30, and later ones set it only after five attempts, which take more than a minute.
 * @returns when aborted; never rejects
 */
export async function watchStuckWorkflows(deps: StuckWorkflowsDeps, options: StuckWorkflowsOptions): Promise<void> {
  const { everyMs = EVERY_MS, afterMs = AFTER_MS, signal } = options;
  let reported: ReadonlyMap<string, number> = new Map();
  while (!signal.aborted) {
    try {
      reported = await scan(deps, { reported, afterMs, signal });
    } catch (error) {
      if (!isAborted(signal)) deps.onError(error);
    }
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * Returns the runs that are stuck now and were reported, each with the time since when. Runs that have recovered are
 * left out, so that they are reported when they get stuck again.
 */
async function scan(
  deps: StuckWorkflowsDeps,
  state: { reported: ReadonlyMap<string, number>; afterMs: number; signal: AbortSignal },
): Promise<Map<string, number>> {
  const reported = new Map<string, number>();
  const query = `ExecutionStatus = 'Running' AND TaskQueue = '${deps.taskQueue}'`;
  for await (const { workflowId, runId } of deps.client.workflow.list({ query })) {
    if (state.signal.aborted) break;
    const stuck = await stuckWorkflow(deps.client, { workflowId, runId });
    if (stuck !== undefined && Date.now() - stuck.since.getTime() >= state.afterMs) {
      const since = stuck.since.getTime();
      if (state.reported.get(runId) === since || (await report(deps, workflowId, stuck))) reported.set(runId, since);
    }
    await sleep(PAUSE_MS);
  }
  return reported;
}

async function report(deps: StuckWorkflowsDeps, workflowId: string, stuck: StuckWorkflow): Promise<boolean> {
  try {
    await deps.report(workflowId, stuck);
    return true;
  } catch (error) {
    deps.onError(error);
    return false;
  }
}

/** Returns undefined when the workflow task does not fail, or failed only because a worker was killed. */
async function stuckWorkflow(
  client: Client,
  execution: { readonly workflowId: string; readonly runId: string },
): Promise<StuckWorkflow | undefined> {
  const { namespace } = client.options;
  const { pendingWorkflowTask } = await client.workflowService.describeWorkflowExecution({ namespace, execution });
  const attempt = pendingWorkflowTask?.attempt ?? 0;
  if (attempt < 2) return undefined;
  // Temporal writes an event only for the first failed attempt; the times of the pending task are those of the last
  // attempt.
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace,
    execution,
    maximumPageSize: 1,
  });
  const event = history?.events?.[0];
  const since = optionalTsToMs(event?.eventTime);
  if (!event || Number(event.eventType) !== WORKFLOW_TASK_FAILED || since === undefined) return undefined;
  const cause = event.workflowTaskFailedEventAttributes?.cause ?? 0;
  return { runId: execution.runId, attempt, since: new Date(since), cause: CAUSES[cause] ?? `cause ${String(cause)}` };
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';

/** A run whose workflow task fails again and again: a defect in the code, or a history that this release cannot replay. Temporal tries for ever. */
export interface StuckWorkflow {
  readonly runId: string;
  /** Of the workflow task, at least 2. */
  readonly attempt: number;
  /** When it failed first. */
  readonly since: Date;
  /** `NON_DETERMINISTIC_ERROR`: the history is another release's. Else Temporal's other causes, mostly `WORKFLOW_WORKER_UNHANDLED_FAILURE`. */
  readonly cause: string;
}

export interface StuckWorkflowsDeps {
  readonly client: Client;
  readonly taskQueue: string;
  /** Called once for each run and failure; when it rejects, again at the next look. */
  tell(workflowId: string, stuck: StuckWorkflow): Promise<void>;
  /** A look or a call of `tell` that failed; the next look is the retry. */
  failed(error: unknown): void;
}

export interface StuckWorkflowsOptions {
  /** From the end of one look to the start of the next, in ms. */
  readonly everyMs?: number;
  /** How long a task must have failed before it is told, in ms: a race with a signal fails one as well and passes at once. */
  readonly afterMs?: number;
  readonly signal: AbortSignal;
}

/** With `AFTER_MS` less than a minute, and so is what a few hundred running workflows add. */
const EVERY_MS = 10_000;
const AFTER_MS = 30_000;
/** Between two questions: a look at thousands of workflows takes longer instead of loading the server. */
const PAUSE_MS = 10;

/** `temporal.api.enums.v1.EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED` */
const WORKFLOW_TASK_FAILED = 9;
/** `temporal.api.enums.v1.WorkflowTaskFailedCause`, those that a release brings about. */
const CAUSES: Readonly<Record<number, string>> = {
  14: 'WORKFLOW_WORKER_UNHANDLED_FAILURE',
  24: 'NON_DETERMINISTIC_ERROR',
};

/**
 * Looks at all running workflows of the task queue until the signal is aborted, and tells which are stuck. It asks for each of them: the search attribute
 * `TemporalReportedProblems` is unknown to servers before 1.30 and set by later ones only after five attempts, which take more than a minute.
 * @returns when aborted; never rejects
 */
export async function watchStuckWorkflows(deps: StuckWorkflowsDeps, options: StuckWorkflowsOptions): Promise<void> {
  const { everyMs = EVERY_MS, afterMs = AFTER_MS, signal } = options;
  let told: ReadonlyMap<string, number> = new Map();
  while (!signal.aborted) {
    try {
      told = await look(deps, { told, afterMs, signal });
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- It may have been aborted meanwhile.
      if (!signal.aborted) deps.failed(error);
    }
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Returns what is stuck now and was told: run id -> since when. What has recovered is forgotten, so that it is told when it gets stuck again. */
async function look(
  deps: StuckWorkflowsDeps,
  state: { told: ReadonlyMap<string, number>; afterMs: number; signal: AbortSignal },
): Promise<Map<string, number>> {
  const told = new Map<string, number>();
  const query = `ExecutionStatus = 'Running' AND TaskQueue = '${deps.taskQueue}'`;
  for await (const { workflowId, runId } of deps.client.workflow.list({ query })) {
    if (state.signal.aborted) break;
    const stuck = await stuckWorkflow(deps.client, { workflowId, runId });
    if (stuck !== undefined && Date.now() - stuck.since.getTime() >= state.afterMs) {
      const since = stuck.since.getTime();
      if (state.told.get(runId) === since || (await tell(deps, workflowId, stuck))) told.set(runId, since);
    }
    await sleep(PAUSE_MS);
  }
  return told;
}

async function tell(deps: StuckWorkflowsDeps, workflowId: string, stuck: StuckWorkflow): Promise<boolean> {
  try {
    await deps.tell(workflowId, stuck);
    return true;
  } catch (error) {
    deps.failed(error);
    return false;
  }
}

/** Undefined when its workflow task does not fail, or failed only because a worker died with it. */
async function stuckWorkflow(
  client: Client,
  execution: { readonly workflowId: string; readonly runId: string },
): Promise<StuckWorkflow | undefined> {
  const { namespace } = client.options;
  const { pendingWorkflowTask } = await client.workflowService.describeWorkflowExecution({ namespace, execution });
  const attempt = pendingWorkflowTask?.attempt ?? 0;
  if (attempt < 2) return undefined;
  // The first attempt's failure is the last event: Temporal writes no events for the others, and its times are the last attempt's.
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

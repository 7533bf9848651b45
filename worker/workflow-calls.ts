import { basename } from 'node:path';
import { setEnvironmentData, type Worker, type WorkerOptions } from 'node:worker_threads';
import type { HealthCheck } from '../process/health.ts';

/** The name under which the thread finds what it shares with this module. `workflow-calls-thread.mjs` has all three, too. */
const SHARED = 'azure-temporal-operator/workflow-calls';
/** What is shared, in an Int32Array: since when the present call runs, in seconds since 1970, 0 if none does; and how many there were. */
const SINCE = 0;
const COUNT = 1;

const SDK_THREAD = 'workflow-worker-thread.js';
const IN_THREAD = new URL('./workflow-calls-thread.mjs', import.meta.url);
/** Above it, only a restart helps. The SDK would end such a call after 5 s, and the server would try the task again, and again. */
const STUCK_SECONDS = 60;

/** The calls of Temporal's SDK into the workflow code. */
export interface WorkflowCalls {
  /** Since the process started. */
  readonly count: number;
  /** For how long the present call has been running; 0 when none is. */
  readonly runningSeconds: number;
}

/**
 * Replaces the time limit of each call into the workflow code by one watch of all of them. Call it before the first
 * worker is created.
 *
 * The SDK enters the code dozens of times in a reconcile, each time with a limit of 5 s. Node starts and ends a thread
 * for each call that has a limit (nodejs/node#47739), which took a sixth of the worker's CPU
 * (docs/adr/0012-one-watch-of-workflow-calls.md). The SDK has no setting for it, so its thread loads
 * `workflow-calls-thread.mjs` first.
 */
export function watchWorkflowCalls(): WorkflowCalls {
  const shared = new Int32Array(new SharedArrayBuffer(8));
  setEnvironmentData(SHARED, shared);
  const threads = process.getBuiltinModule('node:worker_threads');
  const { Worker: Thread } = threads;
  class PreparedThread extends Thread {
    constructor(file: string | URL, options?: WorkerOptions) {
      super(file, isOfSdk(file) ? { ...options, execArgv: ['--import', IN_THREAD.href] } : options);
    }
  }
  // The SDK reads the property when it starts its thread. An import of `Worker` elsewhere is not affected.
  Object.assign(threads, { Worker: PreparedThread });
  return {
    get count() {
      return Atomics.load(shared, COUNT);
    },
    get runningSeconds() {
      const since = Atomics.load(shared, SINCE);
      return since === 0 ? 0 : Math.max(0, Math.floor(Date.now() / 1_000) - since);
    },
  };
}

function isOfSdk(file: ConstructorParameters<typeof Worker>[0]): boolean {
  return typeof file === 'string' && basename(file) === SDK_THREAD;
}

/** For `/livez`: a call that does not return stops all workflows of this process. */
export function workflowCallsCheck(calls: WorkflowCalls): HealthCheck {
  return {
    name: 'workflow-code',
    problem: () => {
      const { runningSeconds } = calls;
      if (runningSeconds <= STUCK_SECONDS) return undefined;
      return `a call of the workflow code has not returned for ${String(runningSeconds)} s`;
    },
  };
}

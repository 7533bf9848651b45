import {
  ActivityCancellationType,
  type ActivityOptions,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow';
import { POLL_TASK_QUEUE } from '../contract/resource-ref.ts';
import { LONGEST_RETRY_DELAY_MS, type Activities, type Step } from '../contract/steps.ts';
import { toFailure } from './failures.ts';
import type { Inbox } from './inbox.ts';
import type { Progress } from './progress.ts';

// Every group sets its cancellation type explicitly: the SDK documents WAIT_CANCELLATION_COMPLETED as the default but
// sends TRY_CANCEL. The short heartbeat timeout detects a killed worker. `maximumInterval` is the server's cap on the
// delays that activities request.
const retry = { initialInterval: '1 second', backoffCoefficient: 1, maximumInterval: LONGEST_RETRY_DELAY_MS } as const;
const awaitCancellation = { retry, cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED };

/**
 * Kubernetes API calls: short and idempotent. Wait for a cancelled step, so that it cannot write after its successor.
 */
const kube = proxyActivities<Activities>({
  ...awaitCancellation,
  startToCloseTimeout: '30 seconds',
  heartbeatTimeout: '3 seconds',
});
/** The same steps as local activities with one attempt: no activity task, and a third of the cost. */
const local = proxyLocalActivities<Activities>({
  startToCloseTimeout: '5 seconds',
  retry: { maximumAttempts: 1 },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});
/** ARM requests. Wait for a cancelled step: the next reconcile must not race a PUT that is still being sent. */
const azure = proxyActivities<Activities>({
  ...awaitCancellation,
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '3 seconds',
});
/**
 * Polls only read, so do not wait for a cancelled one; the next poll gets another activity id while the server still
 * knows the old one. There is no limit on the total time: Azure may take days, and workers may be down for a weekend.
 */
const polls = proxyActivities<Activities>({
  retry: retry,
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '3 seconds',
});
/**
 * Polls of long operations: each occupies a slot of a task queue of their own and waits for its turn in the
 * subscription's read budget.
 */
const patientPolls = proxyActivities<Activities>({
  retry: retry,
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  taskQueue: POLL_TASK_QUEUE,
  startToCloseTimeout: '1 hour',
  heartbeatTimeout: '12 seconds',
});

type Input<K extends keyof Activities> = Omit<Parameters<Activities[K]>[0], keyof Step>;
type Results = { readonly [K in keyof Activities]: Awaited<ReturnType<Activities[K]>> };
type Result<K extends keyof Activities> = Results[K];
type Call = { executeWithOptions(options: ActivityOptions, args: unknown[]): Promise<unknown> };

/**
 * Runs the steps of a run in sequence and numbers them. Functions that only pass on a promise are not `async`: the SDK
 * takes a stack trace of each promise of a workflow, which took a tenth of the worker's time.
 */
export class Steps {
  readonly #progress: Progress;
  readonly #inbox: Inbox;
  #count = 0;
  #abandoned = 0;

  constructor(progress: Progress, inbox: Inbox) {
    this.#progress = progress;
    this.#inbox = inbox;
  }

  /**
   * Runs a step that only calls Kubernetes. It runs as a local activity first. If that fails, it runs again as an
   * activity, whose attempts the UI shows and can pause and reset.
   */
  kube<K extends keyof Activities>(name: K, summary: string, input: Input<K>): Promise<Result<K>> {
    return this.#progress.step<Result<K>>(name, summary, async () => {
      try {
        return await this.#call<K>(local[name] as Call, { summary }, input);
      } catch (err) {
        if (isCancellation(err) || toFailure(err).nonRetryable === true) throw err;
        this.#inbox.block();
      }
      return await this.#call<K>(kube[name] as Call, { activityId: name, summary }, input);
    });
  }

  /** Runs a step that calls Azure. Its activity id can be typed in `temporal activity pause|reset -a`. */
  azure<K extends keyof Activities>(name: K, summary: string, input: Input<K>): Promise<Result<K>> {
    return this.#progress.step<Result<K>>(name, summary, () =>
      this.#call<K>(azure[name] as Call, { activityId: name, summary }, input),
    );
  }

  /** Runs a step that follows an operation. */
  poll<K extends 'pollProvisioning' | 'pollDeletion'>(name: K, summary: string, input: Input<K>): Promise<Result<K>> {
    const proxy = input.patient ? patientPolls : polls;
    const activityId = this.#abandoned === 0 ? name : `${name}-${this.#abandoned + 1}`;
    return this.#progress.step<Result<K>>(name, summary, async () => {
      try {
        return await this.#call<K>(proxy[name] as Call, { activityId, summary }, input);
      } catch (err) {
        if (isCancellation(err)) this.#abandoned += 1;
        throw err;
      }
    });
  }

  async #call<K extends keyof Activities>(call: Call, options: ActivityOptions, input: Input<K>): Promise<Result<K>> {
    this.#count += 1;
    const order = { scheduledAt: Date.now(), step: this.#count };
    const result = (await call.executeWithOptions(options, [{ ...input, order }])) as Result<K>;
    this.#inbox.unblock();
    return result;
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { attemptFailed, type FailedAttempt } from '../contract/signals.ts';
import type { HeartbeatDetails } from './heartbeat-details.ts';
import type { StepOrder } from '../contract/stored-state.ts';
import type { RecordedTransition } from './resource/transitions.ts';

/**
 * One attempt at a step: when it must stop, what it leaves to the next attempt, and which step of which run it is.
 *
 * `signal` ends every read and every sleep of the step when it is cancelled: by Temporal (a change of the resource, a
 * shutdown of the worker), or because a later step of the same resource has started in this process.
 */
export class StepContext {
  readonly order: StepOrder;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** When the step was scheduled, in ms since the epoch. */
  readonly scheduledAt: number;
  readonly #context: Context | undefined;
  readonly #cancelled = new AbortController();
  readonly #never = new AbortController().signal;
  readonly #heartbeatTimer: NodeJS.Timeout | undefined;
  readonly #onCancel = (): void => this.#cancelled.abort();
  readonly #secrets = new Set<string>();
  readonly #transitions: RecordedTransition[] = [];
  #uninterrupted = 0;
  #details: unknown;

  constructor(order: StepOrder) {
    this.order = order;
    this.#context = currentContext();
    const info = this.#context?.info;
    this.attempt = info?.attempt ?? 1;
    this.scheduledAt = info?.scheduledTimestampMs ?? Date.now();
    this.#details = info?.heartbeatDetails;
    const signal = this.#context?.cancellationSignal;
    if (signal?.aborted === true) this.#cancelled.abort();
    signal?.addEventListener('abort', this.#onCancel, { once: true });
    const timeoutMs = info?.heartbeatTimeoutMs;
    // A local activity does not heartbeat: it ends with its workflow task.
    if (info !== undefined && !info.isLocal && timeoutMs !== undefined) {
      this.#heartbeatTimer = setInterval(() => this.#context?.heartbeat(this.#details), timeoutMs / 3);
    }
  }

  /** The heartbeat details of an earlier attempt; undefined at the first. */
  get heartbeatDetails(): unknown {
    return this.#details;
  }

  get signal(): AbortSignal {
    return this.#uninterrupted > 0 ? this.#never : this.#cancelled.signal;
  }

  /** A local activity has one attempt only; the workflow decides whether to run the step again. */
  get isLocal(): boolean {
    return this.#context?.info.isLocal ?? false;
  }

  /** The run of the workflow; undefined outside of Temporal. */
  get runId(): string | undefined {
    return this.#context?.info.workflowExecution?.runId;
  }

  get isCancelled(): boolean {
    return this.#cancelled.signal.aborted;
  }

  /** Records details for the next attempt, should this process end. */
  heartbeat(details: HeartbeatDetails): void {
    this.#details = details;
    if (this.#heartbeatTimer !== undefined) this.#context?.heartbeat(details);
  }

  /** Cancels this step, because a later step of the same resource has started. */
  supersede(): void {
    this.#cancelled.abort();
  }

  /**
   * Runs work that a cancellation must not interrupt: a request that changes Azure, and recording its answer. The
   * cancellation takes effect afterwards.
   */
  async uninterrupted<T>(work: () => Promise<T>): Promise<T> {
    this.#uninterrupted += 1;
    try {
      return await work();
    } finally {
      this.#uninterrupted -= 1;
    }
  }

  /** Records what this attempt has changed. It is observed when the attempt ends, however it ends. */
  record(transition: RecordedTransition): void {
    this.#transitions.push(transition);
  }

  /** Oldest first. */
  get transitions(): readonly RecordedTransition[] {
    return this.#transitions;
  }

  /** From now on no failure of this attempt may contain these values. */
  hide(values: Iterable<string>): void {
    for (const value of values) this.#secrets.add(value);
  }

  /** The secret values that this attempt has sent or fetched. */
  get secrets(): readonly string[] {
    return [...this.#secrets];
  }

  /** @throws AbortError when the step is cancelled before the time is over. */
  async sleep(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.signal });
  }

  /** @throws CancelledFailure if the step is cancelled. */
  throwIfCancelled(): void {
    if (this.signal.aborted) throw new CancelledFailure('the step was cancelled');
  }

  /** The failure that ends a cancelled attempt; undefined if the attempt was not cancelled. */
  async cancellation(): Promise<CancelledFailure | undefined> {
    if (!this.isCancelled) return undefined;
    if (this.#context?.cancellationSignal.aborted === true) {
      const reason: unknown = await this.#context.cancelled.catch((error: unknown) => error);
      if (reason instanceof CancelledFailure) return reason;
    }
    return new CancelledFailure('a later step of this resource has started');
  }

  /**
   * Signals the run that this attempt failed, or that a later one works (null). Best effort: Temporal stores failures.
   */
  async reportAttempt(trouble: Omit<FailedAttempt, 'step' | 'attempt'> | null): Promise<void> {
    const info = this.#context?.info;
    // Each signal is an event in the run's history, which a resource that fails for weeks must not fill.
    if (trouble !== null && this.attempt > 4 && this.attempt % 16 !== 0) return;
    if (this.#context === undefined || info === undefined || info.isLocal || info.workflowExecution === undefined)
      return;
    const { workflowId, runId } = info.workflowExecution;
    try {
      const run = this.#context.client.workflow.getHandle(workflowId, runId);
      await run.signal(attemptFailed, trouble && { step: info.activityType, attempt: info.attempt, ...trouble });
    } catch {
      // The run has ended.
    }
  }

  end(): void {
    clearInterval(this.#heartbeatTimer);
    this.#context?.cancellationSignal.removeEventListener('abort', this.#onCancel);
  }
}

/**
 * The steps that are running in this process. A step that starts cancels an earlier step of the same resource, which
 * may not have learnt of its cancellation by Temporal yet.
 */
export class RunningSteps {
  readonly #steps = new Map<string, Set<StepContext>>();

  /** @returns a function to call when the step has ended */
  register(workflowId: string, step: StepContext): () => void {
    const steps = this.#steps.get(workflowId) ?? new Set();
    for (const other of steps) if (isLater(step.order, other.order)) other.supersede();
    steps.add(step);
    this.#steps.set(workflowId, steps);
    return () => {
      steps.delete(step);
      if (steps.size === 0 && this.#steps.get(workflowId) === steps) this.#steps.delete(workflowId);
    };
  }
}

/** Whether `a` is the order of a later step than `b`. */
export function isLater(a: StepOrder, b: StepOrder): boolean {
  return a.scheduledAt === b.scheduledAt ? a.step > b.step : a.scheduledAt > b.scheduledAt;
}

/** Undefined outside a worker: in unit tests, and for `reportStuckRun`. */
function currentContext(): Context | undefined {
  try {
    return Context.current();
  } catch {
    return undefined;
  }
}

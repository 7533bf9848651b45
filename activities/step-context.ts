import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { attemptFailed, type Trouble } from '../contract/signals.ts';
import type { HeartbeatDetails } from './heartbeat-details.ts';
import type { StepOrder } from '../contract/stored-state.ts';

/**
 * One attempt at a step: when it must stop, what it leaves for the next attempt, and which step of which run it is.
 *
 * `signal` ends every read and every sleep of the step within a second of its cancellation: by Temporal (news, a
 * shutdown), or because a later step of the same resource has begun in this process.
 */
export class StepContext {
  readonly order: StepOrder;
  /** 1 for the first. */
  readonly attempt: number;
  /** When the step was scheduled, in ms since the epoch. */
  readonly scheduledAt: number;
  readonly #context: Context | undefined;
  readonly #cancelled = new AbortController();
  readonly #never = new AbortController().signal;
  readonly #beat: NodeJS.Timeout | undefined;
  readonly #onCancel = (): void => this.#cancelled.abort();
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
    // A local activity has no heartbeat: it dies with its workflow task.
    if (info !== undefined && !info.isLocal && timeoutMs !== undefined) {
      this.#beat = setInterval(() => this.#context?.heartbeat(this.#details), timeoutMs / 3);
    }
  }

  /** What an earlier attempt left; undefined at the first. */
  get heartbeatDetails(): unknown {
    return this.#details;
  }

  get signal(): AbortSignal {
    return this.#uninterrupted > 0 ? this.#never : this.#cancelled.signal;
  }

  /** It runs once; the workflow itself decides how it goes on. */
  get isLocal(): boolean {
    return this.#context?.info.isLocal ?? false;
  }

  get isCancelled(): boolean {
    return this.#cancelled.signal.aborted;
  }

  /** Leaves details that survive the death of this process. */
  heartbeat(details: HeartbeatDetails): void {
    this.#details = details;
    if (this.#beat !== undefined) this.#context?.heartbeat(details);
  }

  /** A later step of the same resource has begun: this one must not go on. */
  supersede(): void {
    this.#cancelled.abort();
  }

  /**
   * Runs what must not be torn apart: a request that changes Azure, and the record of its answer. A cancellation is
   * heard when it is over.
   */
  async uninterrupted<T>(work: () => Promise<T>): Promise<T> {
    this.#uninterrupted += 1;
    try {
      return await work();
    } finally {
      this.#uninterrupted -= 1;
    }
  }

  /** @throws when the step is cancelled meanwhile */
  async sleep(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.signal });
  }

  /** @throws CancelledFailure when the step must not go on */
  throwIfCancelled(): void {
    if (this.signal.aborted) throw new CancelledFailure('the step was cancelled');
  }

  /** The failure to end a cancelled attempt with; undefined when it was not cancelled. */
  async cancellation(): Promise<CancelledFailure | undefined> {
    if (!this.isCancelled) return undefined;
    if (this.#context?.cancellationSignal.aborted === true) {
      const reason: unknown = await this.#context.cancelled.catch((error: unknown) => error);
      if (reason instanceof CancelledFailure) return reason;
    }
    return new CancelledFailure('a later step of this resource has begun');
  }

  /** Tells the run that this attempt failed, or that all is well again. Best effort: Temporal keeps the failure too. */
  async reportAttempt(trouble: Omit<Trouble, 'step' | 'attempt'> | null): Promise<void> {
    const info = this.#context?.info;
    // Each telling is an event of the run: a resource that fails for weeks must not fill its history.
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
    clearInterval(this.#beat);
    this.#context?.cancellationSignal.removeEventListener('abort', this.#onCancel);
  }
}

/**
 * The steps that run in this process now. A later step of a resource ends an earlier one that has not heard of its
 * cancellation yet.
 */
export class RunningSteps {
  readonly #steps = new Map<string, Set<StepContext>>();

  /** @returns what to call when the step is over */
  enter(workflowId: string, step: StepContext): () => void {
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

/** Whether `a` belongs to a later step than `b`. */
export function isLater(a: StepOrder, b: StepOrder): boolean {
  return a.scheduledAt === b.scheduledAt ? a.step > b.step : a.scheduledAt > b.scheduledAt;
}

/** Undefined outside a worker: unit tests of a step. */
function currentContext(): Context | undefined {
  try {
    return Context.current();
  } catch {
    return undefined;
  }
}

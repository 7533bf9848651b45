import type { RetryClass } from '../azure/contract.ts';
import type { ResourceRef } from '../contract/resource-ref.ts';
import type { Activities } from '../contract/steps.ts';
import type { RecordedTransition } from './resource/transitions.ts';

/**
 * How one attempt at a step ended: the one fact from which the log and the metrics of the worker follow. Never a secret
 * value.
 */
export interface StepOutcome {
  readonly step: keyof Activities;
  readonly ref: ResourceRef;
  /** The run of the workflow; undefined outside of Temporal. */
  readonly runId: string | undefined;
  readonly attempt: number;
  readonly durationMs: number;
  /** `running`: Azure is still working, and the step is attempted again. */
  readonly outcome: 'completed' | 'failed' | 'cancelled' | 'running';
  /** What the step returned, such as `apply` or `accepted`; absent if it returns no such word. */
  readonly result?: string;
  /** What the attempt told of the resource, in this order; absent if nothing. */
  readonly transitions?: readonly RecordedTransition[];
  /** Why it failed; only of a failed attempt. */
  readonly failure?: StepFailure;
}

export interface StepFailure {
  readonly reason: string;
  readonly message: string;
  readonly retry: RetryClass;
  /** When the step is attempted again, in ms from now; absent if it is not. */
  readonly retryInMs?: number;
  /** ARM's x-ms-request-id, if ARM answered. */
  readonly requestId?: string;
}

/** The word by which a step says what it found or did. */
export function resultWord(result: unknown): string | undefined {
  if (typeof result !== 'object' || result === null) return undefined;
  if ('result' in result && typeof result.result === 'string') return result.result;
  return 'action' in result && typeof result.action === 'string' ? result.action : undefined;
}

import { ArmError } from '../azure/arm-error.ts';
import { classify } from '../azure/classify.ts';
import type { RetryClass, Severity } from '../azure/contract.ts';
import { rowOf } from '../azure/reasons.ts';
import { quirkOf } from '../kinds/quirks/registry.ts';
import { KubeError } from '../kube/errors.ts';
import type { StoredChanges } from './resource/status.ts';
import { Refusal, StepError } from './step-error.ts';

/** What an error means for the resource: what the condition says, and how soon the step is tried again. */
export interface Failure {
  /** A reason of the table, or a code of ARM. */
  readonly reason: string;
  /** Built by us: it holds no secret. */
  readonly message: string;
  readonly severity: Severity;
  readonly retry: RetryClass;
  readonly retryAfterMs?: number | undefined;
  /** What it says about Azure, to be stored together with the condition. */
  readonly stored?: StoredChanges;
}

export interface FailureContext {
  /** A few kinds read a code of ARM in their own way. */
  readonly ref: { readonly group: string; readonly kind: string };
  /** A deletion never gives up. */
  readonly deleting: boolean;
}

/**
 * The one door for errors: whatever a step threw, by the table of reasons.
 *
 * No foreign error gets past this point. The message and the cause of an HTTP client's error may hold a key, and
 * Temporal stores both.
 */
export function failureOf(error: unknown, context: FailureContext): Failure {
  if (error instanceof Refusal) {
    const stored = { sending: null, ...(error.nothingExists && { refused: true as const }) };
    return { ...armFailure(error.error, context), stored };
  }
  if (error instanceof ArmError) return armFailure(error, context);
  return ownFailure(error instanceof StepError ? error : asStepError(error), context);
}

function armFailure(error: ArmError, { ref, deleting }: FailureContext): Failure {
  const { status, code, message, retryAfterMs } = error;
  const retry = quirkOf(ref).retryOf?.({ status, code, message });
  return { ...classify(error, { retry, deleting }), message, retryAfterMs };
}

function ownFailure({ reason, message, severity, retry }: StepError, { deleting }: FailureContext): Failure {
  // That the resource was replaced is no reason to go on with its deletion.
  const isGivenUp = !deleting || rowOf(reason).retry === 'None';
  if (retry !== 'Fatal' || isGivenUp) return { reason, message, severity, retry };
  return { reason, message, severity: 'Warning', retry: 'VerySlow' };
}

function asStepError(error: unknown): StepError {
  // The API server is expected to be back at once, and nobody pays for asking it.
  if (error instanceof KubeError) return new StepError('Failed', error.message, { retry: 'Fast' });
  // A bug: its text may hold anything, so only its class and place are told.
  const name = error instanceof Error ? error.name : typeof error;
  const line = error instanceof Error ? /\n\s+at ([^\n]+)/.exec(error.stack ?? '')?.[1] : undefined;
  const place = line?.replace(/.*\/(?=[^/]+\/[^/]+$)/, '') ?? 'an unknown place';
  return new StepError('Failed', `unexpected ${name} at ${place}`);
}

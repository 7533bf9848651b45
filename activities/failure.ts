import { ArmError } from '../azure/arm-error.ts';
import { classify } from '../azure/classify.ts';
import type { RetryClass, Severity } from '../azure/contract.ts';
import { rowOf } from '../azure/reasons.ts';
import { quirkOf } from '../kinds/quirks/registry.ts';
import { KubeError } from '../kube/errors.ts';
import type { StoredChanges } from './resource/status.ts';
import { Refusal, StepError } from './step-error.ts';

/** What an error means for the resource: what the condition says, and how soon the step is retried. */
export interface Failure {
  /** A reason of `azure/reasons.ts`, or an error code of ARM. */
  readonly reason: string;
  /** Built by the operator, so it contains no secret. */
  readonly message: string;
  readonly severity: Severity;
  readonly retry: RetryClass;
  readonly retryAfterMs?: number | undefined;
  /** What the error proves about Azure; stored together with the condition. */
  readonly stored?: StoredChanges;
}

export interface FailureContext {
  /** The kind: a few kinds have a quirk that classifies an error code of ARM differently. */
  readonly ref: { readonly group: string; readonly kind: string };
  /** Whether the step belongs to a deletion, which is retried for ever. */
  readonly deleting: boolean;
}

/**
 * Classifies whatever a step threw, by the table of reasons.
 *
 * Every error passes through here, and no error of a client leaves an activity: its message and cause may contain a
 * secret, and Temporal stores both.
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
  // A step of a resource that was replaced (Superseded) ends, even in a deletion.
  const isGivenUp = !deleting || rowOf(reason).retry === 'None';
  if (retry !== 'Fatal' || isGivenUp) return { reason, message, severity, retry };
  return { reason, message, severity: 'Warning', retry: 'VerySlow' };
}

function asStepError(error: unknown): StepError {
  // The API server usually recovers soon, and a request to it costs little.
  if (error instanceof KubeError) return new StepError('Failed', error.message, { retry: 'Fast' });
  // A bug: its message may contain a secret, so only the class of the error and the line of code are reported.
  const name = error instanceof Error ? error.name : typeof error;
  const line = error instanceof Error ? /\n\s+at ([^\n]+)/.exec(error.stack ?? '')?.[1] : undefined;
  const location = line?.replace(/.*\/(?=[^/]+\/[^/]+$)/, '') ?? 'an unknown line of code';
  return new StepError('Failed', `unexpected ${name} at ${location}`);
}

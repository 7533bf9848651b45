import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import type { OwnReason } from '../contract/steps.ts';

/** The reason of a failure that says nothing about Azure. */
export const UNKNOWN: OwnReason = 'UnknownError';

/**
 * Returns the typed failure of a step. An activity fails only when a retry cannot help. A local activity also fails
 * after its single attempt; then `nonRetryable` is false, and the failure comes without an ActivityFailure around it.
 * @throws the error itself when it is not from a step: a bug in workflow code fails the workflow task, not the run
 */
export function toFailure(err: unknown): ApplicationFailure {
  if (err instanceof ApplicationFailure) return err;
  if (!(err instanceof ActivityFailure)) throw err;
  if (err.cause instanceof ApplicationFailure) return err.cause;
  // A timeout, or a reset during an attempt: neither says anything about Azure.
  return ApplicationFailure.create({ type: UNKNOWN, message: err.cause?.message ?? err.message });
}

import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import type { OwnReason } from '../contract/steps.ts';

/** The reason where nothing is known of Azure. */
export const UNKNOWN: OwnReason = 'UnknownError';

/**
 * The typed failure that a step ended with. An activity ends so only when trying again cannot help; a local one, whose
 * failure comes without a wrapping, also when its single attempt failed, and then `nonRetryable` is false.
 * @throws the error itself when it is no step's: a bug in workflow code fails the workflow task, not the run.
 */
export function toFailure(err: unknown): ApplicationFailure {
  if (err instanceof ApplicationFailure) return err;
  if (!(err instanceof ActivityFailure)) throw err;
  if (err.cause instanceof ApplicationFailure) return err.cause;
  // A time limit, or a reset in the middle of an attempt: neither says anything about Azure.
  return ApplicationFailure.create({ type: UNKNOWN, message: err.cause?.message ?? err.message });
}

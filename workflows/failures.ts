import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';

/**
 * The typed failure that a step ended with. An activity ends so only when trying again cannot help; a local one also when its single attempt failed, and
 * then `nonRetryable` is false.
 * @throws the error itself when it is no step's: a bug in workflow code fails the workflow task, not the run.
 */
export function toFailure(err: unknown): ApplicationFailure {
  if (!(err instanceof ActivityFailure)) throw err;
  const cause = err.cause instanceof ApplicationFailure ? err.cause : undefined;
  const message = cause?.message ?? err.cause?.message ?? err.message;
  // Without a cause of ours it is a time limit, or a reset in the middle of an attempt: neither says anything about Azure.
  return ApplicationFailure.create({
    type: cause?.type ?? 'UnknownError',
    message,
    nonRetryable: cause?.nonRetryable ?? false,
  });
}

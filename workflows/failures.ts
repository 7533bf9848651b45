import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';

/** The typed failure that a step ended with. Anything else is a bug in workflow code and fails the task, not the run. */
export function toFailure(err: unknown): ApplicationFailure {
  if (!(err instanceof ActivityFailure)) throw err;
  const cause = err.cause instanceof ApplicationFailure ? err.cause : undefined;
  const timedOut = err.retryState === 'TIMEOUT' || cause === undefined;
  const type = timedOut ? 'ProvisioningTimeout' : (cause.type ?? 'UnknownError');
  const message = cause?.message ?? err.cause?.message ?? err.message;
  return ApplicationFailure.create({ nonRetryable: true, type, message: timedOut ? `Timed out: ${message}` : message });
}

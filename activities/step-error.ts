import type { ArmError } from '../azure/arm-error.ts';
import type { RetryClass, Severity } from '../azure/contract.ts';
import { rowOf, type OwnReason, type Reason } from '../azure/reasons.ts';

/**
 * Why a step failed: `reason` becomes the reason of the condition and the type of the failure. The message is built
 * where the error is thrown and never taken from a client's error, so it contains no secret.
 */
export class StepError extends Error {
  override readonly name = 'StepError';
  readonly reason: OwnReason;
  readonly severity: Severity;
  readonly retry: RetryClass;

  /** @param exception.retry a retry class that differs from the row's; say why in a comment. */
  constructor(reason: OwnReason, message: string, exception: { retry?: RetryClass } = {}) {
    super(message);
    const row = rowOf(reason);
    this.reason = reason;
    this.retry = exception.retry ?? retryOf(row);
    this.severity = exception.retry === undefined ? row.severity : this.retry === 'Fatal' ? 'Error' : 'Warning';
  }
}

/** `Wait` is decided in step 1. If an input disappears during a later step, the step is retried Fast, as in ASO. */
function retryOf({ retry }: Reason): RetryClass {
  if (retry === 'Wait') return 'Fast';
  return retry === 'None' ? 'Fatal' : retry;
}

/**
 * Azure refused a PUT, and its answer also says what became of earlier requests. Both are stored on the resource
 * together with the condition.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly error: ArmError;
  /**
   * True: nothing with the resource's name exists in Azure, so its name may still be changed. False: it is certain only
   * that Azure did not apply this PUT.
   */
  readonly nothingExists: boolean;

  constructor(error: ArmError, { nothingExists }: { nothingExists: boolean }) {
    super(error.message);
    this.error = error;
    this.nothingExists = nothingExists;
  }
}

/** Not a failure: Azure is still working. The step is run again after `delayMs`. */
export class StillRunning extends Error {
  override readonly name = 'StillRunning';
  readonly delayMs: number;

  constructor(message: string, delayMs: number) {
    super(message);
    this.delayMs = delayMs;
  }
}

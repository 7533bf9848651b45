import type { ArmError } from '../azure/arm-error.ts';
import type { RetryClass, Severity } from '../azure/contract.ts';
import { rowOf, type OwnReason, type Reason } from '../azure/reasons.ts';

/**
 * Why a step could not be done, in our own words: `reason` becomes the condition's reason and the failure's type. The
 * message never holds a secret: it is built where it is thrown, not taken from a client's error.
 */
export class StepError extends Error {
  override readonly name = 'StepError';
  readonly reason: OwnReason;
  readonly severity: Severity;
  readonly retry: RetryClass;

  /** @param exception.retry another retry class than the row's, with a comment that says why. */
  constructor(reason: OwnReason, message: string, exception: { retry?: RetryClass } = {}) {
    super(message);
    const row = rowOf(reason);
    this.reason = reason;
    this.retry = exception.retry ?? retryOf(row);
    this.severity = exception.retry === undefined ? row.severity : this.retry === 'Fatal' ? 'Error' : 'Warning';
  }
}

/** What was there when the reconcile began may be missing in the middle of a step: ASO retries that Fast. */
function retryOf({ retry }: Reason): RetryClass {
  if (retry === 'Wait') return 'Fast';
  return retry === 'None' ? 'Fatal' : retry;
}

/**
 * Azure's refusal, and with it what it says about earlier requests; that is stored on the resource together with the
 * condition.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly error: ArmError;
  /**
   * Nothing of the resource's name exists in Azure, so its name may still be changed. False: only that Azure has not
   * taken what was sent.
   */
  readonly nothingExists: boolean;

  constructor(error: ArmError, { nothingExists }: { nothingExists: boolean }) {
    super(error.message);
    this.error = error;
    this.nothingExists = nothingExists;
  }
}

/** Not a failure: Azure is still working, come back in `delayMs`. */
export class StillRunning extends Error {
  override readonly name = 'StillRunning';
  readonly delayMs: number;

  constructor(message: string, delayMs: number) {
    super(message);
    this.delayMs = delayMs;
  }
}

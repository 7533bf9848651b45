import type { RetryClass, Severity } from '../azure/contract.ts';

/**
 * Why a step could not be done, in our own words: `reason` becomes the condition's reason and the failure's type. The message never holds a secret:
 * it is built here or by `azure/`, not taken from a client's error.
 */
export class StepError extends Error {
  readonly reason: string;
  readonly severity: Severity;
  readonly retry: RetryClass;
  readonly retryAfterMs: number | undefined;
  /** The operation that was followed has ended as failed: asking it again gives the same answer. */
  readonly operationFailed: boolean;
  /** HTTP status of ARM's refusal; 0 where there was none. */
  readonly status: number;
  /** Azure has refused to create the resource, and nothing of its name exists. */
  readonly refused: boolean;
  /** Azure has refused what was sent, and nothing that was sent before is without an answer. */
  readonly unsent: boolean;

  constructor(
    reason: string,
    message: string,
    options: {
      severity?: Severity;
      retry?: RetryClass;
      retryAfterMs?: number;
      operationFailed?: boolean;
      status?: number;
      refused?: boolean;
      unsent?: boolean;
    } = {},
  ) {
    super(message);
    this.name = 'StepError';
    this.reason = reason;
    this.retry = options.retry ?? 'Slow';
    this.severity = options.severity ?? (this.retry === 'Fatal' ? 'Error' : 'Warning');
    this.retryAfterMs = options.retryAfterMs;
    this.operationFailed = options.operationFailed ?? false;
    this.status = options.status ?? 0;
    this.refused = options.refused ?? false;
    this.unsent = options.unsent ?? this.refused;
  }

  /** The same failure, and with it that nothing exists in Azure. */
  asRefused(): StepError {
    return this.#with({ refused: true });
  }

  /** The same failure, and with it that Azure has not taken what was sent. */
  asUnsent(): StepError {
    return this.#with({ unsent: true });
  }

  #with(more: { refused?: true; unsent?: true }): StepError {
    const { severity, retry, retryAfterMs, operationFailed, status } = this;
    const options = { severity, retry, operationFailed, status, ...more };
    return new StepError(
      this.reason,
      this.message,
      retryAfterMs === undefined ? options : { ...options, retryAfterMs },
    );
  }
}

/** Not a failure: Azure is still working, come back in `delayMs`. */
export class StillRunning extends Error {
  readonly delayMs: number;

  constructor(message: string, delayMs: number) {
    super(message);
    this.name = 'StillRunning';
    this.delayMs = delayMs;
  }
}

import type { ArmError } from './arm-error.ts';
import type { RetryClass, Severity } from './contract.ts';
import { reasonOf } from './reasons.ts';

export interface Classified {
  /** The condition's reason: ARM's code, or ours. */
  readonly reason: string;
  readonly severity: Severity;
  readonly retry: RetryClass;
}

export interface ClassifyContext {
  /** How the kind itself takes this refusal, where it does otherwise than all others. */
  readonly retry?: RetryClass | undefined;
  /** A delete is never given up. */
  readonly deleting?: boolean;
}

/** What a failure of Azure means for the resource: its reason, how bad, how soon again. */
export function classify(error: ArmError, context?: ClassifyContext): Classified {
  const reason = error.code === '' ? 'UnknownError' : error.code;
  const retry = retryOf(error, reason, context);
  if (context?.deleting === true) return { reason, severity: 'Warning', retry: retry === 'Fatal' ? 'VerySlow' : retry };
  if (retry === 'Fatal') return { reason, severity: 'Error', retry };
  const known = reasonOf(reason);
  // A word of progress that is also a code of ARM (`Deleting`) is, as an error, one like any other.
  const severity =
    known === undefined || known.retry === 'None' || known.severity === 'Error' ? 'Warning' : known.severity;
  return { reason, severity, retry };
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Longer waits overflow a Node timer and would hide the resource for weeks. */
const LONGEST_RETRY_AFTER = 24 * HOUR;

/**
 * How long to wait before attempt `attempt + 1`; the first attempt is 1. Azure's Retry-After is the minimum, whatever the class.
 * Infinity for Fatal: there is no next attempt.
 */
export function retryDelayMs(
  retry: RetryClass,
  attempt: number,
  retryAfterMs?: number,
  random: () => number = Math.random,
): number {
  const asked = Math.min(Math.max(0, retryAfterMs ?? 0), LONGEST_RETRY_AFTER);
  switch (retry) {
    case 'Fast':
      return Math.max(asked, doubling(attempt, 30 * SECOND));
    case 'Slow':
      return Math.max(asked, doubling(attempt, 3 * MINUTE));
    case 'VerySlow':
      return Math.max(asked, Math.round(HOUR * (0.75 + random() / 2)));
    case 'Throttled':
      // The whole subscription waits for the same moment: spread, so that it does not come back as one.
      return Math.round(Math.max(asked, 5 * SECOND, doubling(attempt, MINUTE)) * (1 + random() / 4));
    case 'Fatal':
      return Number.POSITIVE_INFINITY;
  }
}

function doubling(attempt: number, cap: number): number {
  return Math.min(cap, SECOND * 2 ** Math.min(Math.max(0, attempt - 1), 20));
}

function retryOf(error: ArmError, reason: string, context: ClassifyContext | undefined): RetryClass {
  if (error.status === 429) return 'Throttled';
  if (context?.retry !== undefined) return context.retry;
  const known = reasonOf(reason)?.retry;
  if (known !== undefined && known !== 'None') return known;
  return error.status === 400 ? 'VerySlow' : 'Slow';
}

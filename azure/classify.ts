import type { ArmError } from './arm-error.ts';
import type { RetryClass, Severity } from './contract.ts';
import { reasonOf } from './reasons.ts';

export interface Classified {
  /** The condition's reason: ARM's code, or one of this operator's. */
  readonly reason: string;
  readonly severity: Severity;
  readonly retry: RetryClass;
}

export interface ClassifyContext {
  /** The retry class that the kind's quirk sets for this error, if any. */
  readonly retry?: RetryClass | undefined;
  /** Deletions are never given up. */
  readonly deleting?: boolean;
}

/** Determines what an error of Azure means for the resource: the reason, the severity, and when to retry. */
export function classify(error: ArmError, context?: ClassifyContext): Classified {
  const reason = error.code === '' ? 'UnknownError' : error.code;
  const retry = retryOf(error, reason, context);
  if (context?.deleting === true) return { reason, severity: 'Warning', retry: retry === 'Fatal' ? 'VerySlow' : retry };
  if (retry === 'Fatal') return { reason, severity: 'Error', retry };
  const row = reasonOf(reason);
  // Some of ARM's error codes are also progress reasons of this operator (`Deleting`). As an error, such a code is a
  // Warning.
  const severity =
    row === undefined || row.retry === 'None' || row.retry === 'Wait' || row.severity === 'Error'
      ? 'Warning'
      : row.severity;
  return { reason, severity, retry };
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/**
 * The maximum Retry-After that is obeyed. Longer ones would overflow a Node timer and leave the resource untouched for
 * weeks.
 */
const MAX_RETRY_AFTER = 24 * HOUR;

/** The delays of a retry class. */
export interface RetryDelays {
  /** Milliseconds before the second attempt, the third and so on. The last one repeats. */
  readonly delaysMs: readonly number[];
  /** Random jitter as a part of the delay, so that many resources that fail together do not retry together. */
  readonly shorter: number;
  readonly longer: number;
}

export const RETRY_DELAYS: Readonly<Record<Exclude<RetryClass, 'Fatal'>, RetryDelays>> = {
  Fast: { delaysMs: [1, 2, 4, 8, 16, 30].map(seconds), shorter: 0, longer: 0 },
  Slow: { delaysMs: [1, 2, 4, 8, 16, 32, 64, 128, 180].map(seconds), shorter: 0, longer: 0 },
  // Azure also answers 400 while something that was just created is not ready, which passes within minutes. Other 400s
  // need a correction of the spec.
  VerySlow: { delaysMs: [30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, HOUR], shorter: 0.25, longer: 0.25 },
  // Never earlier than Azure asked.
  Throttled: { delaysMs: [5, 5, 5, 8, 16, 32, 60].map(seconds), shorter: 0, longer: 0.25 },
};

/**
 * The delay in ms before attempt `attempt + 1`; the first attempt is 1. Azure's Retry-After is the minimum in every
 * class. Infinity for Fatal, which is not retried.
 */
export function retryDelayMs(
  retry: RetryClass,
  attempt: number,
  retryAfterMs?: number,
  random: () => number = Math.random,
): number {
  if (retry === 'Fatal') return Number.POSITIVE_INFINITY;
  const { delaysMs, shorter, longer } = RETRY_DELAYS[retry];
  const minimum = Math.min(Math.max(0, retryAfterMs ?? 0), MAX_RETRY_AFTER);
  const delay = delaysMs[Math.min(Math.max(0, attempt - 1), delaysMs.length - 1)] ?? HOUR;
  const jitter = 1 - shorter + random() * (shorter + longer);
  // All throttled requests get the same Retry-After, so the jitter is added to it.
  if (retry === 'Throttled') return Math.round(Math.max(minimum, delay) * jitter);
  return Math.max(minimum, Math.round(delay * jitter));
}

function seconds(count: number): number {
  return count * SECOND;
}

function retryOf(error: ArmError, reason: string, context: ClassifyContext | undefined): RetryClass {
  if (error.status === 429) return 'Throttled';
  if (context?.retry !== undefined) return context.retry;
  const retryOfRow = reasonOf(reason)?.retry;
  if (retryOfRow !== undefined && retryOfRow !== 'None' && retryOfRow !== 'Wait') return retryOfRow;
  return error.status === 400 ? 'VerySlow' : 'Slow';
}

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
  // ARM has error codes that are words of progress of ours (`Deleting`). As an error, such a code is a Warning like any
  // other.
  const severity =
    known === undefined || known.retry === 'None' || known.retry === 'Wait' || known.severity === 'Error'
      ? 'Warning'
      : known.severity;
  return { reason, severity, retry };
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Longer waits overflow a Node timer and would hide the resource for weeks. */
const LONGEST_RETRY_AFTER = 24 * HOUR;

/** How a retry class waits. */
export interface RetryDelays {
  /** Milliseconds before the second attempt, the third and so on; the last one repeats. */
  readonly delaysMs: readonly number[];
  /**
   * By how much of itself a delay is shorter or longer at random: many fail for one reason, and should not come back as
   * one.
   */
  readonly shorter: number;
  readonly longer: number;
}

export const RETRY_DELAYS: Readonly<Record<Exclude<RetryClass, 'Fatal'>, RetryDelays>> = {
  Fast: { delaysMs: [1, 2, 4, 8, 16, 30].map(seconds), shorter: 0, longer: 0 },
  Slow: { delaysMs: [1, 2, 4, 8, 16, 32, 64, 128, 180].map(seconds), shorter: 0, longer: 0 },
  // Azure says 400 too where something that was made a moment ago is not ready yet: that ends within minutes. What does
  // not is a spec to be corrected.
  VerySlow: { delaysMs: [30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, HOUR], shorter: 0.25, longer: 0.25 },
  // Never earlier than Azure has asked.
  Throttled: { delaysMs: [5, 5, 5, 8, 16, 32, 60].map(seconds), shorter: 0, longer: 0.25 },
};

/**
 * How long to wait before attempt `attempt + 1`; the first attempt is 1. Azure's Retry-After is the minimum, whatever
 * the class. Infinity for Fatal: there is no next attempt.
 */
export function retryDelayMs(
  retry: RetryClass,
  attempt: number,
  retryAfterMs?: number,
  random: () => number = Math.random,
): number {
  if (retry === 'Fatal') return Number.POSITIVE_INFINITY;
  const { delaysMs, shorter, longer } = RETRY_DELAYS[retry];
  const asked = Math.min(Math.max(0, retryAfterMs ?? 0), LONGEST_RETRY_AFTER);
  const own = delaysMs[Math.min(Math.max(0, attempt - 1), delaysMs.length - 1)] ?? HOUR;
  const spread = 1 - shorter + random() * (shorter + longer);
  // All who were throttled wait for the same moment: there the spread is on top of what Azure asked.
  if (retry === 'Throttled') return Math.round(Math.max(asked, own) * spread);
  return Math.max(asked, Math.round(own * spread));
}

function seconds(count: number): number {
  return count * SECOND;
}

function retryOf(error: ArmError, reason: string, context: ClassifyContext | undefined): RetryClass {
  if (error.status === 429) return 'Throttled';
  if (context?.retry !== undefined) return context.retry;
  const known = reasonOf(reason)?.retry;
  if (known !== undefined && known !== 'None' && known !== 'Wait') return known;
  return error.status === 400 ? 'VerySlow' : 'Slow';
}

import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { ArmError } from '../azure/arm-error.ts';
import { retryDelayMs } from '../azure/classify.ts';
import { KubeError } from '../kube/errors.ts';
import type { ResourceRef } from '../contract/signals.ts';
import { activityInfo, keepAlive } from './activity-context.ts';
import { stepErrorOf } from './arm-call.ts';
import type { Dependencies } from './dependencies.ts';
import { readResource } from './resource.ts';
import { writeStatus } from './status.ts';
import { StepError, StillRunning } from './step-error.ts';

const HEARTBEAT_MS = 1_000;
const FRESH_READS = 5;

/**
 * Runs one step: keeps it alive while it works, turns whatever it throws into our own typed failure, and shows a failed attempt in the resource.
 *
 * No foreign error gets past this point. The message and the cause of an HTTP client's error may hold a key, and Temporal stores both.
 */
export async function runStep<T>(
  deps: Dependencies,
  ref: ResourceRef,
  step: () => Promise<T>,
  options: { deleting?: boolean } = {},
): Promise<T> {
  const context = activityInfo() && Context.current();
  const beat = context && setInterval(() => keepAlive(context), HEARTBEAT_MS);
  try {
    return await withFreshReads(step);
  } catch (error) {
    if (error instanceof CancelledFailure) throw error;
    if (error instanceof StillRunning) throw benign(error);
    const failure = toStepError(error, options.deleting ?? false);
    const attempt = activityInfo()?.attempt ?? 1;
    const fatal = failure.retry === 'Fatal';
    if (!fatal) await showAttempt(deps, ref, failure);
    throw ApplicationFailure.create({
      message: failure.message,
      type: failure.reason,
      nonRetryable: fatal,
      ...(!fatal && { nextRetryDelay: retryDelayMs(failure.retry, attempt, failure.retryAfterMs) }),
    });
  } finally {
    clearInterval(beat);
  }
}

/**
 * A write that was locked to a version which has moved on (409), or to a uid that is gone (422), is no failure: the step reads again and goes on. Each
 * step is idempotent.
 */
async function withFreshReads<T>(step: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await step();
    } catch (error) {
      const moved = error instanceof KubeError && (error.status === 409 || error.status === 422);
      if (!moved || tries === FRESH_READS) throw error;
    }
  }
}

function benign(error: StillRunning): ApplicationFailure {
  const failure = ApplicationFailure.create({
    message: error.message,
    type: 'StillRunning',
    category: ApplicationFailureCategory.BENIGN,
    nextRetryDelay: error.delayMs,
  });
  failure.stack = '';
  return failure;
}

/** The one door for errors of any kind. */
export function toStepError(error: unknown, deleting: boolean): StepError {
  if (error instanceof StepError)
    return deleting && error.retry === 'Fatal' ? new StepError(error.reason, error.message, { retry: 'Slow' }) : error;
  if (error instanceof ArmError) return stepErrorOf(error, { group: '', kind: '', deleting });
  if (error instanceof KubeError) return new StepError('Failed', error.message, { retry: 'Fast' });
  // A bug: its text may hold anything, so only its class is told. The worker's log has where it happened.
  const name = error instanceof Error ? error.name : typeof error;
  const where = error instanceof Error ? /\n\s+at ([^\n]+)/.exec(error.stack ?? '')?.[1] : undefined;
  return new StepError(
    'Failed',
    `unexpected ${name} at ${where?.replace(/.*\/(?=[^/]+\/[^/]+$)/, '') ?? 'an unknown place'}`,
    { retry: 'Slow' },
  );
}

/** Best effort: what counts is the failure itself, which Temporal keeps. */
async function showAttempt(deps: Dependencies, ref: ResourceRef, failure: StepError): Promise<void> {
  try {
    const resource = await readResource(deps, ref);
    if (!resource) return;
    const { severity, reason, message } = failure;
    const observedGeneration = resource.object.metadata.generation ?? 0;
    await writeStatus(deps, resource, { status: 'False', severity, reason, message, observedGeneration });
  } catch {
    // The next attempt tries again.
  }
}

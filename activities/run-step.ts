import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { ArmError } from '../azure/arm-error.ts';
import { retryDelayMs } from '../azure/classify.ts';
import { workflowId, type ResourceRef } from '../contract/resource-ref.ts';
import type { StepOrder } from '../contract/stored-state.ts';
import { KubeError } from '../kube/errors.ts';
import { stepErrorOf } from './arm/call.ts';
import type { Dependencies, StepDependencies } from './dependencies.ts';
import { interruptibleKube } from './interruptible-kube.ts';
import { readResource } from './resource/resource.ts';
import { writeStatus, type StoredChanges } from './resource/status.ts';
import { StepContext, type RunningSteps } from './step-context.ts';
import { StepError, StillRunning } from './step-error.ts';

const FRESH_READS = 5;

/** What a step works for; its failed attempts are shown there. */
export interface StepSubject {
  readonly ref: ResourceRef;
  readonly order: StepOrder;
  /** Absent before the resource was read. */
  readonly uid?: string;
  readonly generation?: number;
  readonly deleting?: boolean;
}

/**
 * Runs one step: keeps it alive while it works, ends it when it is cancelled, turns whatever it throws into our own typed failure, and shows a failed attempt
 * in the resource and to the run.
 *
 * No foreign error gets past this point. The message and the cause of an HTTP client's error may hold a key, and Temporal stores both.
 */
export async function runStep<T>(
  deps: Dependencies & { running: RunningSteps },
  subject: StepSubject,
  run: (deps: StepDependencies) => Promise<T>,
): Promise<T> {
  const step = new StepContext(subject.order);
  const leave = deps.running.enter(workflowId(subject.ref), step);
  const stepDeps: StepDependencies = { ...deps, kube: interruptibleKube(deps.kube, step), step };
  try {
    return await withFreshReads(() => run(stepDeps));
  } catch (error) {
    const cancellation = await step.cancellation();
    if (cancellation) throw cancellation;
    throw await failureOf(stepDeps, subject, error);
  } finally {
    leave();
    step.end();
  }
}

/**
 * A write that was locked to a version which has moved on (409), or to a uid that is gone (422), is no failure: the step reads again and goes on. Each
 * step is idempotent.
 */
async function withFreshReads<T>(run: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      const moved = error instanceof KubeError && (error.status === 409 || error.status === 422);
      if (!moved || tries === FRESH_READS) throw error;
    }
  }
}

async function failureOf(deps: StepDependencies, subject: StepSubject, error: unknown): Promise<ApplicationFailure> {
  if (error instanceof StillRunning) return stillRunning(error);
  const failure = toStepError(error, subject.deleting ?? false);
  const fatal = failure.retry === 'Fatal';
  const { reason, message } = failure;
  // What a fatal refusal says of Azure is stored too; the failure itself is the run's to report.
  await Promise.all([
    (!fatal || failure.unsent) && showAttempt(deps, subject, failure),
    !fatal && deps.step.tell({ reason, message }),
  ]);
  return ApplicationFailure.create({
    message: failure.message,
    type: failure.reason,
    nonRetryable: fatal,
    // A local activity would be retried after the delay although its policy allows one attempt.
    ...(!fatal &&
      !deps.step.isLocal && { nextRetryDelay: retryDelayMs(failure.retry, deps.step.attempt, failure.retryAfterMs) }),
  });
}

/** No failure, so no red attempt: Azure is still working. */
function stillRunning(error: StillRunning): ApplicationFailure {
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
  if (error instanceof StepError) return deleting && error.retry === 'Fatal' ? notFatal(error) : error;
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

/** A deletion never gives up. That its resource was replaced meanwhile is no reason to go on, though. */
function notFatal(error: StepError): StepError {
  return error.reason === 'Superseded' ? error : new StepError(error.reason, error.message, { retry: 'Slow' });
}

/** Best effort: what counts is the failure itself, which Temporal keeps. */
async function showAttempt(deps: StepDependencies, subject: StepSubject, failure: StepError): Promise<void> {
  try {
    const resource = await readResource(deps, subject.ref, subject.uid);
    if (!resource) return;
    const { severity, reason, message, refused, unsent } = failure;
    const observedGeneration = subject.generation ?? resource.object.metadata.generation ?? 0;
    const stored: StoredChanges = { ...(refused && { refused }), ...(unsent && { sending: null }) };
    await writeStatus(deps, resource, {
      condition: { status: 'False', severity, reason, message, observedGeneration },
      stored,
    });
  } catch {
    // The next attempt tries again.
  }
}

import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { retryDelayMs } from '../azure/classify.ts';
import { workflowId, type ResourceRef } from '../contract/resource-ref.ts';
import type { StepOrder } from '../contract/stored-state.ts';
import { KubeError } from '../kube/errors.ts';
import type { Dependencies, StepDependencies } from './dependencies.ts';
import { failureOf, type Failure } from './failure.ts';
import { interruptibleKube } from './interruptible-kube.ts';
import { readResource } from './resource/resource.ts';
import { writeStatus } from './resource/status.ts';
import { StepContext, type RunningSteps } from './step-context.ts';
import { StillRunning } from './step-error.ts';

const MOST_TRIES = 5;

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
 * Runs one step: keeps it alive while it works, ends it when it is cancelled, turns whatever it throws into our own
 * typed failure (`failure.ts`), and shows a failed attempt in the resource and to the run.
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
    return await retryOnConflict(() => run(stepDeps));
  } catch (error) {
    const cancellation = await step.cancellation();
    if (cancellation) throw cancellation;
    throw await toApplicationFailure(stepDeps, subject, error);
  } finally {
    leave();
    step.end();
  }
}

/**
 * A write that was locked to a version which has moved on (409), or to a uid that is gone (422), is no failure: the
 * step reads again and goes on. Each step is idempotent.
 */
async function retryOnConflict<T>(run: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      const moved = error instanceof KubeError && (error.status === 409 || error.status === 422);
      if (!moved || tries === MOST_TRIES) throw error;
    }
  }
}

async function toApplicationFailure(
  deps: StepDependencies,
  subject: StepSubject,
  error: unknown,
): Promise<ApplicationFailure> {
  if (error instanceof StillRunning) return stillRunning(error);
  const failure = failureOf(error, { ref: subject.ref, deleting: subject.deleting ?? false });
  const { reason, message, retry, retryAfterMs, stored } = failure;
  const fatal = retry === 'Fatal';
  // What a fatal refusal says of Azure is stored too; the failure itself is the run's to report.
  await Promise.all([
    (!fatal || stored !== undefined) && showAttempt(deps, subject, failure),
    !fatal && deps.step.reportAttempt({ reason, message }),
  ]);
  return ApplicationFailure.create({
    message,
    type: reason,
    nonRetryable: fatal,
    // A local activity would be retried after the delay although its policy allows one attempt.
    ...(!fatal && !deps.step.isLocal && { nextRetryDelay: retryDelayMs(retry, deps.step.attempt, retryAfterMs) }),
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

/** Best effort: what counts is the failure itself, which Temporal keeps. */
async function showAttempt(deps: StepDependencies, subject: StepSubject, failure: Failure): Promise<void> {
  try {
    const resource = await readResource(deps, subject.ref, subject.uid);
    if (!resource) return;
    const { severity, reason, message, stored = {} } = failure;
    const observedGeneration = subject.generation ?? resource.object.metadata.generation ?? 0;
    await writeStatus(deps, resource, {
      condition: { status: 'False', severity, reason, message, observedGeneration },
      stored,
    });
  } catch {
    // The next attempt tries again.
  }
}

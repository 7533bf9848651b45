import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { retryDelayMs } from '../azure/classify.ts';
import { workflowId, type ResourceRef } from '../contract/resource-ref.ts';
import type { StepOrder } from '../contract/stored-state.ts';
import type { Activities } from '../contract/steps.ts';
import { KubeError } from '../kube/errors.ts';
import { objectPath } from '../kube/object-path.ts';
import { carryingKube, type CarriedObjects } from './carried-object.ts';
import type { Dependencies, StepDependencies } from './dependencies.ts';
import { shownFailure, type Failure } from './failure.ts';
import { interruptibleKube } from './interruptible-kube.ts';
import { pathOf, readResource, type Resource } from './resource/resource.ts';
import { writeStatus } from './resource/status.ts';
import { StepContext, type RunningSteps } from './step-context.ts';
import { StillRunning } from './step-error.ts';
import { resultWord, type StepFailure, type StepOutcome } from './step-outcome.ts';

const MOST_TRIES = 5;

/** The step, and the resource that it works on. Its condition shows the failed attempts of the step. */
export interface StepSubject {
  readonly step: keyof Activities;
  readonly ref: ResourceRef;
  readonly order: StepOrder;
  /** Absent if the resource has not been read yet. */
  readonly uid?: string;
  readonly generation?: number;
  readonly deleting?: boolean;
  /**
   * The step may begin with the resource as the step before left it. Not for a step that calls Azure: an edit since then
   * must show before a PUT or DELETE is sent.
   */
  readonly carries?: boolean;
}

/**
 * Runs one step: heartbeats while it works, ends it when it is cancelled, turns every error that it throws into a typed
 * ApplicationFailure (`failure.ts`), reports a failed attempt in the resource's condition and to the run, and tells
 * `observeStep` how the attempt ended.
 */
export async function runStep<T>(
  deps: Dependencies & { running: RunningSteps; carried: CarriedObjects },
  subject: StepSubject,
  run: (deps: StepDependencies) => Promise<T>,
): Promise<T> {
  const step = new StepContext(subject.order);
  const ended = outcomeReporter(deps, subject, step);
  const id = workflowId(subject.ref);
  const unregister = deps.running.register(id, step);
  const kind = deps.kinds.find(subject.ref);
  const carried = deps.carried.take(id);
  const carrying = carryingKube(interruptibleKube(deps.kube, step), {
    path: kind && objectPath(pathOf(kind, subject.ref)),
    carried: subject.carries === true && step.attempt === 1 ? carried : undefined,
  });
  const stepDeps: StepDependencies = { ...deps, kube: carrying.kube, step };
  try {
    const result = await retryOnConflict(() => run(stepDeps));
    const latest = carrying.latest();
    if (latest !== undefined) deps.carried.put(id, latest);
    const word = resultWord(result);
    ended({ outcome: 'completed', ...(word !== undefined && { result: word }) });
    return result;
  } catch (error) {
    const cancellation = await step.cancellation();
    if (cancellation) {
      ended({ outcome: 'cancelled' });
      throw cancellation;
    }
    if (error instanceof StillRunning) {
      ended({ outcome: 'running' });
      throw stillRunning(error);
    }
    throw await toApplicationFailure(stepDeps, subject, { error, ended });
  } finally {
    unregister();
    step.end();
  }
}

type Ended = (end: Pick<StepOutcome, 'outcome' | 'result' | 'failure'>) => void;

function outcomeReporter(deps: Dependencies, { step, ref }: StepSubject, context: StepContext): Ended {
  const start = performance.now();
  return (end) => {
    const { runId, attempt, transitions } = context;
    const durationMs = Math.round(performance.now() - start);
    deps.observeStep({ step, ref, runId, attempt, durationMs, ...(transitions.length > 0 && { transitions }), ...end });
  };
}

/**
 * A conditional write that meets a newer version (409) or another uid (422) is not a failure: the step runs again and
 * reads the resource again. This is safe because each step is idempotent.
 */
async function retryOnConflict<T>(run: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      const isConflict = error instanceof KubeError && (error.status === 409 || error.status === 422);
      if (!isConflict || tries === MOST_TRIES) throw error;
    }
  }
}

async function toApplicationFailure(
  deps: StepDependencies,
  subject: StepSubject,
  { error, ended }: { error: unknown; ended: Ended },
): Promise<ApplicationFailure> {
  let reading: Promise<Resource | undefined> | undefined;
  const read = (): Promise<Resource | undefined> => (reading ??= readResource(deps, subject.ref, subject.uid));
  const failure = await shownFailure(deps, error, { ref: subject.ref, deleting: subject.deleting ?? false, read });
  const { reason, message, retry, stored } = failure;
  const retryInMs = retryInMsOf(deps, failure);
  ended({ outcome: 'failed', failure: factsOf(failure, retryInMs) });
  const fatal = retry === 'Fatal';
  // After a fatal failure the run shows the condition with its last step; here only the stored changes matter.
  await Promise.all([
    (!fatal || stored !== undefined) && showAttempt(deps, { subject, failure, read }),
    !fatal && deps.step.reportAttempt({ reason, message }),
  ]);
  return ApplicationFailure.create({
    message,
    type: reason,
    nonRetryable: fatal,
    // A local activity with nextRetryDelay would be retried, although its retry policy allows one attempt only.
    ...(retryInMs !== undefined && !deps.step.isLocal && { nextRetryDelay: retryInMs }),
  });
}

/** When the step is attempted again, in ms from now; undefined if it is not. After a local activity it is at once. */
function retryInMsOf({ step }: StepDependencies, { retry, retryAfterMs }: Failure): number | undefined {
  if (retry === 'Fatal') return undefined;
  return step.isLocal ? 0 : retryDelayMs(retry, step.attempt, retryAfterMs);
}

function factsOf({ reason, message, retry, requestId }: Failure, retryInMs: number | undefined): StepFailure {
  return {
    reason,
    message,
    retry,
    ...(retryInMs !== undefined && { retryInMs }),
    ...(requestId !== undefined && { requestId }),
  };
}

/** Azure is still working. The failure is benign: the Temporal UI and metrics do not count it as an error. */
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

/** Best effort: Temporal stores the failure itself. */
async function showAttempt(
  deps: StepDependencies,
  { subject, failure, read }: { subject: StepSubject; failure: Failure; read: () => Promise<Resource | undefined> },
): Promise<void> {
  try {
    const resource = await read();
    if (!resource) return;
    const { severity, reason, message, stored = {} } = failure;
    const observedGeneration = subject.generation ?? resource.object.metadata.generation ?? 0;
    await writeStatus(deps, resource, {
      condition: { status: 'False', severity, reason, message, observedGeneration },
      stored,
    });
  } catch {
    // The next failed attempt writes the condition again.
  }
}

import { retryDelayMs } from '../../azure/classify.ts';
import type { TemporaryFailure, Target } from '../../contract/steps.ts';
import type { StepDependencies } from '../dependencies.ts';
import { shownFailure } from '../failure.ts';
import { recordTransition } from '../resource/record-transition.ts';
import { writeStatus } from '../resource/status.ts';
import type { ManagedResource } from './call.ts';

/**
 * Azure's operation failed: shows the error in the condition. The run starts the reconcile again after a delay.
 * @throws `error` if it is fatal.
 */
export async function giveUp(
  deps: StepDependencies,
  input: { resource: ManagedResource; target: Target; failures: number; error: Error; deleting?: boolean },
): Promise<TemporaryFailure> {
  const { resource, target, failures, error, deleting = false } = input;
  const { reason, message, severity, retry, retryAfterMs, requestId } = await shownFailure(deps, error, {
    ref: target.ref,
    deleting,
    read: () => Promise.resolve(resource),
  });
  const delayMs = retryDelayMs(retry, failures + 1, retryAfterMs);
  await writeStatus(deps, resource, {
    condition: { status: 'False', severity, reason, message, observedGeneration: target.generation },
    // What a failed update left in Azure is unknown, so the next reconcile sends the desired state in any case.
    stored: { operation: null, sending: null, applied: null },
    nextAttemptMs: retry === 'Fatal' ? undefined : delayMs,
  });
  if (retry === 'Fatal') throw error;
  const retryAt = new Date(Date.now() + delayMs).toISOString();
  recordTransition(deps, resource, 'OperationFailed', { reason, message, retryAt, requestId });
  return { result: 'failed', reason, message, delayMs };
}

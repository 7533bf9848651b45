import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { workflowId, type ResourceRef } from '../contract/resource-ref.ts';
import type { AzureResourceInput, Change, FailedAttempt } from '../contract/signals.ts';
import type { OwnReason } from '../contract/steps.ts';

// Whoever reaches Temporal's frontend can send anything. An exception in a signal handler would fail the workflow task
// for ever, and a text of megabytes would be stored on the resource.
const LONGEST_FACT = 1_000;
const LONGEST_MESSAGE = 10_000;

/**
 * The input of a run.
 * @throws ApplicationFailure if it names no resource or another one than the workflow's id: two ids for one resource
 * would be two runs at the same time
 */
export function checkedInput(input: unknown): AzureResourceInput {
  const { ref, told } = recordOf(input);
  const { group, kind, namespace, name } = recordOf(ref);
  const fields = { group, kind, namespace, name };
  const id = workflowInfo().workflowId;
  if (Object.values(fields).every(isFact) && workflowId(fields as ResourceRef) === id) {
    const change = changeOf(told);
    return { ref: ref as ResourceRef, ...(change && { told: change }) };
  }
  throw ApplicationFailure.nonRetryable(
    `this run must be for the resource that its workflow id names, <Kind>.<group>/<namespace>/<name>; the id is "${id.slice(0, LONGEST_FACT)}". Start it with the matching ref, as docs/replay.md shows`,
    'InvalidSpec' satisfies OwnReason,
  );
}

/** The facts of a signal `changed`; undefined if it was not sent by a watcher. */
export function changeOf(value: unknown): Change | undefined {
  const { uid, generation, deleting, fingerprint, dependencies } = recordOf(value);
  const isChange =
    [uid, fingerprint, dependencies].every(isFact) && typeof generation === 'number' && typeof deleting === 'boolean';
  return isChange ? (value as Change) : undefined;
}

/** The signal `attemptFailed`, with its texts cut; undefined if it was not sent by a step. */
export function failedAttemptOf(value: unknown): FailedAttempt | null | undefined {
  if (value === null) return null;
  const { step, attempt, reason, message } = recordOf(value);
  if (!isFact(step) || typeof attempt !== 'number' || !isFact(reason) || typeof message !== 'string') return undefined;
  return { step, attempt, reason, message: message.slice(0, LONGEST_MESSAGE) };
}

function isFact(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_FACT;
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

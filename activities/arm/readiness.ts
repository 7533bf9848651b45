import { retryDelayMs } from '../../azure/classify.ts';
import type { Applied } from '../../contract/stored-state.ts';
import type { ApplyResult, JsonObject, Target } from '../../contract/steps.ts';
import type { ActionCall, Readiness } from '../../kinds/contract.ts';
import type { StepDependencies } from '../dependencies.ts';
import { notReady } from '../resource/conditions.ts';
import { shownStatus } from '../resource/shown-status.ts';
import { writeStatus } from '../resource/status.ts';
import { getFromAzure, type ManagedResource } from './call.ts';

/** Less than the timeout of the step: what takes longer is seen by the next attempt. */
const ACTION_MS = 45_000;
const GET_EVERY_MS = 2_000;

interface Accepted {
  readonly resource: ManagedResource;
  readonly target: Target;
  /** The answer of GET, which agrees with the spec. */
  readonly answer: JsonObject;
  /** Values that the status must not show. */
  readonly secrets: readonly string[];
  /** Null for a resource that is only observed: then nothing in Azure is changed. */
  readonly applied: Applied | null;
  readonly kept?: readonly string[];
  readonly failures: number;
}

/**
 * The result for a resource that Azure has accepted. It is a temporary failure if the quirk of the kind says that the
 * resource does not do what it is for. What Azure accepted is then stored with the condition, so the next attempt
 * compares, and sends no second PUT.
 */
export async function acceptedIfReady(deps: StepDependencies, accepted: Accepted): Promise<ApplyResult> {
  const { resource, target, applied, kept = [], failures } = accepted;
  const { answer, readiness } = await afterAction(deps, accepted);
  const status = shownStatus(resource.shape, answer, accepted.secrets);
  if (readiness.type === 'ready') return { result: 'accepted', status, applied, kept };
  const reason = 'PostReconciliationFailure';
  const { message } = readiness;
  const delayMs = retryDelayMs('Slow', failures + 1);
  await writeStatus(deps, resource, {
    condition: notReady(reason, message, target.generation),
    answer: status,
    ...(applied && { stored: { operation: null, sending: null, refused: null, applied } }),
    nextAttemptMs: delayMs,
  });
  return { result: 'failed', reason, message, delayMs };
}

/** Calls the action that the quirk asks for, once, and waits a while for what comes of it. */
async function afterAction(
  deps: StepDependencies,
  { resource, target, answer: first, applied }: Accepted,
): Promise<{ answer: JsonObject; readiness: Readiness }> {
  let answer = first;
  let readiness = readinessOf(resource, target, answer);
  const action = applied === null || readiness.type === 'ready' ? undefined : readiness.action;
  if (action === undefined) return { answer, readiness };
  await callAction(resource, action);
  const until = Date.now() + ACTION_MS;
  while (readiness.type === 'notReady' && Date.now() < until) {
    await deps.step.sleep(GET_EVERY_MS);
    answer = (await getFromAzure(resource, target))?.body ?? answer;
    readiness = readinessOf(resource, target, answer);
  }
  return { answer, readiness };
}

function readinessOf({ shape }: ManagedResource, { armId, apiVersion }: Target, answer: JsonObject): Readiness {
  return shape.quirk.readiness?.({ answer, armId, apiVersion }) ?? { type: 'ready' };
}

async function callAction({ arm }: ManagedResource, { action, body, ...at }: ActionCall): Promise<void> {
  await arm.action(at, action, { body });
}

import { ArmError } from '../azure/arm-error.ts';
import type { StoredOperation } from '../contract/stored-state.ts';
import type { Activities, PollResult, Target } from '../contract/steps.ts';
import { acceptedAnswer } from './arm/accepted-answer.ts';
import { azureStateOf } from './arm/azure-state.ts';
import { getFromAzure, readManaged, type ManagedResource } from './arm/call.ts';
import { giveUp } from './arm/give-up.ts';
import { followedByState, storeOperation } from './arm/operation.ts';
import type { StepDependencies } from './dependencies.ts';
import { followOperation } from './arm/follow-operation.ts';
import { reconciling, showsFailure } from './resource/conditions.ts';
import { isSuperseded, readResource, type Resource } from './resource/resource.ts';
import { writeStatus } from './resource/status.ts';
import { StepError } from './step-error.ts';
import { storedStateOf } from './resource/stored-state.ts';
import { desiredStateOf, type DesiredState } from './arm/payload.ts';

interface Polled {
  readonly resource: ManagedResource;
  readonly target: Target;
  readonly operation: StoredOperation;
  readonly failures: number;
}

/**
 * Step 3. Follows the stored operation to its end. If the operation applied exactly the current desired state, the
 * reconcile continues with its result; otherwise the run goes back to `createOrUpdate`, which compares again.
 */
export async function pollProvisioning(
  deps: StepDependencies,
  { target, failures, patient }: Parameters<Activities['pollProvisioning']>[0],
): Promise<PollResult> {
  const resource = await readManaged(deps, target);
  if (!resource) return { result: 'superseded' };
  const operation = storedStateOf(resource.object)?.operation;
  // An earlier attempt saw the operation end and died before it returned.
  if (operation?.method !== 'PUT') return { result: 'ended' };
  const polled = { resource, target, operation, failures };
  let isShown = false;
  const onAnswer = async (): Promise<void> => {
    if (!isShown) await showRunning(deps, polled);
    isShown = true;
  };
  try {
    const end = await followOperation(deps, { resource, target, operation, patient, onAnswer });
    if (end === 'running') return { result: 'running' };
    return end === 'succeeded' ? await succeeded(deps, polled) : await lost(deps, polled);
  } catch (error) {
    if (error instanceof ArmError && error.operationFailed) return await failed(deps, polled, error);
    throw error;
  }
}

/**
 * After a successful poll: replaces the condition of a failed attempt, and shows for a newer generation that it waits
 * for the operation.
 */
async function showRunning(deps: StepDependencies, { resource, target, operation }: Polled): Promise<void> {
  const now = await readResource(deps, target.ref, target.uid);
  if (!now || !(showsFailure(now) || isBehind(now, target))) return;
  const message = `Azure has been working on ${target.armId} since ${operation.since}`;
  await writeStatus(deps, { ...resource, ...now }, reconciling(now, target, message));
  await deps.step.reportAttempt(null);
}

async function succeeded(deps: StepDependencies, polled: Polled): Promise<PollResult> {
  const { resource, target, operation, failures } = polled;
  const desired = isSuperseded(resource, target) ? undefined : await currentDesiredState(deps, resource, target);
  if (desired?.applied.digest === operation.digest) {
    const before = storedStateOf(resource.object)?.applied;
    const existed = !operation.creates;
    try {
      const result = await acceptedAnswer(deps, { resource, target, desired, before, existed, failures });
      return result.result === 'operation' ? { result: 'running' } : result;
    } catch (error) {
      // The resource is gone: polling the operation again would give the same answer for ever.
      const isGone = error instanceof StepError && error.reason === 'AzureResourceNotFound';
      if (isGone) return await giveUp(deps, { resource, target, failures, error });
      throw error;
    }
  }
  await clearOperation(deps, polled, { accepted: true });
  return { result: 'ended' };
}

/**
 * Azure does not know the operation any more. If it was a creation and the resource exists, the creation made it.
 * Whether an update was applied is unknown, so it is sent again.
 */
async function lost(deps: StepDependencies, polled: Polled): Promise<PollResult> {
  const { resource, target, operation } = polled;
  const state = azureStateOf(operation.creates ? (await getFromAzure(resource, target))?.body : undefined);
  const continued = await followedByState(deps, resource, target, { operation, state });
  if (continued) {
    const { result } = await storeOperation(deps, resource, target, continued);
    return { result: result === 'operation' ? 'running' : 'superseded' };
  }
  await clearOperation(deps, polled, { accepted: state === 'rest' });
  return { result: 'ended' };
}

/** The failure of an operation is shown only if the operation applied the current desired state. */
async function failed(deps: StepDependencies, polled: Polled, error: ArmError): Promise<PollResult> {
  const { resource, target, operation, failures } = polled;
  const desired = isSuperseded(resource, target) ? undefined : await currentDesiredState(deps, resource, target);
  if (desired?.applied.digest === operation.digest) return await giveUp(deps, { resource, target, failures, error });
  await clearOperation(deps, polled, { accepted: false });
  return { result: 'ended' };
}

function isBehind({ object }: Resource, { generation }: Target): boolean {
  const ready = object.status?.conditions?.find(({ type }) => type === 'Ready');
  return (ready?.observedGeneration ?? 0) < generation;
}

/** The current desired state; undefined if an input cannot be read, which means that it differs from what was sent. */
async function currentDesiredState(
  deps: StepDependencies,
  resource: ManagedResource,
  target: Target,
): Promise<DesiredState | undefined> {
  try {
    return await desiredStateOf(deps, resource, target);
  } catch (error) {
    if (error instanceof StepError) return undefined;
    throw error;
  }
}

/** Removes the stored operation. If Azure accepted it, its digest is stored, as yet without a baseline. */
async function clearOperation(
  deps: StepDependencies,
  polled: Polled,
  { accepted }: { accepted: boolean },
): Promise<void> {
  const { resource, target, operation } = polled;
  const { generation, apiVersion, digest } = operation;
  const message = `comparing with Azure: an operation on ${target.armId} has ended`;
  await writeStatus(
    deps,
    resource,
    reconciling(resource, target, message, {
      operation: null,
      ...(accepted && digest !== null && { applied: { generation, apiVersion, digest } }),
      // The failed operation may have changed what Azure had before, so nothing is known to be accepted.
      ...(!accepted && { applied: null, sending: null }),
    }),
  );
}

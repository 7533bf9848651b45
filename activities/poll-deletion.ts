import { ArmError } from '../azure/arm-error.ts';
import type { Activities, PollDeletionResult } from '../contract/steps.ts';
import { azureStateOf } from './arm/azure-state.ts';
import { getFromAzure, readManaged, type ManagedResource } from './arm/call.ts';
import { giveUp } from './arm/give-up.ts';
import { followedByState } from './arm/operation.ts';
import type { StoredOperation } from '../contract/stored-state.ts';
import type { Target } from '../contract/steps.ts';
import type { StepDependencies } from './dependencies.ts';
import { followOperation } from './arm/follow-operation.ts';
import { deleting, showsFailure } from './resource/conditions.ts';
import { readResource } from './resource/resource.ts';
import { writeStatus } from './resource/status.ts';
import { StillRunning } from './step-error.ts';
import { storedStateOf } from './resource/stored-state.ts';

const GONE_CHECKS = 5;

/**
 * Follows the deletion, or the creation that must end before the deletion, and then reads the resource: it counts as
 * gone only if GET answers that it does not exist.
 */
export async function pollDeletion(
  deps: StepDependencies,
  { target, failures, patient }: Parameters<Activities['pollDeletion']>[0],
): Promise<PollDeletionResult> {
  const resource = await readManaged(deps, target);
  if (!resource) return { result: 'gone' };
  const operation = storedStateOf(resource.object)?.operation;
  if (!operation) return { result: 'again' };
  let isShown = false;
  const onAnswer = async (): Promise<void> => {
    if (!isShown) await showRunning(deps, target, operation);
    isShown = true;
  };
  try {
    const end = await followOperation(deps, { resource, target, operation, patient, onAnswer });
    if (end === 'running') return { result: 'running' };
    if (operation.method === 'DELETE' && end === 'succeeded' && (await isGone(deps, resource, target)))
      return { result: 'gone' };
    const continued =
      end === 'lost' &&
      (await followedByState(deps, resource, target, { operation, state: await azureStateNow(resource, target) }));
    if (continued) {
      const message = messageOf(target, continued);
      await writeStatus(deps, resource, deleting(resource, target, message, { operation: continued }));
      return { result: 'running' };
    }
  } catch (error) {
    if (!(error instanceof ArmError && error.operationFailed)) throw error;
    // After a failed creation the DELETE is still to be sent; a failed deletion is retried after a delay.
    if (operation.method === 'DELETE') return await giveUp(deps, { resource, target, failures, error, deleting: true });
  }
  await writeStatus(deps, resource, deleting(resource, target, `deleting ${target.armId}`, { operation: null }));
  return { result: 'again' };
}

async function showRunning(deps: StepDependencies, target: Target, operation: StoredOperation): Promise<void> {
  const now = await readResource(deps, target.ref, target.uid);
  if (!now || !showsFailure(now)) return;
  await writeStatus(deps, now, deleting(now, target, messageOf(target, operation)));
  await deps.step.reportAttempt(null);
}

function messageOf({ armId }: Target, { method, since }: StoredOperation): string {
  return method === 'PUT'
    ? `Azure has been creating ${armId} since ${since}; it will be deleted when the creation is complete`
    : `Azure has been deleting ${armId} since ${since}`;
}

/** @throws StillRunning while GET still answers the resource as being deleted. */
async function isGone(deps: StepDependencies, resource: ManagedResource, target: Target): Promise<boolean> {
  for (let checks = 1; ; checks += 1) {
    const state = await azureStateNow(resource, target);
    if (state === 'absent') return true;
    if (checks === GONE_CHECKS) {
      if (state !== 'deleting') return false;
      throw new StillRunning(`Azure reported the deletion as complete, but still returns ${target.armId}`, 5_000);
    }
    await deps.step.sleep(500);
  }
}

/**
 * An identity whose role assignment was on the deleted scope gets 403 once the scope is gone. This is called only after
 * the operation has ended, so 403 here means the same as 404.
 */
async function azureStateNow(resource: ManagedResource, target: Target): Promise<ReturnType<typeof azureStateOf>> {
  try {
    return azureStateOf((await getFromAzure(resource, target))?.body);
  } catch (error) {
    if (error instanceof ArmError && error.status === 403) return 'absent';
    throw error;
  }
}

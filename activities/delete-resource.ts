import type { Policy } from '../contract/policy.ts';
import { ANNOTATIONS, annotationOf } from '../kube/annotations.ts';
import type { Activities, DeleteResult, Target } from '../contract/steps.ts';
import type { StoredOperation } from '../contract/stored-state.ts';
import { azureStateOf } from './arm/azure-state.ts';
import { checkDeleted } from './arm/check-target.ts';
import { isUnknownType, getFromAzure, readManaged, type ManagedResource } from './arm/call.ts';
import { operationByState, sealOperation } from './arm/operation.ts';
import { prepareDeletion } from './arm/quirks.ts';
import type { ArmAnswer, Operation } from '../azure/contract.ts';
import type { StepDependencies } from './dependencies.ts';
import { deleting, notReady, repeatsFailure } from './resource/conditions.ts';
import { recordTransition } from './resource/record-transition.ts';
import { policyOf } from './resource/resource.ts';
import { writeStatusIfSlow, type DelayedStatus } from './resource/delayed-status.ts';
import { writeStatus } from './resource/status.ts';
import { storedStateOf } from './resource/stored-state.ts';
import { sendDetailsOf } from './heartbeat-details.ts';

/**
 * Sends the DELETE. If the resource is gone already, the step succeeds; if a deletion is running, it is followed. The
 * resource is read again at each attempt.
 */
export async function deleteResource(
  deps: StepDependencies,
  { target: planned }: Parameters<Activities['deleteResource']>[0],
): Promise<DeleteResult> {
  const resource = await readManaged(deps, planned);
  if (!resource) return { result: 'gone' };
  checkDeleted(resource);
  // The resource's own policy is known without a request. On a retry, check that of the namespace again, too: the user may
  // have switched to detach-on-delete after Azure refused.
  const isKnown = annotationOf(resource.object, 'reconcilePolicy') !== undefined;
  const policy = isKnown || deps.step.attempt > 1 ? await policyOf(deps, resource.object) : undefined;
  if (isDetached(policy)) {
    recordTransition(deps, resource, 'Detached', { armId: planned.armId, policy });
    return { result: 'gone' };
  }
  // The user may have corrected a wrong api-version since the deletion was planned.
  const target = { ...planned, apiVersion: resource.shape.apiVersion };
  const stored = storedStateOf(resource.object);
  if (stored?.operation?.method === 'DELETE') return { result: 'operation' };
  const earlier = sendDetailsOf(deps.step.heartbeatDetails).operation;
  const since = resource.object.metadata.deletionTimestamp ?? '';
  const delayed = writeStatusIfSlow(
    deps,
    resource,
    deleting(resource, target, `deleting ${target.armId} since ${since}`),
  );
  const deletion: Deletion = { resource, target, delayed };
  try {
    if (earlier) return await storeDeletion(deps, deletion, earlier);
    return await startDeletion(deps, deletion, { wasSent: stored?.refused !== true });
  } finally {
    await delayed.cancel();
  }
}

interface Deletion {
  readonly resource: ManagedResource;
  readonly target: Target;
  readonly delayed: DelayedStatus;
}

async function startDeletion(
  deps: StepDependencies,
  deletion: Deletion,
  { wasSent }: { wasSent: boolean },
): Promise<DeleteResult> {
  const { resource, target } = deletion;
  const existing = await unlessUnknown(wasSent, () => getFromAzure(resource, target));
  if (existing === 'unknown type') return { result: 'gone' };
  if (azureStateOf(existing?.body) === 'deleting')
    return await storeDeletion(deps, deletion, operationOf(deps, target, { style: 'resource', method: 'DELETE' }));
  if (!resource.kind.deletable) return existing ? await notSupported(deps, deletion) : { result: 'gone' };
  if (existing) await prepareDeletion(resource, target, existing.body);
  return await send(deps, deletion, { creating: creationOf(deps, resource, target), wasSent });
}

/**
 * A creation that may still be running: the stored operation, or one whose answer was lost, of a type that GET does not
 * show until it is created.
 */
function creationOf(
  deps: StepDependencies,
  { kind, object }: ManagedResource,
  target: Target,
): StoredOperation | undefined {
  const { operation, applied, sending } = storedStateOf(object) ?? {};
  if (operation?.method === 'PUT') return operation;
  const mayBeRunning = kind.invisibleWhileCreated && sending !== undefined && !applied;
  return mayBeRunning
    ? operationByState(deps, target, { digest: sending, generation: target.generation, creates: true })
    : undefined;
}

/** An unknown policy does not detach: a typing error must not orphan the resource in Azure. */
function isDetached(policy: Awaited<ReturnType<typeof policyOf>> | undefined): policy is 'skip' | 'detach-on-delete' {
  return policy === 'skip' || policy === 'detach-on-delete';
}

/**
 * Sends the DELETE even if GET answered 404: a server that is being created answers 404 for its first half minute.
 */
async function send(
  deps: StepDependencies,
  deletion: Deletion,
  { creating, wasSent }: { creating: StoredOperation | undefined; wasSent: boolean },
): Promise<DeleteResult> {
  const { resource, target } = deletion;
  const at = { id: target.armId, apiVersion: target.apiVersion };
  if (!repeatsFailure(resource, target)) recordTransition(deps, resource, 'Deleting', { armId: target.armId });
  return await deps.step.uninterrupted(async () => {
    const answer = await unlessUnknown(wasSent, () => resource.arm.delete(at, resource.shape.quirk.deleteOptions));
    if (answer === 'unknown type') return { result: 'gone' };
    // Azure found nothing to delete, but a creation is running: follow the creation to its end, then delete again.
    const found = answer !== undefined && answer.status !== 204;
    if (!found && creating) return await storeDeletion(deps, deletion, creating);
    if (!answer) return { result: 'gone' };
    recordAnswer(deps, deletion, answer);
    // A type without GET cannot be polled; Azure deletes resources of these types synchronously.
    if (!answer.operation && resource.kind.existsBy === 'HEAD') return { result: 'gone' };
    // A synchronous answer is also followed: the finalizer is removed only when GET answers that the resource is gone.
    return await storeDeletion(
      deps,
      deletion,
      operationOf(deps, target, answer.operation ?? { style: 'resource', method: 'DELETE' }),
    );
  });
}

function recordAnswer(
  deps: StepDependencies,
  { resource, target: { armId, generation } }: Deletion,
  { status: httpStatus, requestId }: ArmAnswer,
): void {
  recordTransition(deps, resource, 'DeleteAnswered', { armId, generation, httpStatus, requestId });
}

function operationOf(deps: StepDependencies, target: Target, operation: Operation): StoredOperation {
  return {
    method: 'DELETE',
    sealed: sealOperation(deps, target, operation),
    since: new Date().toISOString(),
    generation: target.generation,
    apiVersion: target.apiVersion,
    digest: null,
    creates: false,
  };
}

/** Stores the operation that `pollDeletion` is to follow. */
async function storeDeletion(
  deps: StepDependencies,
  { resource, target, delayed }: Deletion,
  operation: StoredOperation,
): Promise<DeleteResult> {
  deps.step.heartbeat({ operation });
  await delayed.cancel();
  const message =
    operation.method === 'PUT'
      ? `Azure may still be creating ${target.armId}; it will be deleted when the creation is complete`
      : `Azure has been deleting ${target.armId} since ${operation.since}`;
  // A creation whose answer was lost is followed only once: if the resource does not appear by then, it does not exist.
  await writeStatus(deps, resource, deleting(resource, target, message, { operation, sending: null }));
  const followed = operation.method === 'PUT' ? 'CreationBeforeDeletion' : 'AzureDeleting';
  recordTransition(deps, resource, followed, { armId: target.armId, since: operation.since });
  return { result: 'operation' };
}

/**
 * If Azure does not know the type or the api-version, no resource of it can exist, unless Azure has accepted one
 * before.
 */
async function unlessUnknown<T>(wasSent: boolean, call: () => Promise<T>): Promise<T | 'unknown type'> {
  try {
    return await call();
  } catch (error) {
    if (!wasSent && isUnknownType(error)) return 'unknown type';
    throw error;
  }
}

/**
 * A retry cannot help. The deletion ends when the user detaches the resource, or when the resource is deleted together
 * with its parent.
 */
async function notSupported(deps: StepDependencies, { resource, target, delayed }: Deletion): Promise<DeleteResult> {
  await delayed.cancel();
  const reason = 'DeletionNotSupported';
  const advice = `set the annotation ${ANNOTATIONS.reconcilePolicy.name} to ${'detach-on-delete' satisfies Policy}`;
  const message = `cannot delete ${target.armId}: Azure has no DELETE for ${resource.kind.armType}; ${advice}`;
  await writeStatus(deps, resource, { condition: notReady(reason, message, target.generation) });
  return { result: 'wait', reason, message };
}

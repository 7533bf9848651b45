import type { Policy } from '../contract/policy.ts';
import { ANNOTATIONS } from '../kube/annotations.ts';
import type { Activities, DeleteResult, Target } from '../contract/steps.ts';
import type { StoredOperation } from '../contract/stored-state.ts';
import { azureStateOf } from './arm/azure-state.ts';
import { isUnknownType, getFromAzure, readManaged, type ManagedResource } from './arm/call.ts';
import { operationByState, sealOperation } from './arm/operation.ts';
import type { Operation } from '../azure/contract.ts';
import type { StepDependencies } from './dependencies.ts';
import { deleting, notReady } from './resource/conditions.ts';
import { policyOf } from './resource/resource.ts';
import { writeStatusIfSlow, type DelayedStatus } from './resource/delayed-status.ts';
import { writeStatus } from './resource/status.ts';
import { storedStateOf } from './resource/stored-state.ts';
import { sendDetailsOf } from './heartbeat-details.ts';

/**
 * Sends the DELETE. A resource that is gone already is fine, and a deletion that is running is followed. The spec is
 * read again at each attempt.
 */
export async function deleteResource(
  deps: StepDependencies,
  { target: planned }: Parameters<Activities['deleteResource']>[0],
): Promise<DeleteResult> {
  const resource = await readManaged(deps, planned);
  if (!resource) return { result: 'gone' };
  // On a retry, check the policy again: the user may have switched to detach-on-delete after Azure refused.
  if (deps.step.attempt > 1 && isDetached(await policyOf(deps, resource.object))) return { result: 'gone' };
  // The api-version may have been wrong, and corrected since.
  const target = { ...planned, apiVersion: resource.shape.apiVersion };
  const stored = storedStateOf(resource.object);
  if (stored?.operation?.method === 'DELETE') return { result: 'operation' };
  const kept = sendDetailsOf(deps.step.heartbeatDetails).operation;
  const since = resource.object.metadata.deletionTimestamp ?? '';
  const delayed = writeStatusIfSlow(
    deps,
    resource,
    deleting(resource, target, `deleting ${target.armId} since ${since}`),
  );
  const deletion: Deletion = { resource, target, delayed };
  try {
    if (kept) return await keep(deps, deletion, kept);
    return await ask(deps, deletion, { wasSent: stored?.refused !== true });
  } finally {
    await delayed.cancel();
  }
}

interface Deletion {
  readonly resource: ManagedResource;
  readonly target: Target;
  readonly delayed: DelayedStatus;
}

async function ask(
  deps: StepDependencies,
  deletion: Deletion,
  { wasSent }: { wasSent: boolean },
): Promise<DeleteResult> {
  const { resource, target } = deletion;
  const existing = await unlessUnknown(wasSent, () => getFromAzure(resource, target));
  if (existing === 'unknown type') return { result: 'gone' };
  if (azureStateOf(existing?.body) === 'deleting')
    return await keep(deps, deletion, operationOf(deps, target, { style: 'resource', method: 'DELETE' }));
  if (!resource.kind.deletable) return existing ? await notSupported(deps, deletion) : { result: 'gone' };
  return await send(deps, deletion, { creating: creationOf(deps, resource, target), wasSent });
}

/**
 * A creation that may be running: the stored operation, or one whose answer was lost and that Azure does not show
 * before it is done.
 */
function creationOf(
  deps: StepDependencies,
  { kind, object }: ManagedResource,
  target: Target,
): StoredOperation | undefined {
  const { operation, applied, sending } = storedStateOf(object) ?? {};
  if (operation?.method === 'PUT') return operation;
  const mayBe = kind.invisibleWhileCreated && sending !== undefined && !applied;
  return mayBe
    ? operationByState(deps, target, { digest: sending, generation: target.generation, creates: true })
    : undefined;
}

/** A policy that is not understood never releases the resource. */
function isDetached(policy: Awaited<ReturnType<typeof policyOf>>): boolean {
  return policy === 'skip' || policy === 'detach-on-delete';
}

/**
 * Sent even when Azure knows of nothing: a server that is still being created answers 404 for its first half minute.
 */
async function send(
  deps: StepDependencies,
  deletion: Deletion,
  { creating, wasSent }: { creating: StoredOperation | undefined; wasSent: boolean },
): Promise<DeleteResult> {
  const { resource, target } = deletion;
  const at = { id: target.armId, apiVersion: target.apiVersion };
  return await deps.step.uninterrupted(async () => {
    const answer = await unlessUnknown(wasSent, () => resource.arm.delete(at));
    if (answer === 'unknown type') return { result: 'gone' };
    // Azure found nothing to delete, but a creation is running: follow the creation to its end, then delete again.
    const found = answer !== undefined && answer.status !== 204;
    if (!found && creating) return await keep(deps, deletion, creating);
    if (!answer) return { result: 'gone' };
    // Where there is no GET there is nothing to follow, and these types are deleted at once.
    if (!answer.operation && resource.kind.existsBy === 'HEAD') return { result: 'gone' };
    // A synchronous answer is still checked: the finalizer goes only when Azure says that the resource is gone.
    return await keep(
      deps,
      deletion,
      operationOf(deps, target, answer.operation ?? { style: 'resource', method: 'DELETE' }),
    );
  });
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

async function keep(
  deps: StepDependencies,
  { resource, target, delayed }: Deletion,
  operation: StoredOperation,
): Promise<DeleteResult> {
  deps.step.heartbeat({ operation });
  await delayed.cancel();
  const message =
    operation.method === 'PUT'
      ? `Azure may still be creating ${target.armId}; it is deleted when that is over`
      : `Azure has been deleting ${target.armId} since ${operation.since}`;
  // A creation whose answer was lost is followed once: what has not appeared by then does not exist.
  await writeStatus(deps, resource, deleting(resource, target, message, { operation, sending: null }));
  return { result: 'operation' };
}

/**
 * A type or an api-version that Azure does not know cannot have anything, unless something was accepted under it
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
 * Nothing that is tried again helps: it ends when the user detaches the resource, or when what it belongs to is
 * deleted.
 */
async function notSupported(deps: StepDependencies, { resource, target, delayed }: Deletion): Promise<DeleteResult> {
  await delayed.cancel();
  const reason = 'DeletionNotSupported';
  const advice = `set the annotation ${ANNOTATIONS.reconcilePolicy.name} to ${'detach-on-delete' satisfies Policy}`;
  const message = `Azure offers no deletion of ${resource.kind.armType}: ${advice}`;
  await writeStatus(deps, resource, { condition: notReady(reason, message, target.generation) });
  return { result: 'wait', reason, message };
}

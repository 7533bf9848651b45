import type { Operation } from '../../azure/contract.ts';
import { workflowId } from '../../contract/resource-ref.ts';
import type { StoredOperation } from '../../contract/stored-state.ts';
import type { ApplyResult, Target } from '../../contract/steps.ts';
import type { Dependencies, StepDependencies } from '../dependencies.ts';
import { reconciling } from '../resource/conditions.ts';
import { recordTransition } from '../resource/record-transition.ts';
import { writeStatus, type StoredChanges } from '../resource/status.ts';
import { storedStateOf } from '../resource/stored-state.ts';
import type { AzureState } from './azure-state.ts';
import { claimOf } from '../identity/claim.ts';
import type { ManagedResource } from './call.ts';

/** Operation URLs are signed and therefore secret: they are encrypted before they leave an activity. */
export function sealOperation(deps: Pick<Dependencies, 'seal'>, target: Target, operation: Operation): string {
  return deps.seal.encrypt(operation, `${workflowId(target.ref)}#operation`);
}

/** Undefined if no key opens it any more: then nothing is known of the operation but that it was started. */
export async function unsealOperation(
  deps: Pick<Dependencies, 'seal'>,
  target: Target,
  sealed: string,
): Promise<Operation | undefined> {
  return (await deps.seal.decrypt(sealed, `${workflowId(target.ref)}#operation`)) as Operation | undefined;
}

/** The operation of a PUT without a known URL: it is followed by the provisioning state of the resource. */
export function operationByState(
  deps: StepDependencies,
  target: Target,
  { digest, generation, creates }: { digest: string | null; generation: number; creates: boolean },
): StoredOperation {
  return {
    method: 'PUT',
    sealed: sealOperation(deps, target, { style: 'resource', method: 'PUT' }),
    since: new Date().toISOString(),
    generation,
    apiVersion: target.apiVersion,
    digest,
    creates,
  };
}

/**
 * For a creation that is still running although Azure does not know its URL any more: the resource says so, or GET does
 * not show resources of this type while they are created. The result follows it by the state of the resource. Undefined
 * if the operation is followed in this way already, or if nothing is running.
 */
export async function followedByState(
  deps: StepDependencies,
  { kind }: ManagedResource,
  target: Target,
  { operation, state }: { operation: StoredOperation; state: AzureState },
): Promise<StoredOperation | undefined> {
  const byUrl = (await unsealOperation(deps, target, operation.sealed))?.style !== 'resource';
  const isRunning = state === 'busy' || (state === 'absent' && kind.invisibleWhileCreated);
  return operation.creates && byUrl && isRunning ? operationByState(deps, target, operation) : undefined;
}

/** Stores the operation on the resource, so that it is followed even if this run ends. */
export async function storeOperation(
  deps: StepDependencies,
  resource: ManagedResource,
  target: Target,
  operation: StoredOperation,
  { sending }: Pick<StoredChanges, 'sending'> = {},
): Promise<ApplyResult> {
  const message = `Azure has been working on ${target.armId} since ${operation.since}`;
  // An operation that another client may have started says nothing about an update whose answer was lost.
  const answered = operation.digest === null ? sending !== undefined && { sending } : { sending: null };
  const change = reconciling(resource, target, message, {
    operation,
    refused: null,
    blockedBy: null,
    ...claimOf(target),
    ...answered,
  });
  const outcome = await writeStatus(deps, resource, change);
  if (outcome !== 'written' && outcome !== 'unchanged') return { result: 'superseded' };
  // An operation that is followed in another way from now on is no news.
  const isNew = storedStateOf(resource.object)?.operation === undefined;
  if (isNew) recordTransition(deps, resource, 'AzureWorking', { armId: target.armId, since: operation.since });
  return { result: 'operation' };
}

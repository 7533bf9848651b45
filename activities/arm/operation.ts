import type { Operation } from '../../azure/contract.ts';
import { workflowId } from '../../contract/resource-ref.ts';
import type { StoredOperation } from '../../contract/stored-state.ts';
import type { ApplyResult, Target } from '../../contract/steps.ts';
import type { Dependencies, StepDependencies } from '../dependencies.ts';
import { reconciling } from '../resource/conditions.ts';
import { writeStatus, type StoredChanges } from '../resource/status.ts';
import type { AzureState } from './azure-state.ts';
import type { ManagedResource } from './call.ts';

/** Signed operation URLs are secrets: sealed before they leave an activity. */
export function sealOperation(deps: Pick<Dependencies, 'seal'>, target: Target, operation: Operation): string {
  return deps.seal.encrypt(operation, `${workflowId(target.ref)}#operation`);
}

export function unsealOperation(deps: Pick<Dependencies, 'seal'>, target: Target, sealed: string): Operation {
  return deps.seal.decrypt(sealed, `${workflowId(target.ref)}#operation`) as Operation;
}

/** A PUT to follow by the resource's own state, because it has no URL or its URL was lost. */
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
 * A creation whose URL Azure does not know any more, but that goes on: the resource says so, or it is of a type that
 * Azure does not show meanwhile. It is followed by the resource's own state from now on. Undefined where that has been
 * done already, or where nothing goes on.
 */
export function followedByState(
  deps: StepDependencies,
  { kind }: ManagedResource,
  target: Target,
  { operation, state }: { operation: StoredOperation; state: AzureState },
): StoredOperation | undefined {
  const byUrl = unsealOperation(deps, target, operation.sealed).style !== 'resource';
  const goesOn = state === 'busy' || (state === 'absent' && kind.invisibleWhileCreated);
  return operation.creates && byUrl && goesOn ? operationByState(deps, target, operation) : undefined;
}

/** Stores the operation on the resource: from here on it is followed whatever happens to this run. */
export async function storeOperation(
  deps: StepDependencies,
  resource: ManagedResource,
  target: Target,
  operation: StoredOperation,
  { sending }: Pick<StoredChanges, 'sending'> = {},
): Promise<ApplyResult> {
  const message = `Azure has been working on ${target.armId} since ${operation.since}`;
  // An operation that somebody else may have started says nothing about an update whose answer was lost.
  const answered = operation.digest === null ? sending !== undefined && { sending } : { sending: null };
  const change = reconciling(resource, target, message, { operation, refused: null, ...answered });
  const outcome = await writeStatus(deps, resource, change);
  return outcome === 'written' ? { result: 'operation' } : { result: 'superseded' };
}

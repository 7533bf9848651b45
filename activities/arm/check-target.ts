import type { Policy } from '../../contract/policy.ts';
import type { Target } from '../../contract/steps.ts';
import { annotationOf } from '../../kube/annotations.ts';
import { hasFinalizer, type Resource } from '../resource/resource.ts';
import type { Dependencies } from '../dependencies.ts';
import { acceptedId, isSameId } from '../identity/accepted.ts';
import { StepError } from '../step-error.ts';

/**
 * The input of a step comes from Temporal, and whoever reaches Temporal's frontend can schedule a step with any input
 * (docs/security.md). Therefore the resource decides: a step works only on the ARM id that the resource was claimed
 * with.
 * @throws StepError `Superseded`
 */
export function checkTarget(deps: Pick<Dependencies, 'seal'>, { object, ref }: Resource, { armId }: Target): void {
  // What was accepted counts whatever the annotation says by now.
  if (acceptedId(deps, object, [armId]) !== undefined) return;
  const claimed = annotationOf(object, 'resourceId');
  if (claimed !== undefined && isSameId(claimed, armId)) return;
  throw superseded(ref, `this step is for ${armId}, but the resource is ${claimed ?? 'not claimed'}`);
}

/**
 * Whether the resource still says what a PUT needs: it is claimed to be managed, not only observed, at this api-version.
 * The policy of the namespace is not read again: only `resolveInputs` does.
 */
export function mayBeSent({ object, shape }: Resource, { apiVersion }: Target): boolean {
  const isSkipped = annotationOf(object, 'reconcilePolicy') === ('skip' satisfies Policy);
  return hasFinalizer(object) && !isSkipped && shape.apiVersion === apiVersion;
}

/** @throws StepError `Superseded` if nobody has deleted the resource in Kubernetes */
export function checkDeleted({ object, ref }: Resource): void {
  if (object.metadata.deletionTimestamp === undefined)
    throw superseded(ref, 'this step is for a deletion, but the resource is not being deleted');
}

function superseded({ kind, namespace, name }: Resource['ref'], why: string): StepError {
  const todo = 'Nothing was done. If it does not go on by itself, set the annotation reconcile-requested-at';
  return new StepError('Superseded', `${kind} ${namespace}/${name}: ${why}. ${todo}`);
}

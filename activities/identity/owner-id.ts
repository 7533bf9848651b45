import { annotationOf } from '../../kube/annotations.ts';
import type { KubeObject } from '../../kube/contract.ts';
import type { StepDependencies } from '../dependencies.ts';
import { findOwner, type Owner } from '../resource/owner.ts';
import type { Resource } from '../resource/resource.ts';
import { storedStateOf } from '../resource/stored-state.ts';
import { acceptedId } from './accepted.ts';
import { holdingOf } from './managed-ids.ts';

type Deps = Pick<StepDependencies, 'kube' | 'kinds' | 'seal' | 'settings'>;

/** The owner that the spec names, with the ARM id that the operator accepted for it. */
export async function findAcceptedOwner(deps: Deps, resource: Resource): Promise<Owner> {
  const owner = await findOwner(deps, resource);
  return owner.type === 'object' ? { ...owner, armId: await idOfOwner(deps, owner.object) } : owner;
}

/**
 * The ARM id that the operator accepted for an owner; undefined if it has none. The ids of its children begin with it,
 * so the owner's annotation, which users can edit, must not send them to another place. An owner that no reconcile has
 * handled since it was taken over (from ASO, or from a release that stored no claim) has the annotation only.
 */
async function idOfOwner(deps: Deps, object: KubeObject): Promise<string | undefined> {
  const annotated = annotationOf(object, 'resourceId');
  if (annotated === undefined || storedStateOf(object)?.claim === undefined) return annotated;
  const answered = object.status?.['id'];
  const accepted = acceptedId(deps, object, [annotated, typeof answered === 'string' ? answered : undefined]);
  if (accepted !== undefined) return accepted;
  return (await holdingOf(deps, annotated))?.uid === object.metadata.uid ? annotated : undefined;
}

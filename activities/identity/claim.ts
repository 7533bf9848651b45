import type { ResourceRef } from '../../contract/resource-ref.ts';
import type { Claim, ClaimedCredential } from '../../contract/stored-state.ts';
import type { Target } from '../../contract/steps.ts';
import { STORAGE_VERSION } from '../../kinds/contract.ts';
import { ANNOTATIONS, annotationOf, type Annotation } from '../../kube/annotations.ts';
import type { KubeObject, OwnerReference } from '../../kube/contract.ts';
import { FIELD_MANAGERS, FINALIZER } from '../../kube/names.ts';
import type { StepDependencies } from '../dependencies.ts';
import { recordTransition } from '../resource/record-transition.ts';
import type { Owner } from '../resource/owner.ts';
import { hasFinalizer, pathOf, type Resource } from '../resource/resource.ts';
import type { StoredChanges } from '../resource/status.ts';
import { storedStateOf } from '../resource/stored-state.ts';
import { acceptedDigest, isSameId } from './accepted.ts';
import { releaseId, takeId } from './managed-ids.ts';

export interface ClaimInput {
  readonly owner: Owner;
  readonly armId: string;
  readonly credential: ClaimedCredential;
  /** False for a resource that is only observed: it holds neither finalizer nor ARM id. */
  readonly finalizer: boolean;
  /** Whether the stored state says that this id was accepted. */
  readonly isRemembered: boolean;
}

/**
 * Claims the resource before Azure is called: takes its ARM id in the index, then stores finalizer, annotations and
 * owner reference. A resource that was claimed by an earlier run costs no request. The stored state follows with the
 * next status write; until then the Lease of the id says what was accepted.
 * @returns what was accepted, or the other resource that manages the id
 */
export async function claim(
  deps: StepDependencies,
  resource: Resource,
  input: ClaimInput,
): Promise<Claim | { readonly heldBy: ResourceRef }> {
  const { object } = resource;
  const { armId, credential, finalizer, isRemembered } = input;
  const accepted = { digest: acceptedDigest(deps, object.metadata.uid, armId), credential };
  const held = isRemembered && hasFinalizer(object) ? storedStateOf(object)?.claim?.lease : undefined;
  const taken = finalizer && held === undefined ? await takeId(deps, resource, input) : undefined;
  if (taken && 'heldBy' in taken) return taken;
  await writeClaim(deps, resource, input);
  const before = annotationOf(object, 'resourceId');
  // Only an id that Azure refused every time, or that was edited, is replaced.
  if (taken && before !== undefined && !isSameId(before, armId) && hasFinalizer(object))
    await releaseId(deps, object.metadata.uid, { armId: before, lease: undefined });
  const lease = held ?? taken?.lease;
  return { ...accepted, ...(lease !== undefined && { lease }) };
}

/** The claim of a target, for the stored state. */
export function claimOf({ claim: claimed }: Target): Pick<StoredChanges, 'claim'> {
  return claimed === undefined ? {} : { claim: claimed };
}

/**
 * Adds what is missing in one merge patch. The patch applies only to the version that was read; after a 409 the step
 * reads the resource again.
 */
async function writeClaim(
  deps: StepDependencies,
  resource: Resource,
  { owner, armId, finalizer }: ClaimInput,
): Promise<void> {
  const { ref, kind, object } = resource;
  const { metadata } = object;
  const ownerReferences = withOwner(metadata.ownerReferences ?? [], owner);
  const wanted: readonly (readonly [Annotation, string])[] = [
    ['resourceId', armId],
    ...(finalizer ? [['operatorNamespace', deps.settings.operatorNamespace] as const] : []),
  ];
  const annotations = wanted.filter(([annotation, value]) => annotationOf(object, annotation) !== value);
  const changes = {
    ...(finalizer && !hasFinalizer(object) && { finalizers: [...(metadata.finalizers ?? []), FINALIZER] }),
    ...(annotations.length > 0 && {
      annotations: Object.fromEntries(annotations.map(([annotation, value]) => [ANNOTATIONS[annotation].name, value])),
    }),
    ...(ownerReferences.length !== (metadata.ownerReferences?.length ?? 0) && {
      ownerReferences: ownerReferences.map((reference) => ({ ...reference })),
    }),
  };
  if (Object.keys(changes).length === 0) return;
  await deps.kube.mergePatch<KubeObject>(
    pathOf(kind, ref),
    { metadata: { uid: metadata.uid, resourceVersion: metadata.resourceVersion, ...changes } },
    { fieldManager: FIELD_MANAGERS.claim },
  );
  const isNew = 'finalizers' in changes || annotations.some(([annotation]) => annotation === 'resourceId');
  if (isNew) recordTransition(deps, resource, 'Claimed', { armId });
}

function withOwner(references: readonly OwnerReference[], owner: Owner): OwnerReference[] {
  if (owner.type !== 'object' || references.some(({ uid }) => uid === owner.object.metadata.uid))
    return [...references];
  const { name, uid } = owner.object.metadata;
  return [...references, { apiVersion: `${owner.kind.group}/${STORAGE_VERSION}`, kind: owner.kind.kind, name, uid }];
}

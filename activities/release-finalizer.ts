import { annotationOf } from '../kube/annotations.ts';
import { FIELD_MANAGERS, FINALIZER } from '../kube/names.ts';
import type { ResourceRef } from '../contract/resource-ref.ts';
import type { Activities } from '../contract/steps.ts';
import type { StepDependencies } from './dependencies.ts';
import { releaseId } from './identity/managed-ids.ts';
import { recordTransition } from './resource/record-transition.ts';
import { hasFinalizer, pathOf, readResource, type Resource } from './resource/resource.ts';
import { storedStateOf } from './resource/stored-state.ts';

/**
 * Removes the operator's finalizer, so that Kubernetes deletes the resource, and releases its ARM id. The patch applies
 * only to the version that was read; after a 409 the step reads the resource again.
 */
export async function releaseFinalizer(
  deps: StepDependencies,
  { ref, uid }: Parameters<Activities['releaseFinalizer']>[0],
): Promise<void> {
  const resource = await readDeleted(deps, { ref, uid });
  if (!resource || !hasFinalizer(resource.object)) return;
  const { metadata } = resource.object;
  await deps.kube.mergePatch(
    pathOf(resource.kind, ref),
    {
      metadata: {
        resourceVersion: metadata.resourceVersion,
        finalizers: (metadata.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER),
      },
    },
    { fieldManager: FIELD_MANAGERS.claim },
  );
  recordTransition(deps, resource, 'Released', {});
  // Afterwards, because another resource may create it in Azure again as soon as the id is free.
  const armId = annotationOf(resource.object, 'resourceId');
  const lease = storedStateOf(resource.object)?.claim?.lease;
  if (armId !== undefined) await releaseId(deps, metadata.uid, { armId, lease });
}

/**
 * Undefined if the resource is gone, or if nobody deletes it: whoever reaches Temporal can schedule this step. The
 * first read may be what the step before saw.
 */
async function readDeleted(
  deps: StepDependencies,
  { ref, uid }: { ref: ResourceRef; uid: string },
): Promise<Resource | undefined> {
  const isDeleted = (resource: Resource | undefined): boolean =>
    resource?.object.metadata.deletionTimestamp !== undefined;
  const seen = await readResource(deps, ref, uid);
  const resource = isDeleted(seen) ? seen : await readResource(deps, ref, uid);
  return isDeleted(resource) ? resource : undefined;
}

import { FIELD_MANAGERS, FINALIZER } from '../kube/names.ts';
import type { Activities } from '../contract/steps.ts';
import type { StepDependencies } from './dependencies.ts';
import { hasFinalizer, pathOf, readResource } from './resource/resource.ts';

/**
 * Removes the operator's finalizer, so that Kubernetes deletes the resource. The patch applies only to the version that
 * was read; after a 409 the step reads the resource again.
 */
export async function releaseFinalizer(
  deps: StepDependencies,
  { ref, uid }: Parameters<Activities['releaseFinalizer']>[0],
): Promise<void> {
  const resource = await readResource(deps, ref, uid);
  if (!resource || !hasFinalizer(resource.object)) return;
  const { metadata } = resource.object;
  // Whoever reaches Temporal can schedule this step: a resource that nobody deletes keeps its finalizer.
  if (metadata.deletionTimestamp === undefined) return;
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
}

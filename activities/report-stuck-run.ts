import type { ResourceRef } from '../contract/resource-ref.ts';
import type { Dependencies } from './dependencies.ts';
import { notReady } from './resource/conditions.ts';
import { readResource } from './resource/resource.ts';
import { writeStatus } from './resource/status.ts';
import { StepContext } from './step-context.ts';

/**
 * Says on the resource that its run cannot go on: its workflow task fails again and again, so no step can say so. It is
 * no step itself; the worker calls it. The next step of the run, or the next run, replaces it.
 */
export async function reportStuckRun(
  deps: Dependencies,
  { workflowId, since, cause }: { workflowId: string; since: Date; cause: string },
): Promise<void> {
  const ref = refOf(workflowId);
  const resource = ref && (await readResource(deps, ref));
  if (!resource) return;
  const message = `this release of the worker cannot go on with the run ${workflowId} since ${since.toISOString()} (${cause}): run the release that began it, or terminate the run, see docs/upgrades.md`;
  const observedGeneration = resource.object.metadata.generation ?? 0;
  const step = new StepContext({ scheduledAt: Date.now(), step: 0 });
  const condition = notReady('WorkflowTaskFailed', message, observedGeneration);
  await writeStatus({ kube: deps.kube, step }, resource, { condition });
}

/** Undefined for the id of another workflow. */
function refOf(workflowId: string): ResourceRef | undefined {
  const [, kind, group, namespace, name] = /^([^./]+)\.([^/]+)\/([^/]+)\/([^/]+)$/.exec(workflowId) ?? [];
  if (kind === undefined || group === undefined || namespace === undefined || name === undefined) return undefined;
  return { kind, group, namespace, name };
}

import type { ResourceRef } from '../contract/resource-ref.ts';
import type { Dependencies } from './dependencies.ts';
import { notReady } from './resource/conditions.ts';
import { readResource } from './resource/resource.ts';
import { writeStatus } from './resource/status.ts';
import { StepContext } from './step-context.ts';

/**
 * Shows in the condition that the run of a resource is stuck: its workflow task fails at every attempt, so no step can
 * show it. This is not a step; the worker calls it. The next step of the resource replaces the condition.
 */
export async function reportStuckRun(
  deps: Dependencies,
  { workflowId, since, cause }: { workflowId: string; since: Date; cause: string },
): Promise<void> {
  const ref = refOf(workflowId);
  const resource = ref && (await readResource(deps, ref));
  if (!resource) return;
  const message = `this release of the worker cannot continue the run ${workflowId}, whose workflow task has been failing since ${since.toISOString()} (${cause}): deploy the release that started the run, or terminate the run; see docs/upgrades.md`;
  const observedGeneration = resource.object.metadata.generation ?? 0;
  const step = new StepContext({ scheduledAt: Date.now(), step: 0 });
  const condition = notReady('WorkflowTaskFailed', message, observedGeneration);
  await writeStatus({ kube: deps.kube, events: deps.events, step }, resource, { condition });
}

/** Undefined if the id is not that of a resource's workflow. */
function refOf(workflowId: string): ResourceRef | undefined {
  const [, kind, group, namespace, name] = /^([^./]+)\.([^/]+)\/([^/]+)\/([^/]+)$/.exec(workflowId) ?? [];
  if (kind === undefined || group === undefined || namespace === undefined || name === undefined) return undefined;
  return { kind, group, namespace, name };
}

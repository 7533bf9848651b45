import { activityInfo, heartbeat } from './activity-context.ts';
import { busyState, callArm, lookUp, open, sealOperation } from './arm-call.ts';
import type { Activities } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { writeStatus } from './status.ts';
import { StepError } from './step-error.ts';

/** Sends the DELETE. Gone already is fine; a deletion that is running is joined. */
export async function deleteResource(
  deps: Dependencies,
  { target }: Parameters<Activities['deleteResource']>[0],
): Promise<{ operation?: string }> {
  const resource = await open(deps, target);
  if (!resource) return {};
  const trail = activityInfo()?.heartbeatDetails as { operation?: string } | undefined;
  if (trail?.operation !== undefined) return { operation: trail.operation };
  const message = `deleteResource: deleting ${target.armId} since ${resource.object.metadata.deletionTimestamp ?? ''}`;
  await writeStatus(deps, resource, {
    status: 'False',
    severity: 'Info',
    reason: 'Deleting',
    message,
    observedGeneration: target.generation,
  });
  const arm = { id: target.armId, apiVersion: target.apiVersion };
  const existing = await lookUp(resource, target, { deleting: true });
  const joined = sealOperation(deps, target, { style: 'resource', method: 'DELETE' });
  if (busyState(existing)?.toLowerCase() === 'deleting') return { operation: joined };
  if (!resource.kind.deletable) {
    if (!existing) return {};
    const advice = 'set the annotation serviceoperator.azure.com/reconcile-policy to detach-on-delete';
    throw new StepError('DeletionNotSupported', `Azure offers no deletion of ${resource.kind.armType}: ${advice}`, {
      retry: 'Slow',
    });
  }
  // Sent even when Azure knows of nothing: a server that is still being created answers 404 for its first half minute.
  const answer = await callArm(target, () => resource.arm.delete(arm), { deleting: true });
  if (!answer) return {};
  // Where there is no GET there is nothing to follow, and these types are deleted at once.
  if (!answer.operation && resource.kind.existsBy === 'HEAD') return {};
  // A synchronous answer is still checked: the finalizer goes only when Azure says that the resource is gone.
  const operation = answer.operation ? sealOperation(deps, target, answer.operation) : joined;
  heartbeat({ operation });
  return { operation };
}

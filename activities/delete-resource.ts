import { activityInfo, heartbeat } from './activity-context.ts';
import { busyState, callArm, lookUp, open, sealOperation } from './arm-call.ts';
import type { Activities, Target } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { policyOf, type Resource } from './resource.ts';
import { writeStatus } from './status.ts';

/** Sends the DELETE. Gone already is fine; a deletion that is running is joined. */
export async function deleteResource(
  deps: Dependencies,
  { target }: Parameters<Activities['deleteResource']>[0],
): ReturnType<Activities['deleteResource']> {
  const resource = await open(deps, target);
  if (!resource) return {};
  // Whom Azure refuses the deletion may decide to leave the resource there.
  if ((activityInfo()?.attempt ?? 1) > 1 && (await policyOf(deps, resource.object)) !== 'manage') return {};
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
  if (!resource.kind.deletable) return existing ? { wait: await notSupported(deps, resource, target) } : {};
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

/** Nothing that is tried again helps: it ends when the user detaches the resource, or when what it belongs to is deleted. */
async function notSupported(
  deps: Dependencies,
  resource: Resource,
  target: Target,
): Promise<{ reason: string; message: string }> {
  const reason = 'DeletionNotSupported';
  const advice = 'set the annotation serviceoperator.azure.com/reconcile-policy to detach-on-delete';
  const message = `Azure offers no deletion of ${resource.kind.armType}: ${advice}`;
  await writeStatus(deps, resource, {
    status: 'False',
    severity: 'Warning',
    reason,
    message,
    observedGeneration: target.generation,
  });
  return { reason, message };
}

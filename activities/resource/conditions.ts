import { reasonOf, rowOf, type OwnReason } from '../../azure/reasons.ts';
import type { Target } from '../../contract/steps.ts';
import type { Resource } from './resource.ts';
import type { NewCondition, StatusChange, StoredChanges } from './status.ts';

/** `Ready=False` for a reason of `azure/reasons.ts`, with the severity of its row. */
export function notReady(reason: OwnReason, message: string, observedGeneration: number): NewCondition {
  return { status: 'False', severity: rowOf(reason).severity, reason, message, observedGeneration };
}

/**
 * The condition for work in progress. It replaces a failure of the same generation, because this attempt got further. A
 * `Ready=True` of the same generation stays, as in ASO: Azure still has what it accepted.
 */
export function reconciling(
  resource: Resource,
  target: Target,
  message: string,
  stored: StoredChanges = {},
): StatusChange {
  return inProgress(resource, notReady('Reconciling', message, target.generation), stored);
}

/** The condition for a deletion in progress. */
export function deleting(
  resource: Resource,
  target: Target,
  message: string,
  stored: StoredChanges = {},
): StatusChange {
  return inProgress(resource, notReady('Deleting', message, target.generation), stored);
}

function inProgress({ object }: Resource, condition: NewCondition, stored: StoredChanges): StatusChange {
  const ready = object.status?.conditions?.find(({ type }) => type === 'Ready');
  const how = ready?.status === 'True' && condition.reason !== 'Deleting' ? 'ranked' : 'now';
  return { condition, how, stored };
}

/** Whether the condition still shows a failed attempt. */
export function showsFailure({ object }: Resource): boolean {
  const ready = object.status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'False' && ready.severity !== 'Info';
}

/** Whether the condition shows that an attempt at this generation failed: what is sent now is sent once more. */
export function repeatsFailure(resource: Pick<Resource, 'object'>, { generation }: Target): boolean {
  const ready = resource.object.status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'False' || ready.severity === 'Info' || ready.observedGeneration !== generation) return false;
  return reasonOf(ready.reason)?.retry !== 'Wait';
}

/** Whether the condition says that this generation is Ready. */
export function showsReady({ object }: Pick<Resource, 'object'>, { generation }: Target): boolean {
  const ready = object.status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' && ready.observedGeneration === generation;
}

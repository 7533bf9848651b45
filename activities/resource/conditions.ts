import { rowOf, type OwnReason } from '../../azure/reasons.ts';
import type { Target } from '../../contract/steps.ts';
import type { Resource } from './resource.ts';
import type { NewCondition, StatusChange, StoredChanges } from './status.ts';

/** `Ready=False` for a reason of the table, with the severity of its row. */
export function notReady(reason: OwnReason, message: string, observedGeneration: number): NewCondition {
  return { status: 'False', severity: rowOf(reason).severity, reason, message, observedGeneration };
}

/**
 * What is going on now, as a condition. It replaces a failure of the same generation, since the attempt that says so
 * got further; a `Ready=True` of the same generation stays, as in ASO: what Azure had accepted it still has.
 */
export function reconciling(
  resource: Resource,
  target: Target,
  message: string,
  stored: StoredChanges = {},
): StatusChange {
  return inProgress(resource, notReady('Reconciling', message, target.generation), stored);
}

/** The same for a deletion. */
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

/** Whether the condition still tells of a failed attempt. */
export function showsFailure({ object }: Resource): boolean {
  const ready = object.status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'False' && ready.severity !== 'Info';
}

import { reasonOf } from '../../azure/reasons.ts';
import type { ExportedObject } from '../../contract/stored-state.ts';
import type { Condition } from '../../kube/contract.ts';
import type { StepDependencies } from '../dependencies.ts';
import { recordTransition, samenessOf } from './record-transition.ts';
import type { Resource } from './resource.ts';

/** What a new condition says: the row of the table of transitions, and what it is about. */
export type ConditionEvent =
  | { readonly name: 'Ready'; readonly generation: number }
  | { readonly name: 'Waiting' | 'Failed'; readonly reason: string; readonly message: string };

/**
 * What the change of the condition tells; undefined if it tells nothing new. So a resync that finds nothing, a wait
 * whose timer fires, and an attempt that fails as the one before are silent. Progress (severity Info) is told by the
 * steps that make it.
 */
export function conditionEvent(before: Condition | undefined, after: Condition): ConditionEvent | undefined {
  const isSameState =
    before?.status === after.status &&
    before.observedGeneration === after.observedGeneration &&
    (after.status === 'True' || (before.reason === after.reason && isSameMessage(before, after)));
  if (isSameState) return undefined;
  if (after.status === 'True') return { name: 'Ready', generation: after.observedGeneration ?? 0 };
  if (after.severity === 'Info') return undefined;
  const name = reasonOf(after.reason)?.retry === 'Wait' ? 'Waiting' : 'Failed';
  return { name, reason: after.reason, message: after.message ?? '' };
}

/** Tells what the change of the condition says, if it says something new. */
export function tellCondition(
  deps: Pick<StepDependencies, 'events' | 'step'>,
  resource: Resource,
  input: {
    readonly before: Condition | undefined;
    readonly after: Condition | undefined;
    /** What holds the exports now; for Ready. */
    readonly exported?: readonly ExportedObject[] | null | undefined;
  },
): void {
  const told = input.after && conditionEvent(input.before, input.after);
  if (told?.name === 'Ready') {
    const objects = (input.exported ?? []).map(({ kind, name }) => `${kind} ${name}`).join(', ');
    const exports = objects === '' ? '' : `; its exports are in ${objects}`;
    recordTransition(deps, resource, 'Ready', { generation: told.generation, exports });
  } else if (told) recordTransition(deps, resource, told.name, { reason: told.reason, message: told.message });
}

function isSameMessage(before: Condition, after: Condition): boolean {
  return samenessOf(before.message ?? '') === samenessOf(after.message ?? '');
}

import { reasonOf } from '../azure/reasons.ts';
import type { Condition } from '../kube/contract.ts';

/**
 * What a resource's Ready condition says, for the metrics. `Reconciling`: work in progress, or no condition yet.
 * `Warning`: it waits, or is tried again. `Failed`: only a change can help. `Deleting`: whatever the condition says.
 */
export type ShownState = 'Ready' | 'Reconciling' | 'Warning' | 'Failed' | 'Deleting';

const NO_CONDITION = 'none';
const UNKNOWN_REASON = 'other';

/** @returns strings that are kept once for all resources */
export function shownState(
  ready: Condition | undefined,
  deleting: boolean,
): { readonly state: ShownState; readonly reason: string } {
  const reason = ready === undefined ? NO_CONDITION : (reasonOf(ready.reason)?.code ?? UNKNOWN_REASON);
  return { state: deleting ? 'Deleting' : stateOf(ready), reason };
}

function stateOf(ready: Condition | undefined): ShownState {
  if (ready?.status === 'True') return 'Ready';
  if (ready?.severity === 'Error') return 'Failed';
  return ready?.severity === 'Warning' ? 'Warning' : 'Reconciling';
}

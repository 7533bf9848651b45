import { phaseOfResource } from '../../azure/operation.ts';
import type { JsonObject } from '../../kinds/contract.ts';

/**
 * The state of a resource in Azure. `busy`: an operation works on it, ours or somebody else's. `failed`: it rests, and
 * its last operation failed.
 */
export type AzureState = 'absent' | 'deleting' | 'busy' | 'failed' | 'rest';

export function azureStateOf(answer: JsonObject | undefined): AzureState {
  if (answer === undefined) return 'absent';
  const { phase, word } = phaseOfResource(answer);
  if (phase === 'running') return /^(deleting|deprovisioning|dropping)$/i.test(word) ? 'deleting' : 'busy';
  return phase === 'failed' ? 'failed' : 'rest';
}

import { phaseOfResource } from '../../azure/operation.ts';
import type { JsonObject } from '../../kinds/contract.ts';

/**
 * The state of a resource in Azure. `busy`: an operation is running on it, of this operator or of another client.
 * `rest`: no operation is running. `failed`: no operation is running, and the last one failed.
 */
export type AzureState = 'absent' | 'deleting' | 'busy' | 'failed' | 'rest';

export function azureStateOf(answer: JsonObject | undefined): AzureState {
  if (answer === undefined) return 'absent';
  const { phase, word } = phaseOfResource(answer);
  if (phase === 'running') return /^(deleting|deprovisioning|dropping)$/i.test(word) ? 'deleting' : 'busy';
  return phase === 'failed' ? 'failed' : 'rest';
}

import { standingOfResource } from '../../azure/operation.ts';
import type { JsonObject } from '../../kinds/contract.ts';

/** How a resource stands in Azure. `busy`: an operation works on it, ours or somebody else's. `failed`: it rests, and its last operation failed. */
export type AzureStanding = 'absent' | 'deleting' | 'busy' | 'failed' | 'rest';

export function standingIn(answer: JsonObject | undefined): AzureStanding {
  if (answer === undefined) return 'absent';
  const { standing, word } = standingOfResource(answer);
  if (standing === 'running') return /^(deleting|deprovisioning|dropping)$/i.test(word) ? 'deleting' : 'busy';
  return standing === 'failed' ? 'failed' : 'rest';
}

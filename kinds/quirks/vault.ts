import { nameIn, partOfId } from '../arm-id.ts';
import type { JsonObject, Lookup, Quirk, QuirkDecision, QuirkInput } from '../contract.ts';
import { valueAt, withValueAt } from '../json-path.ts';

const MODE = 'properties.createMode';

/**
 * Azure keeps a deleted vault for a while (soft delete), and its name stays taken. Two create modes of ASO do not exist
 * in Azure: `createOrRecover` recovers the deleted vault, `purgeThenCreate` purges it first.
 */
export const vault: Quirk = {
  reads(input) {
    const deleted = deletedVault(input);
    return deleted === undefined ? [] : [deleted];
  },
  beforePut(input) {
    const { payload, answers } = input;
    const mode = valueAt(payload, MODE);
    if (mode !== 'createOrRecover' && mode !== 'purgeThenCreate') return { type: 'payload', payload };
    const deleted = deletedVault(input);
    const [found] = answers;
    if (deleted === undefined || found === undefined) return withMode(payload, 'default');
    return mode === 'purgeThenCreate' ? { type: 'remove', lookup: deleted, action: 'purge' } : recovered(input, found);
  },
};

/** Where a deleted vault of this name would be; undefined if the payload does not depend on it. */
function deletedVault({ payload, existing, armId, apiVersion }: QuirkInput): Lookup | undefined {
  const mode = valueAt(payload, MODE);
  const location = valueAt(payload, 'location');
  if (existing !== undefined || (mode !== 'createOrRecover' && mode !== 'purgeThenCreate')) return undefined;
  if (typeof location !== 'string') return undefined;
  const subscription = partOfId(armId, 'subscription') ?? '';
  const locationId = `/subscriptions/${subscription}/providers/Microsoft.KeyVault/locations/${location.replaceAll(/\s/g, '').toLowerCase()}`;
  return { id: `${locationId}/deletedVaults/${nameIn(armId)}`, apiVersion };
}

/** Azure can recover a vault only into the resource group that it was in. */
function recovered({ payload, armId }: QuirkInput, found: JsonObject): QuirkDecision {
  const vaultId = valueAt(found, 'properties.vaultId');
  const [was, wanted] = [groupOf(typeof vaultId === 'string' ? vaultId : armId), groupOf(armId)];
  if (was.toLowerCase() === wanted.toLowerCase()) return withMode(payload, 'recover');
  const message = `cannot recover the deleted vault: it was in resource group ${was}, not in ${wanted}; use that group, another azureName, or createMode purgeThenCreate`;
  return { type: 'refused', reason: 'Failed', message, fatal: true };
}

function groupOf(armId: string): string {
  return partOfId(armId, 'resourceGroup') ?? '';
}

function withMode(payload: JsonObject, mode: string): QuirkDecision {
  return { type: 'payload', payload: withValueAt(payload, MODE, mode) as JsonObject };
}

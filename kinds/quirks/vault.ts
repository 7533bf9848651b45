import type { JsonObject, Lookup, Quirk, QuirkInput, Verdict } from '../contract.ts';
import { valueAt, withValueAt } from '../json-path.ts';

const MODE = 'properties.createMode';

/**
 * A deleted vault lingers, and its name is taken for as long. ASO has two create modes that Azure has not: `createOrRecover` takes the lingering one back,
 * `purgeThenCreate` has it purged first.
 */
export const vault: Quirk = {
  reads(input) {
    const lingering = lingeringVault(input);
    return lingering === undefined ? [] : [lingering];
  },
  beforePut(input) {
    const { payload, answers } = input;
    const mode = valueAt(payload, MODE);
    if (mode !== 'createOrRecover' && mode !== 'purgeThenCreate') return { is: 'payload', payload };
    const lingering = lingeringVault(input);
    const [found] = answers;
    if (lingering === undefined || found === undefined) return withMode(payload, 'default');
    return mode === 'purgeThenCreate' ? { is: 'remove', target: lingering, action: 'purge' } : recovered(input, found);
  },
};

/** Where Azure keeps it; undefined when nothing needs to be known. */
function lingeringVault({ payload, existing, armId, apiVersion }: QuirkInput): Lookup | undefined {
  const mode = valueAt(payload, MODE);
  const location = valueAt(payload, 'location');
  if (existing !== undefined || (mode !== 'createOrRecover' && mode !== 'purgeThenCreate')) return undefined;
  if (typeof location !== 'string') return undefined;
  const [, , subscription = ''] = armId.split('/');
  const place = `/subscriptions/${subscription}/providers/Microsoft.KeyVault/locations/${location.replaceAll(/\s/g, '').toLowerCase()}`;
  return { id: `${place}/deletedVaults/${armId.slice(armId.lastIndexOf('/') + 1)}`, apiVersion };
}

/** It comes back where it was, so it must have been in the same resource group. */
function recovered({ payload, armId }: QuirkInput, found: JsonObject): Verdict {
  const vaultId = valueAt(found, 'properties.vaultId');
  const [was, wanted] = [groupOf(typeof vaultId === 'string' ? vaultId : armId), groupOf(armId)];
  if (was.toLowerCase() === wanted.toLowerCase()) return withMode(payload, 'recover');
  const message = `cannot recover the deleted vault: it was in resource group ${was}, not in ${wanted}; use that group, another azureName, or createMode purgeThenCreate`;
  return { is: 'refused', reason: 'Failed', message, fatal: true };
}

function groupOf(armId: string): string {
  return /\/resourceGroups\/([^/]+)/i.exec(armId)?.[1] ?? '';
}

function withMode(payload: JsonObject, mode: string): Verdict {
  return { is: 'payload', payload: withValueAt(payload, MODE, mode) as JsonObject };
}

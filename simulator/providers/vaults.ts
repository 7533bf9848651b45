import { asObject, asString, longTime, type JsonObject } from '../json.ts';
import { shortLocation } from '../locations.ts';
import { setPhase, startOperation, type Call, type Provider } from '../provider.ts';
import { errorReply, type Reply } from '../reply.ts';
import { generic } from './generic.ts';

const deletedType = 'Microsoft.KeyVault/deletedVaults';
const retentionMs = 90 * 24 * 3_600_000;
const purgeMs = 20_000;

/**
 * Key vaults. They behave like `generic`, but a deleted vault is kept as a resource of its location, and its name stays
 * taken until the vault is recovered or purged.
 */
export const vaults: Provider = { ...generic, put, delete: remove, action };

function put(call: Call): Reply {
  const { target, existing, store, now } = call;
  if (!isVault(call) || existing !== undefined) return generic.put(call);
  const key = deletedId(call, asString(call.body['location'])).toLowerCase();
  const recover = asString(asObject(call.body['properties'])['createMode']) === 'recover';
  const deleted = store.get(key);
  if (deleted === undefined) return recover ? notFound(target.name) : generic.put(call);
  if (!recover) {
    const message =
      'A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault.';
    return errorReply('generic', 409, 'ConflictError', message);
  }
  store.remove(key, now);
  return generic.put(call);
}

function remove(call: Call): Reply {
  const { existing, store, now } = call;
  const reply = generic.delete(call);
  if (existing === undefined || !isVault(call) || reply.status !== 200) return reply;
  const id = deletedId(call, asString(existing.body['location']));
  const { location, tags, properties } = existing.body;
  const body: JsonObject = {
    id,
    name: existing.name,
    type: deletedType,
    properties: {
      vaultId: existing.id,
      location: location ?? '',
      tags: asObject(tags),
      deletionDate: longTime(now),
      scheduledPurgeDate: longTime(now + retentionMs),
      purgeProtectionEnabled: asObject(properties)['enablePurgeProtection'] === true,
    },
  };
  const common = { type: deletedType, name: existing.name, createdAt: now, phaseSince: now, phase: 'ready' } as const;
  store.put({ ...common, key: id.toLowerCase(), id, sent: {}, body });
  return reply;
}

/** The action `purge` of a deleted vault, a long-running operation. */
function action(call: Call, name: string): Reply {
  const { existing, target, store } = call;
  if (!target.type.toLowerCase().endsWith('/deletedvaults') || name.toLowerCase() !== 'purge')
    return generic.action(call, name);
  if (existing === undefined) return notFound(target.name);
  setPhase(existing, 'deleting', call.now);
  const finish = (outcome: unknown, at: number): void => {
    if (outcome === undefined) store.remove(target.key, at);
  };
  const pollPath = `${target.id.slice(0, target.id.indexOf('/deletedVaults'))}/operationResults/${target.name}?api-version=${call.apiVersion}`;
  const plan = { style: 'location', durationMs: purgeMs, retryAfterSeconds: undefined, pollPath } as const;
  startOperation(call, { ...plan, id: `purge ${target.name}`, method: 'DELETE', finish });
  return { status: 202, service: 'generic' };
}

function isVault({ target }: Call): boolean {
  return target.type.toLowerCase() === 'microsoft.keyvault/vaults';
}

function deletedId({ target }: Call, location: string): string {
  return `/subscriptions/${target.subscription}/providers/Microsoft.KeyVault/locations/${shortLocation(location)}/deletedVaults/${target.name}`;
}

function notFound(name: string): Reply {
  return errorReply('generic', 404, 'DeletedVaultNotFound', `The deleted vault '${name}' does not exist.`);
}

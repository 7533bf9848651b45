import { asObject, asString, longTime, newGuid, updated, type JsonObject } from '../json.ts';
import { storageKeys } from '../keys.ts';
import { shortLocation } from '../locations.ts';
import { setPhase, pollUrl, retryAfter, startOperation, storeResource, type Call, type Provider } from '../provider.ts';
import { errorReply, type Reply } from '../reply.ts';
import type { StoredResource } from '../store.ts';
import { deleteStorageChild, getStorageChild, putStorageChild } from './storage-children.ts';

/**
 * Storage accounts: a creation has style D (an empty 202 with a Location; the last poll answers the resource); all
 * other requests are synchronous.
 */
export const storage: Provider = { writeLatencyMs: 3_000, put, get, delete: remove, action };

const createMs = 25_000;
const retrySeconds = 17;

function put(call: Call): Reply {
  const { existing, target } = call;
  const { name: _ignored, ...sent } = call.body;
  if (!isAccount(call)) return putStorageChild(call, sent);
  if (existing?.phase === 'creating') {
    return errorReply(
      'storage',
      409,
      'StorageAccountOperationInProgress',
      'An operation is currently performing on this storage account that requires exclusive access.',
    );
  }
  const merged = existing === undefined ? sent : withRulesOf(sent, updated(existing.sent, sent));
  const shown = accountBody(call, merged);
  if (existing !== undefined || call.settings.synchronous) {
    return { status: 200, service: 'storage', body: storeResource(call, 'ready', merged, shown).body };
  }
  const resource = storeResource(call, 'creating', merged, shown);
  const location = shortLocation(asString(sent['location'], 'westus2'));
  const id = newGuid();
  const pollPath = `/subscriptions/${target.subscription}/providers/Microsoft.Storage/locations/${location}/asyncoperations/${id}?monitor=true&api-version=${call.apiVersion}`;
  const finish = (failure: unknown, at: number): void => {
    if (failure === undefined) setPhase(resource, 'ready', at);
    else call.store.remove(target.key, at);
  };
  startOperation(call, {
    id,
    method: 'PUT',
    style: 'location',
    durationMs: createMs,
    retryAfterSeconds: retrySeconds,
    pollPath,
    finish,
    result: () => resource.body,
  });
  return {
    status: 202,
    service: 'storage',
    headers: { location: pollUrl(call, pollPath), ...retryAfter(call, retrySeconds) },
  };
}

function get(call: Call): Reply {
  const { existing, target } = call;
  if (!isAccount(call)) return getStorageChild(call);
  if (existing === undefined)
    return errorReply('storage', 404, 'StorageAccountNotFound', `The storage account ${target.name} was not found.`);
  return { status: 200, service: 'storage', body: show(existing) };
}

function remove(call: Call): Reply {
  if (!isAccount(call)) return deleteStorageChild(call);
  call.store.remove(call.target.key, call.now);
  return { status: 200, service: 'storage' };
}

function action(call: Call, name: string): Reply {
  const { existing, target } = call;
  if (existing === undefined || !isAccount(call) || name.toLowerCase() !== 'listkeys') {
    return errorReply('storage', 400, 'InvalidRequestContent', `The action '${name}' is not known.`);
  }
  if (existing.phase === 'creating') {
    return errorReply(
      'storage',
      409,
      'StorageAccountIsNotProvisioned',
      "The storage account provisioning state must be 'Succeeded' before executing the operation.",
    );
  }
  const { key1, key2 } = storageKeys(target.name);
  const creationTime = longTime(existing.createdAt);
  const row = (keyName: string, value: string): JsonObject => ({ creationTime, keyName, value, permissions: 'FULL' });
  return { status: 200, service: 'storage', body: { keys: [row('key1', key1), row('key2', key2)] } };
}

/** A PUT with firewall rules replaces them as a whole: a list that is null or missing becomes empty. */
function withRulesOf(sent: JsonObject, merged: JsonObject): JsonObject {
  const { networkAcls } = asObject(sent['properties']);
  return networkAcls === undefined
    ? merged
    : { ...merged, properties: { ...asObject(merged['properties']), networkAcls } };
}

function isAccount(call: Call): boolean {
  return call.target.type.toLowerCase() === 'microsoft.storage/storageaccounts';
}

/** While an account is being created, only its provisioning state differs: its endpoints are complete. */
function show(resource: StoredResource): JsonObject {
  if (resource.phase !== 'creating') return resource.body;
  return { ...resource.body, properties: { ...asObject(resource.body['properties']), provisioningState: 'Creating' } };
}

function accountBody(call: Call, sent: JsonObject): JsonObject {
  const { existing, target, now } = call;
  const name = existing?.name ?? target.name;
  const kind = asString(sent['kind'], 'StorageV2');
  const location = asString(sent['location']);
  const sku = asString(asObject(sent['sku'])['name'], 'Standard_LRS');
  const at = longTime(existing?.createdAt ?? now);
  const properties = asObject(sent['properties']);
  const service: JsonObject = { keyType: 'Account', enabled: true, lastEnabledTime: at };
  const endpoints =
    kind === 'BlobStorage' ? ['dfs', 'blob', 'table'] : ['dfs', 'web', 'blob', 'queue', 'table', 'file'];
  return {
    sku: { name: sku, tier: sku.startsWith('Premium') ? 'Premium' : 'Standard' },
    kind,
    id: existing?.id ?? target.id,
    name,
    type: 'Microsoft.Storage/storageAccounts',
    location,
    tags: asObject(sent['tags']),
    ...(sent['identity'] === undefined ? {} : { identity: sent['identity'] }),
    properties: {
      keyCreationTime: { key1: at, key2: at },
      allowCrossTenantReplication: false,
      privateEndpointConnections: [],
      minimumTlsVersion: 'TLS1_2',
      allowBlobPublicAccess: false,
      supportsHttpsTrafficOnly: true,
      accessTier: 'Hot',
      ...properties,
      networkAcls: {
        ipv6Rules: [],
        bypass: 'AzureServices',
        virtualNetworkRules: [],
        ipRules: [],
        defaultAction: 'Allow',
        ...asObject(properties['networkAcls']),
      },
      encryption: {
        services: { file: service, blob: service },
        keySource: 'Microsoft.Storage',
        ...asObject(properties['encryption']),
      },
      provisioningState: 'Succeeded',
      creationTime: at,
      primaryEndpoints: Object.fromEntries(
        endpoints.map((kindOf) => [
          kindOf,
          `https://${name}.${kindOf === 'web' ? 'z5.web' : kindOf}.core.windows.net/`,
        ]),
      ),
      primaryLocation: shortLocation(location),
      statusOfPrimary: 'available',
    },
  };
}

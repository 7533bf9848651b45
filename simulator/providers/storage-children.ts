import { randomBytes } from 'node:crypto';
import { asObject, longTime, newGuid, type Json, type JsonObject } from '../json.ts';
import { storeResource, type Call } from '../provider.ts';
import { errorReply, type Reply } from '../reply.ts';

/** The services of an account exist without a PUT. A PUT answers only the name and what was sent. */
const serviceDefaults: Readonly<Record<string, JsonObject>> = {
  blobservices: { cors: { corsRules: [] }, deleteRetentionPolicy: { allowPermanentDelete: false, enabled: false } },
  tableservices: { cors: { corsRules: [] } },
  fileservices: {
    protocolSettings: { smb: {} },
    cors: { corsRules: [] },
    shareDeleteRetentionPolicy: { enabled: true, days: 7 },
  },
  queueservices: {
    logging: { version: '1.0', delete: false, read: false, write: false, retentionPolicy: { enabled: false } },
    cors: { corsRules: [] },
  },
};

export function putStorageChild(call: Call, sent: JsonObject): Reply {
  const { existing, target } = call;
  const given = asObject(sent['properties']);
  const etag = `"0x${randomBytes(7).toString('hex').toUpperCase()}0"`;
  const full = shownBody(call, given, etag);
  const kind = lastOf(target.type);
  const resource = storeResource(call, 'ready', sent, full);
  const { id, name, type } = resource.body;
  const bare = { id: id ?? '', name: name ?? '', type: type ?? '' };
  const first = existing === undefined;
  switch (kind) {
    case 'blobservices':
    case 'tableservices':
    case 'fileservices':
    case 'queueservices':
      return {
        status: 200,
        service: 'storage',
        body: { name: 'default', ...(sent['properties'] === undefined ? {} : { properties: given }) },
      };
    case 'containers':
      return {
        status: first ? 201 : 200,
        service: 'storage',
        headers: { etag },
        body: { ...bare, ...(sent['properties'] === undefined ? {} : { properties: given }) },
      };
    case 'shares':
      return { status: first ? 201 : 200, service: 'storage', headers: { etag }, body: { ...bare, properties: given } };
    case 'queues':
      return { status: 200, service: 'storage', body: { ...bare, properties: { metadata: {}, ...given } } };
    case 'tables':
      return { status: 200, service: 'storage', body: { ...bare, properties: { tableName: target.name } } };
    default:
      return { status: 200, service: 'storage', body: resource.body };
  }
}

export function getStorageChild(call: Call): Reply {
  const { existing, target } = call;
  const kind = lastOf(target.type);
  if (existing === undefined) {
    if (serviceDefaults[kind] === undefined) return missing(call);
    return { status: 200, service: 'storage', body: shownBody(call, {}, '') };
  }
  const etag = existing.body['etag'];
  const headers: Record<string, string> = typeof etag === 'string' ? { etag } : {};
  return { status: 200, service: 'storage', headers, body: existing.body };
}

export function deleteStorageChild(call: Call): Reply {
  const { existing, target } = call;
  if (existing === undefined) return missing(call);
  call.store.remove(target.key, call.now);
  const kind = lastOf(target.type);
  return { status: kind === 'queues' || kind === 'tables' ? 204 : 200, service: 'storage' };
}

function shownBody(call: Call, given: JsonObject, etag: string): JsonObject {
  const { existing, target, now } = call;
  const kind = lastOf(target.type);
  const id = existing?.id ?? target.id;
  const base: JsonObject = { id, name: target.name, type: target.type };
  const account = call.store.get(target.topId.toLowerCase());
  const sku: Json | undefined = kind === 'blobservices' || kind === 'fileservices' ? account?.body['sku'] : undefined;
  const at = longTime(now);
  const service = serviceDefaults[kind];
  if (service !== undefined)
    return { ...(sku === undefined ? {} : { sku }), ...base, properties: { ...service, ...given } };
  switch (kind) {
    case 'managementpolicies':
      return { ...base, name: 'DefaultManagementPolicy', properties: { ...given, lastModifiedTime: at } };
    case 'containers':
      return { ...base, etag, properties: { ...containerDefaults(at), ...given } };
    case 'shares':
      return { ...base, etag, properties: { ...shareDefaults(at), ...given } };
    case 'queues':
      return { ...base, properties: { metadata: {}, approximateMessageCount: 0, ...given } };
    case 'tables':
      return { ...base, properties: { signedIdentifiers: [], tableName: target.name, ...given } };
    default:
      return { ...base, properties: given };
  }
}

function containerDefaults(at: string): JsonObject {
  return {
    deleted: false,
    remainingRetentionDays: 0,
    defaultEncryptionScope: '$account-encryption-key',
    denyEncryptionScopeOverride: false,
    publicAccess: 'None',
    leaseStatus: 'Unlocked',
    leaseState: 'Available',
    lastModifiedTime: at,
    legalHold: { hasLegalHold: false, tags: [] },
    hasImmutabilityPolicy: false,
    hasLegalHold: false,
  };
}

function shareDefaults(at: string): JsonObject {
  return {
    leaseStatus: 'unlocked',
    leaseState: 'available',
    signedIdentifiers: [],
    accessTier: 'TransactionOptimized',
    accessTierChangeTime: at,
    lastModifiedTime: at,
    shareQuota: 102_400,
  };
}

function missing(call: Call): Reply {
  const trace = `\nRequestId:${newGuid()}\nTime:${longTime(call.now)}`;
  switch (lastOf(call.target.type)) {
    case 'containers':
      return errorReply('storage', 404, 'ContainerNotFound', `The specified container does not exist.${trace}`);
    case 'queues':
      return errorReply('storage', 404, 'QueueNotFound', `The specified queue does not exist.${trace}`);
    case 'managementpolicies':
      return errorReply('storage', 404, 'ManagementPolicyNotFound', 'No ManagementPolicy found for account.');
    default:
      return errorReply('storage', 404, 'ResourceNotFound', `The specified resource does not exist.${trace}`);
  }
}

function lastOf(type: string): string {
  return type.slice(type.lastIndexOf('/') + 1).toLowerCase();
}

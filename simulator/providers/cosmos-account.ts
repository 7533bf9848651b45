import { asList, asObject, asString, guidOf, longTime, type Json, type JsonObject } from '../json.ts';
import { displayLocation, shortLocation } from '../locations.ts';
import type { Call } from '../provider.ts';
import type { StoredResource } from '../store.ts';

/** The answer of GET for an account that is ready. */
export function accountBody(call: Call, sent: JsonObject): JsonObject {
  const { target, existing, now } = call;
  const name = existing?.name ?? target.name;
  const kind = asString(sent['kind'], 'GlobalDocumentDB');
  const createdAt = longTime(existing?.createdAt ?? now);
  const { locations: _locations, ...chosen } = asObject(sent['properties']);
  return {
    id: existing?.id ?? target.id,
    name,
    location: displayLocation(asString(sent['location'])),
    type: 'Microsoft.DocumentDB/databaseAccounts',
    kind,
    tags: asObject(sent['tags']),
    systemData: { createdAt },
    properties: {
      provisioningState: 'Succeeded',
      ...endpoints(name, kind),
      ...settings,
      ...apiSettings(kind),
      ...regions(locationsOf(name, sent)),
      instanceId: guidOf(target.key),
      keysMetadata: keysMetadata(createdAt),
      ...chosen,
    },
    identity: { type: 'None', ...asObject(sent['identity']) },
  };
}

function endpoints(name: string, kind: string): JsonObject {
  const endpoint = `https://${name}.documents.azure.com:443/`;
  const mongoEndpoint = `https://${name}.mongo.cosmos.azure.com:443/`;
  return { documentEndpoint: endpoint, sqlEndpoint: endpoint, ...(kind === 'MongoDB' ? { mongoEndpoint } : {}) };
}

/** The settings that depend on the API of the account. */
function apiSettings(kind: string): JsonObject {
  const isMongo = kind === 'MongoDB';
  return {
    EnabledApiTypes: isMongo ? 'MongoDB' : 'Sql',
    analyticalStorageConfiguration: { schemaType: isMongo ? 'FullFidelity' : 'WellDefined' },
    ...(isMongo ? { apiProperties: { serverVersion: '3.6' } } : {}),
    configurationOverrides: {
      ...(isMongo ? { EnableBsonSchema: 'True' } : {}),
      EnablePerRegionPerPartitionAutoscaleOptIn: 'True',
    },
  };
}

function regions(locations: JsonObject[]): JsonObject {
  return {
    writeLocations: locations.slice(0, 1),
    readLocations: locations,
    locations,
    failoverPolicies: locations.map(({ id = '', locationName = '', failoverPriority = 0 }) => ({
      id,
      locationName,
      failoverPriority,
    })),
  };
}

/** The defaults of Azure for properties that a PUT omits. */
const settings: JsonObject = {
  publicNetworkAccess: 'Enabled',
  enableAutomaticFailover: false,
  enableMultipleWriteLocations: false,
  enablePartitionKeyMonitor: false,
  isVirtualNetworkFilterEnabled: false,
  virtualNetworkRules: [],
  disableKeyBasedMetadataWriteAccess: false,
  enableFreeTier: false,
  enableAnalyticalStorage: false,
  databaseAccountOfferType: 'Standard',
  defaultIdentity: 'FirstPartyIdentity',
  networkAclBypass: 'None',
  disableLocalAuth: false,
  enablePartitionMerge: false,
  enableBurstCapacity: false,
  minimalTlsVersion: 'Tls12',
  consistencyPolicy: { defaultConsistencyLevel: 'Session', maxIntervalInSeconds: 5, maxStalenessPrefix: 100 },
  cors: [],
  capabilities: [],
  ipRules: [],
  backupPolicy: {
    type: 'Periodic',
    periodicModeProperties: {
      backupIntervalInMinutes: 240,
      backupRetentionIntervalInHours: 8,
      backupStorageRedundancy: 'Geo',
    },
  },
  networkAclBypassResourceIds: [],
};

/** Properties that api-versions before 2023 do not have. */
const addedIn2023 = [
  'disableLocalAuth',
  'enablePartitionMerge',
  'enableBurstCapacity',
  'minimalTlsVersion',
  'keysMetadata',
] as const;
/** Properties that Azure does not answer while the account is being created. */
const withheld = ['documentEndpoint', 'sqlEndpoint', 'mongoEndpoint'] as const;

/** The answer of GET at this api-version in the current phase of the account. */
export function showAccount(resource: StoredResource, apiVersion: string, nearlyGone = false): JsonObject {
  let properties: JsonObject = { ...asObject(resource.body['properties']) };
  if (apiVersion < '2023') properties = omit(properties, addedIn2023);
  if (resource.phase === 'creating' || resource.phase === 'failed') properties = unfinished(properties);
  const state = {
    creating: 'Creating',
    updating: 'Updating',
    deleting: 'Deleting',
    failed: 'Failed',
    ready: undefined,
  }[resource.phase];
  if (state !== undefined) properties['provisioningState'] = state;
  if (resource.phase === 'deleting')
    properties = eachLocation(properties, (location) => ({ ...location, provisioningState: 'Deleting' }));
  if (nearlyGone) properties = omit(properties, ['writeLocations', 'readLocations', 'locations', 'failoverPolicies']);
  return { ...resource.body, properties };
}

function unfinished(properties: JsonObject): JsonObject {
  const { EnableBsonSchema: _later, ...configurationOverrides } = asObject(properties['configurationOverrides']);
  const backup = asObject(properties['backupPolicy']);
  const bare = eachLocation(omit(properties, withheld), ({ documentEndpoint: _withheld, ...location }) => ({
    ...location,
    provisioningState: 'Creating',
  }));
  const periodicModeProperties = { ...asObject(backup['periodicModeProperties']), backupStorageRedundancy: 'Invalid' };
  return { ...bare, defaultIdentity: '', configurationOverrides, backupPolicy: { ...backup, periodicModeProperties } };
}

function eachLocation(properties: JsonObject, change: (location: JsonObject) => JsonObject): JsonObject {
  const changed: JsonObject = { ...properties };
  for (const list of ['writeLocations', 'readLocations', 'locations']) {
    if (changed[list] !== undefined)
      changed[list] = asList(changed[list]).map((location) => change(asObject(location)));
  }
  return changed;
}

function locationsOf(name: string, sent: JsonObject): JsonObject[] {
  const given = asList(asObject(sent['properties'])['locations']);
  const rows: Json[] = given.length > 0 ? given : [{ locationName: sent['location'] ?? 'westus2' }];
  return rows.map((row, index) => {
    const { locationName, failoverPriority, isZoneRedundant } = asObject(row);
    const id = `${name}-${shortLocation(asString(locationName))}`;
    return {
      id,
      locationName: displayLocation(asString(locationName)),
      documentEndpoint: `https://${id}.documents.azure.com:443/`,
      provisioningState: 'Succeeded',
      failoverPriority: failoverPriority ?? index,
      isZoneRedundant: isZoneRedundant ?? false,
    };
  });
}

function keysMetadata(generationTime: string): JsonObject {
  const names = ['primaryMasterKey', 'secondaryMasterKey', 'primaryReadonlyMasterKey', 'secondaryReadonlyMasterKey'];
  return Object.fromEntries(names.map((name) => [name, { generationTime }]));
}

function omit(value: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !names.includes(key)));
}

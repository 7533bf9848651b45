import { asObject, guidOf, longTime, type JsonObject } from '../json.ts';
import { asString } from '../json.ts';
import { displayLocation } from '../locations.ts';
import type { Call } from '../provider.ts';
import type { StoredResource } from '../store.ts';

/** The answer of GET for a flexible server: what was sent, with defaults, in the order of the provider. */
export function serverBody(call: Call, sent: JsonObject): JsonObject {
  const { target, existing, now } = call;
  const name = existing?.name ?? target.name;
  const properties = asObject(sent['properties']);
  const storage = asObject(properties['storage']);
  const identity = identityOf(sent, target.subscription);
  return {
    ...(sent['sku'] === undefined ? {} : { sku: sent['sku'] }),
    ...(identity === undefined ? {} : { identity }),
    systemData: { createdAt: longTime(existing?.createdAt ?? now) },
    properties: {
      administratorLogin: properties['administratorLogin'] ?? 'azureuser',
      storage: {
        storageSizeGB: 32,
        iops: 684,
        autoGrow: 'Enabled',
        autoIoScaling: 'Disabled',
        storageSku: 'Premium_LRS',
        logOnDisk: 'Disabled',
        ...storage,
      },
      version: properties['version'] ?? '8.0.21',
      state: 'Ready',
      fullyQualifiedDomainName: `${name}.mysql.database.azure.com`,
      availabilityZone: properties['availabilityZone'] ?? '',
      maintenanceWindow: {
        customWindow: 'Disabled',
        dayOfWeek: 0,
        startHour: 0,
        startMinute: 0,
        ...asObject(properties['maintenanceWindow']),
      },
      replicationRole: properties['replicationRole'] ?? 'None',
      replicaCapacity: 10,
      network: { publicNetworkAccess: 'Enabled', ...asObject(properties['network']) },
      backup: {
        backupRetentionDays: 7,
        backupIntervalHours: 24,
        geoRedundantBackup: 'Disabled',
        // It may be in the future, as recorded.
        earliestRestoreDate: longTime((existing?.createdAt ?? now) + 420_000).replace('Z', '+00:00'),
        ...asObject(properties['backup']),
      },
      highAvailability: {
        mode: 'Disabled',
        state: 'NotEnabled',
        standbyAvailabilityZone: '',
        ...asObject(properties['highAvailability']),
      },
      privateEndpointConnections: [],
    },
    location: displayLocation(asString(sent['location'])),
    ...(sent['tags'] === undefined ? {} : { tags: sent['tags'] }),
    id: existing?.id ?? target.id,
    name,
    type: 'Microsoft.DBforMySQL/flexibleServers',
  };
}

/** The stored body in this api-version and phase. */
export function showServer(resource: StoredResource, apiVersion: string): JsonObject {
  const { autoIoScaling, logOnDisk, ...storage } = asObject(asObject(resource.body['properties'])['storage']);
  const { backupIntervalHours, ...backup } = asObject(asObject(resource.body['properties'])['backup']);
  const { privateEndpointConnections, ...properties } = asObject(resource.body['properties']);
  const since2023 = apiVersion >= '2023';
  const since202312 = apiVersion >= '2023-12';
  return {
    ...resource.body,
    properties: {
      ...properties,
      storage: {
        ...storage,
        ...(since2023 && autoIoScaling !== undefined && logOnDisk !== undefined ? { autoIoScaling, logOnDisk } : {}),
      },
      state: stateOf(resource),
      backup: { ...backup, ...(since202312 && backupIntervalHours !== undefined ? { backupIntervalHours } : {}) },
      ...(since2023 && privateEndpointConnections !== undefined ? { privateEndpointConnections } : {}),
    },
  };
}

function stateOf(resource: StoredResource): string {
  if (resource.phase === 'updating') return 'Updating';
  if (resource.phase === 'deleting') return 'Dropping';
  return asString(asObject(resource.body['properties'])['state'], 'Ready');
}

/**
 * User-assigned identities are answered with `resourcegroups` in lower case, and with a principal and a tenant each.
 */
function identityOf(sent: JsonObject, subscription: string): JsonObject | undefined {
  const identity = asObject(sent['identity']);
  if (identity['type'] === undefined) return undefined;
  const zero = '00000000-0000-0000-0000-000000000000';
  const tenantId = guidOf(`tenant of ${subscription}`);
  const assigned = Object.keys(asObject(identity['userAssignedIdentities'])).map((id) => [
    id.replace(/\/resourceGroups\//i, '/resourcegroups/'),
    { principalId: guidOf(`principal ${id.toLowerCase()}`), tenantId },
  ]);
  const userAssignedIdentities = Object.fromEntries(assigned) as JsonObject;
  return { userAssignedIdentities, principalId: zero, type: identity['type'], tenantId };
}

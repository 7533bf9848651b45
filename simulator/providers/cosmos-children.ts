import { asList, asObject, guidOf, type JsonObject } from '../json.ts';
import type { Call } from '../provider.ts';

/**
 * The answer of GET for a database, container, collection or throughput setting. It never has `options` or `location`.
 */
export function cosmosChildBody(call: Call, sent: JsonObject): JsonObject {
  const { target, existing } = call;
  const id = existing?.id ?? target.id;
  const type = existing?.type ?? target.type;
  const name = existing?.name ?? target.name;
  const properties = asObject(sent['properties']);
  const resource = properties['resource'];
  // Role definitions, assignments and the like have no `resource`.
  if (resource === undefined) return { id, type, name, properties };
  const last = type.slice(type.lastIndexOf('/') + 1).toLowerCase();
  const rid = ridOf(target.key);
  switch (last) {
    case 'throughputsettings':
      return { id, type, name: rid, properties: { resource: throughput(asObject(resource)) } };
    case 'collections':
      return { id, type, name, properties: { resource: collection(asObject(resource)) } };
    case 'sqldatabases':
      return {
        id,
        type,
        name,
        properties: { resource: { ...asObject(resource), ...system(call, rid), _colls: 'colls/', _users: 'users/' } },
      };
    case 'containers':
      return { id, type, name, properties: { resource: { ...container(asObject(resource)), ...system(call, rid) } } };
    default:
      return { id, type, name, properties: { resource } };
  }
}

/** `throughput` is a number, but `minimumThroughput` a string. Azure answers both also with autoscale. */
function throughput(resource: JsonObject): JsonObject {
  const autoscaleSettings = resource['autoscaleSettings'];
  if (autoscaleSettings === undefined) return { throughput: resource['throughput'] ?? 400, minimumThroughput: '400' };
  return { throughput: 400, autoscaleSettings, minimumThroughput: '1000' };
}

/** The answer omits the options of an index. */
function collection(resource: JsonObject): JsonObject {
  const indexes = resource['indexes'];
  return {
    ...resource,
    ...(indexes === undefined
      ? {}
      : { indexes: asList(indexes).map((index) => ({ key: asObject(index)['key'] ?? {} })) }),
  };
}

function container(resource: JsonObject): JsonObject {
  const indexing = asObject(resource['indexingPolicy']);
  return {
    ...resource,
    indexingPolicy: {
      indexingMode: 'consistent',
      automatic: true,
      includedPaths: [{ path: '/*' }],
      ...indexing,
      excludedPaths: [...asList(indexing['excludedPaths']), { path: '/"_etag"/?' }],
    },
    uniqueKeyPolicy: { uniqueKeys: [], ...asObject(resource['uniqueKeyPolicy']) },
    conflictResolutionPolicy: {
      mode: 'LastWriterWins',
      conflictResolutionPath: '/_ts',
      conflictResolutionProcedure: '',
      ...asObject(resource['conflictResolutionPolicy']),
    },
    geospatialConfig: { type: 'Geography' },
    _docs: 'docs/',
    _sprocs: 'sprocs/',
    _triggers: 'triggers/',
    _udfs: 'udfs/',
    _conflicts: 'conflicts/',
    statistics: [{ id: '0', sizeInKB: 0, documentCount: 0, sampledDistinctPartitionKeyCount: 0, partitionKeys: [] }],
  };
}

function system(call: Call, rid: string): JsonObject {
  return {
    _rid: `${rid}AA==`,
    _self: `dbs/${rid}AA==/`,
    _etag: `"${guidOf(`${call.target.key} ${call.now}`)}"`,
    _ts: Math.trunc(call.now / 1000),
  };
}

/** Four characters, such as `yaO8`. */
function ridOf(key: string): string {
  return Buffer.from(guidOf(key).slice(0, 6), 'hex').toString('base64url');
}

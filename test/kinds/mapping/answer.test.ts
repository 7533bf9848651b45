import { describe, expect, it } from '@jest/globals';

import type { JsonObject } from '../../../kinds/contract.ts';
import { loadKinds } from '../../../kinds/load.ts';

const kinds = loadKinds();
const server = kinds.shape(kinds.find({ group: 'dbformysql.azure.com', kind: 'FlexibleServer' })!, '2021-05-01');
const account = kinds.shape(kinds.find({ group: 'documentdb.azure.com', kind: 'DatabaseAccount' })!, '2021-05-15');

describe('status', () => {
  it('flattens properties, keeps the id, drops secrets and what no type knows', () => {
    const answer: JsonObject = {
      id: '/subscriptions/s/x',
      name: 'samplemysql',
      type: 'Microsoft.DBforMySQL/flexibleServers',
      location: 'West US 2',
      properties: {
        fullyQualifiedDomainName: 'f',
        administratorLoginPassword: 'canary',
        unknown: 'canary',
        storage: { storageSizeGB: 128, storageSku: 'P' },
      },
    };
    expect(server.status(answer)).toEqual({
      id: '/subscriptions/s/x',
      name: 'samplemysql',
      type: 'Microsoft.DBforMySQL/flexibleServers',
      location: 'West US 2',
      fullyQualifiedDomainName: 'f',
      storage: { storageSizeGB: 128, storageSku: 'P' },
    });
  });

  it('shows a variant under its name', () => {
    const properties = { backupPolicy: { type: 'Continuous' } };
    expect(account.status({ properties })).toEqual({ backupPolicy: { continuous: { type: 'Continuous' } } });
  });
});

const at = (group: string, kind: string) => {
  const found = kinds.find({ group, kind })!;
  return kinds.shape(found, found.apiVersions.at(-1)!);
};

const shown: { reason: string; shape: typeof server; answer: JsonObject; status: JsonObject }[] = [
  {
    reason: 'keys in an answer, although the types do not call them secret',
    shape: at('cache.azure.com', 'Redis'),
    answer: {
      properties: {
        accessKeys: { primaryKey: 'k' },
        hostName: 'h',
        redisConfiguration: { 'rdb-storage-connection-string': 'c' },
      },
    },
    status: { hostName: 'h', redisConfiguration: {} },
  },
  {
    reason: 'what the kind hands out in a ConfigMap is no secret, whatever it is called',
    shape: at('insights.azure.com', 'Component'),
    answer: { properties: { ConnectionString: 'InstrumentationKey=x', InstrumentationKey: 'x' } },
    status: { ConnectionString: 'InstrumentationKey=x', InstrumentationKey: 'x' },
  },
  {
    reason: 'a connection string with a gap for the password',
    shape: at('documentdb.azure.com', 'MongoCluster'),
    answer: { properties: { connectionString: 'mongodb+srv://<user>:<password>@x/?tls=true', serverVersion: '7.0' } },
    status: { properties: { connectionString: 'mongodb+srv://<user>:<password>@x/?tls=true', serverVersion: '7.0' } },
  },
  {
    reason: 'and one without a gap',
    shape: at('documentdb.azure.com', 'MongoCluster'),
    answer: { properties: { connectionString: 'mongodb+srv://a:canary@x/?tls=true', serverVersion: '7.0' } },
    status: { properties: { serverVersion: '7.0' } },
  },
  {
    reason: 'a signed URL under a name that is known',
    shape: at('web.azure.com', 'Site'),
    answer: { properties: { defaultHostName: 'https://x/?sv=2024&sig=abc', state: 'Running' } },
    status: { state: 'Running' },
  },
  {
    reason: "a resource's own `type` and a flattened one: both are there",
    shape: at('compute.azure.com', 'VirtualMachinesExtension'),
    answer: { type: 'Microsoft.Compute/x', properties: { type: 'CustomScript', protectedSettings: { a: 'b' } } },
    status: { type: 'Microsoft.Compute/x', properties_type: 'CustomScript' },
  },
  {
    reason: 'what no type of this api-version knows, as in ASO: it may be a secret',
    shape: account,
    answer: { properties: { mongoEndpoint: 'm', documentEndpoint: 'd' } },
    status: { documentEndpoint: 'd' },
  },
  {
    reason: 'free values, without what looks like a secret in them',
    shape: at('compute.azure.com', 'VirtualMachinesExtension'),
    answer: {
      properties: {
        settings: { fileUris: ['https://x/a.sh', 'https://x/b.sh?sig=s'], storageAccountKey: 'k', port: 1 },
      },
    },
    status: { settings: { fileUris: ['https://x/a.sh'], port: 1 } },
  },
];

describe('status shows no secret', () => {
  it.each(shown)('$reason', ({ shape, answer, status }) => {
    expect(shape.status(answer)).toEqual(status);
  });
});

const ID = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n';
const sent = (properties: JsonObject, rest: JsonObject = {}): JsonObject => ({ name: 'x', properties, ...rest });

describe('differences', () => {
  const cases: { reason: string; shape: typeof server; payload: JsonObject; answer: JsonObject; drift: string[] }[] = [
    {
      reason: 'a location is a location however spelt',
      shape: server,
      payload: sent({}, { location: 'westus2' }),
      answer: { location: 'West US 2' },
      drift: [],
    },
    {
      reason: 'locations in lists too',
      shape: account,
      payload: sent({ locations: [{ locationName: 'westus2' }] }),
      answer: { properties: { locations: [{ locationName: 'West US 2', id: 'x' }] } },
      drift: [],
    },
    {
      reason: 'ids ignore case',
      shape: server,
      payload: sent({ network: { delegatedSubnetResourceId: ID } }),
      answer: { properties: { network: { delegatedSubnetResourceId: ID.toUpperCase() } } },
      drift: [],
    },
    {
      reason: 'what the answer leaves out, at its outermost: the baseline settles what is never answered',
      shape: server,
      payload: sent({ version: '8', storage: { storageSizeGB: 128, autoGrow: 'Enabled' } }),
      answer: { properties: { version: '8' } },
      drift: ['properties.storage'],
    },
    {
      reason: 'a value that is left out',
      shape: server,
      payload: sent({ storage: { storageSizeGB: 128, autoGrow: 'Enabled' } }),
      answer: { properties: { storage: { storageSizeGB: 128 } } },
      drift: ['properties.storage.autoGrow'],
    },
    {
      reason: 'no value, false and what is empty are left out by Azure too',
      shape: account,
      payload: sent({ enableFreeTier: false, ipRules: [], cors: null, apiProperties: {} }),
      answer: { properties: {} },
      drift: [],
    },
    {
      reason: 'a secret is never answered, nor what holds nothing but secrets',
      shape: server,
      payload: sent({ administratorLoginPassword: 'a' }),
      answer: {},
      drift: [],
    },
    {
      reason: 'a list that somebody emptied, or removed',
      shape: account,
      payload: sent({ ipRules: [{ ipAddressOrRange: '1' }], capabilities: [{ name: 'EnableMongo' }] }),
      answer: { properties: { ipRules: [], capabilities: null } },
      drift: ['properties.ipRules', 'properties.capabilities'],
    },
    {
      reason: 'a map that somebody removed',
      shape: server,
      payload: sent({}, { tags: { a: '1' } }),
      answer: {},
      drift: ['tags'],
    },
    {
      reason: 'an identity that somebody took away: an entry of a map says something, although it is empty',
      shape: account,
      payload: sent({}, { identity: { type: 'UserAssigned', userAssignedIdentities: { [ID]: {} } } }),
      answer: { identity: { type: 'UserAssigned', userAssignedIdentities: {} } },
      drift: [`identity.userAssignedIdentities.${ID}`],
    },
    {
      reason: 'one entry of a list that is missing, by its identity',
      shape: account,
      payload: sent({ capabilities: [{ name: 'A' }, { name: 'B' }, { name: 'C' }] }),
      answer: { properties: { capabilities: [{ name: 'C' }, { name: 'a' }] } },
      drift: ['properties.capabilities[1]'],
    },
    {
      reason: 'an entry in other words among others that were added: both, and nothing of the rest',
      shape: account,
      payload: sent({ locations: [{ locationName: 'westus', failoverPriority: 1 }, { locationName: 'eastus' }] }),
      answer: {
        properties: {
          locations: [
            { locationName: 'North Europe', failoverPriority: 2 },
            { locationName: 'East US', failoverPriority: 0 },
            { locationName: 'West US', failoverPriority: 0 },
          ],
        },
      },
      drift: ['properties.locations', 'properties.locations[0].failoverPriority'],
    },
    {
      reason: 'too many: those of one list count as one',
      shape: account,
      payload: sent({ ipRules: Array.from({ length: 300 }, (_, at) => ({ ipAddressOrRange: `1.1.1.${String(at)}` })) }),
      answer: {
        properties: {
          ipRules: Array.from({ length: 300 }, (_, at) => ({ ipAddressOrRange: `2.2.2.${String(at)}` })),
        },
      },
      drift: ['properties.ipRules'],
    },
    {
      reason: 'a secret that comes back masked',
      shape: server,
      payload: sent({ administratorLoginPassword: 'a' }),
      answer: { properties: { administratorLoginPassword: '***' } },
      drift: [],
    },
    {
      reason: 'an enum in other letters',
      shape: server,
      payload: sent({ createMode: 'Default' }),
      answer: { properties: { createMode: 'default' } },
      drift: [],
    },
    {
      reason: 'the name of a child comes back with its parents',
      shape: server,
      payload: sent({}),
      answer: { name: 'parent/x' },
      drift: [],
    },
    {
      reason: 'the order of a list',
      shape: account,
      payload: sent({ ipRules: [{ ipAddressOrRange: '1' }, { ipAddressOrRange: '2' }] }),
      answer: { properties: { ipRules: [{ ipAddressOrRange: '2' }, { ipAddressOrRange: '1' }] } },
      drift: [],
    },
    {
      reason: 'a tag that Azure added',
      shape: server,
      payload: sent({}, { tags: { a: '1' } }),
      answer: { tags: { a: '1', policy: 'x' } },
      drift: [],
    },
    {
      reason: 'a number as text, as the configurations of MySQL come back',
      shape: server,
      payload: sent({ storage: { storageSizeGB: 128 }, replicationRole: 'None' }),
      answer: { properties: { storage: { storageSizeGB: '128' }, replicationRole: 'NONE' } },
      drift: [],
    },
    {
      reason: 'the same moment with a fraction and another zone',
      shape: server,
      payload: sent({ restorePointInTime: '2026-01-01T10:00:00Z' }),
      answer: { properties: { restorePointInTime: '2026-01-01T11:00:00.0000000+01:00' } },
      drift: [],
    },
    {
      reason: 'an item of which little was sent fits many: the pairs are found all the same',
      shape: account,
      payload: sent({ locations: [{ failoverPriority: 0 }, { locationName: 'westus2' }] }),
      answer: {
        properties: {
          locations: [
            { locationName: 'West US 2', failoverPriority: 0 },
            { locationName: 'East US', failoverPriority: 0 },
          ],
        },
      },
      drift: [],
    },
    {
      reason: 'a tag that somebody took away: a map is answered whole',
      shape: server,
      payload: sent({}, { tags: { a: '1', constructor: '2' } }),
      answer: { tags: { A: '1' } },
      drift: ['tags.constructor'],
    },
    {
      reason: 'an etag: it changes with every write',
      shape: at('operationalinsights.azure.com', 'Workspace'),
      payload: sent({ provisioningState: 'Succeeded', retentionInDays: 30 }, { etag: 'a' }),
      answer: { eTag: 'b', properties: { provisioningState: 'Updating', retentionInDays: 30 } },
      drift: [],
    },
    {
      reason: 'a number that differs',
      shape: server,
      payload: sent({ storage: { storageSizeGB: 128 } }),
      answer: { properties: { storage: { storageSizeGB: 64 } } },
      drift: ['properties.storage.storageSizeGB'],
    },
    {
      reason: 'an item that differs',
      shape: account,
      payload: sent({ ipRules: [{ ipAddressOrRange: '1' }] }),
      answer: { properties: { ipRules: [{ ipAddressOrRange: '3' }] } },
      drift: ['properties.ipRules[0].ipAddressOrRange'],
    },
    {
      reason: 'a tag that differs',
      shape: server,
      payload: sent({}, { tags: { a: '1' } }),
      answer: { tags: { a: '2' } },
      drift: ['tags.a'],
    },
    {
      reason: 'a list that grew',
      shape: account,
      payload: sent({ ipRules: [] }),
      answer: { properties: { ipRules: [{ ipAddressOrRange: '3' }] } },
      drift: ['properties.ipRules'],
    },
  ];
  it.each(cases)('$reason', ({ shape, payload, answer, drift }) => {
    expect(shape.differences(payload, answer).map(({ path }) => path)).toEqual(drift);
  });
});

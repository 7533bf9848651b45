import { describe, expect, it } from '@jest/globals';

import type { JsonObject } from '../../kinds/contract.ts';
import { loadKinds } from '../../kinds/load.ts';

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

describe('drift', () => {
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
      reason: 'what the answer leaves out is unknown',
      shape: server,
      payload: sent({ version: '8' }),
      answer: {},
      drift: [],
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
    expect(shape.drift(payload, answer)).toEqual(drift);
  });
});

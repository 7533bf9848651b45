import { describe, expect, it } from '@jest/globals';

import type { JsonObject } from '../../../kinds/contract.ts';
import { loadKinds } from '../../../kinds/load.ts';

const kinds = loadKinds();
const server = kinds.shape(kinds.find({ group: 'dbformysql.azure.com', kind: 'FlexibleServer' })!, '2021-05-01');
const account = kinds.shape(kinds.find({ group: 'documentdb.azure.com', kind: 'DatabaseAccount' })!, '2021-05-15');

describe('status', () => {
  it('flattens properties, keeps the id, and drops secrets and properties without a type', () => {
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
    reason: 'a value that the kind exports to a ConfigMap is not a secret, whatever its name is',
    shape: at('insights.azure.com', 'Component'),
    answer: { properties: { ConnectionString: 'InstrumentationKey=x', InstrumentationKey: 'x' } },
    status: { ConnectionString: 'InstrumentationKey=x', InstrumentationKey: 'x' },
  },
  {
    reason: 'a connection string with a placeholder for the password is shown',
    shape: at('documentdb.azure.com', 'MongoCluster'),
    answer: { properties: { connectionString: 'mongodb+srv://<user>:<password>@x/?tls=true', serverVersion: '7.0' } },
    status: { properties: { connectionString: 'mongodb+srv://<user>:<password>@x/?tls=true', serverVersion: '7.0' } },
  },
  {
    reason: 'a connection string with a password',
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
    reason: 'a property that the types of the api-version lack, as in ASO: it may be a secret',
    shape: account,
    answer: { properties: { mongoEndpoint: 'm', documentEndpoint: 'd' } },
    status: { documentEndpoint: 'd' },
  },
  {
    reason: 'values of unknown type, without what looks like a secret in them',
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

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

const mariadb = { version: '10.3', fullyQualifiedDomainName: 'f', userVisibleState: 'Ready' };

const named: typeof shown = [
  {
    reason: 'variants that only the PUT has: the answer has none, so `properties` moves up',
    shape: at('dbformariadb.azure.com', 'Server'),
    answer: { properties: mariadb },
    status: mariadb,
  },
  {
    reason: '`properties` whose variants the answer has, too, stays, as in the spec',
    shape: at('databasewatcher.azure.com', 'Target'),
    answer: { properties: { targetType: 'SqlDb', provisioningState: 'Succeeded', sqlDbResourceId: '/d' } },
    status: {
      properties: { sqlDb: { targetType: 'SqlDb', provisioningState: 'Succeeded', sqlDbResourceId: '/d' } },
    },
  },
  {
    reason: 'a variant that the answer does not name: what all variants have is shown all the same',
    shape: at('databasewatcher.azure.com', 'Target'),
    answer: { properties: { provisioningState: 'Succeeded', sqlDbResourceId: '/d' } },
    status: { properties: { provisioningState: 'Succeeded' } },
  },
  {
    reason: 'a variant that the types of the api-version lack: the same',
    shape: at('databasewatcher.azure.com', 'Target'),
    answer: { properties: { targetType: 'Newer', provisioningState: 'Succeeded' } },
    status: { properties: { provisioningState: 'Succeeded', targetType: 'Newer' } },
  },
  {
    reason: 'a variant is named after its value, though the spec names it after its type',
    shape: at('kusto.azure.com', 'DataConnection'),
    answer: { kind: 'EventHub', properties: { tableName: 't' } },
    status: { eventHub: { kind: 'EventHub', tableName: 't' } },
  },
  {
    reason: 'a variant that the spec cannot have',
    shape: at('kusto.azure.com', 'Database'),
    answer: { kind: 'ReadOnlyFollowing', properties: { hotCachePeriod: 'P1D' } },
    status: { readOnlyFollowing: { kind: 'ReadOnlyFollowing', hotCachePeriod: 'P1D' } },
  },
  {
    reason: 'a property named like one of the resource itself but for its first letter',
    shape: at('insights.azure.com', 'Component'),
    answer: { name: 'n', properties: { Name: 'm', AppId: 'a' } },
    status: { name: 'n', properties_name: 'm', AppId: 'a' },
  },
  {
    reason: 'where ASO keeps `properties`, the row says so',
    shape: at('resources.azure.com', 'ResourceGroup'),
    answer: { location: 'x', properties: { provisioningState: 'Succeeded' } },
    status: { location: 'x', properties: { provisioningState: 'Succeeded' } },
  },
  {
    reason: 'what the types call write-only is shown if Azure answers it',
    shape: at('sql.azure.com', 'ServersKey'),
    answer: { properties: { serverKeyType: 'AzureKeyVault', uri: 'https://v.vault.azure.net/keys/k/1' } },
    status: { serverKeyType: 'AzureKeyVault', uri: 'https://v.vault.azure.net/keys/k/1' },
  },
  {
    reason: '... also where it could come from a ConfigMap, since that is no secret',
    shape: at('sql.azure.com', 'ServersVulnerabilityAssessment'),
    answer: { properties: { storageContainerPath: 'https://s/c', storageAccountAccessKey: 'canary' } },
    status: { storageContainerPath: 'https://s/c' },
  },
  {
    reason: '... but a write-only list has names and values that no type tells, so it is not',
    shape: at('web.azure.com', 'Site'),
    answer: { properties: { siteConfig: { alwaysOn: true, appSettings: [{ name: 'DB', value: 'canary' }] } } },
    status: { siteConfig: { alwaysOn: true } },
  },
  {
    reason: 'the state that ARM gives every resource, in the case that Azure answers, whether the types have it or not',
    shape: at('apimanagement.azure.com', 'Product'),
    answer: { properties: { displayName: 'p', ProvisioningState: 'Succeeded' } },
    status: { displayName: 'p', ProvisioningState: 'Succeeded' },
  },
  {
    reason: 'an object that the row adds',
    shape: at('web.azure.com', 'Site'),
    answer: { properties: { functionAppConfig: { siteUpdateStrategy: { type: 'Recreate' } } } },
    status: { functionAppConfig: { siteUpdateStrategy: { type: 'Recreate' } } },
  },
];

describe('status names everything as ASO does', () => {
  it.each(named)('$reason', ({ shape, answer, status }) => {
    expect(shape.status(answer)).toEqual(status);
  });
});

describe('status shows no secret', () => {
  it.each(shown)('$reason', ({ shape, answer, status }) => {
    expect(shape.status(answer)).toEqual(status);
  });
});

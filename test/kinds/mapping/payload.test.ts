import { describe, expect, it } from '@jest/globals';

import type { JsonObject, Resolved } from '../../../kinds/contract.ts';
import { loadKinds } from '../../../kinds/load.ts';

const kinds = loadKinds();

function shapeOf(group: string, kind: string, version: string) {
  const found = kinds.find({ group, kind })!;
  return kinds.shape(found, kinds.apiVersionOf(found, version)!);
}

const mysql: JsonObject = {
  location: 'westus2',
  owner: { name: 'aso-sample-rg' },
  version: '8.0.21',
  sku: { name: 'Standard_D4ds_v4', tier: 'GeneralPurpose' },
  administratorLogin: 'myAdmin',
  administratorLoginPassword: { name: 'server-admin-pw', key: 'password' },
  storage: { storageSizeGB: 128 },
};

const cosmos: JsonObject = {
  location: 'westcentralus',
  owner: { name: 'aso-sample-rg' },
  kind: 'MongoDB',
  databaseAccountOfferType: 'Standard',
  locations: [{ locationName: 'westcentralus' }],
  operatorSpec: {
    secrets: {
      primaryMasterKey: { name: 'mysecret', key: 'primarymasterkey' },
      secondaryMasterKey: { name: 'mysecret', key: 'secondarymasterkey' },
      documentEndpoint: { name: 'myendpoint', key: 'endpoint' },
    },
  },
};

const server = shapeOf('dbformysql.azure.com', 'FlexibleServer', 'v1alpha1api20210501');
const account = shapeOf('documentdb.azure.com', 'DatabaseAccount', 'v1alpha1api20210515');
const storage = shapeOf('storage.azure.com', 'StorageAccount', 'v1api20230101');
const role = shapeOf('documentdb.azure.com', 'SqlRoleAssignment', 'v1api20210515');

type Case = {
  reason: string;
  shape: typeof server;
  name: string;
  spec: JsonObject;
  inputs: Resolved;
  payload: JsonObject;
};
const ID = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/u';

const cases: Case[] = [
  {
    reason: "the guide's server: what ASO was recorded to send",
    shape: server,
    name: 'samplemysql',
    spec: mysql,
    inputs: new Map([['administratorLoginPassword', 'pw']]),
    payload: {
      location: 'westus2',
      name: 'samplemysql',
      properties: {
        administratorLogin: 'myAdmin',
        administratorLoginPassword: 'pw',
        storage: { storageSizeGB: 128 },
        version: '8.0.21',
      },
      sku: { name: 'Standard_D4ds_v4', tier: 'GeneralPurpose' },
    },
  },
  {
    reason: "the guide's account: owner and operatorSpec are ours",
    shape: account,
    name: 'sample-db-account',
    spec: cosmos,
    inputs: new Map(),
    payload: {
      kind: 'MongoDB',
      location: 'westcentralus',
      name: 'sample-db-account',
      properties: { databaseAccountOfferType: 'Standard', locations: [{ locationName: 'westcentralus' }] },
    },
  },
  {
    reason:
      'a variant names itself; identities become a map keyed by id; references become ids; empty lists are left out',
    shape: account,
    name: 'a',
    spec: {
      backupPolicy: { periodic: { type: 'Periodic', periodicModeProperties: { backupIntervalInMinutes: 0 } } },
      identity: { type: 'UserAssigned', userAssignedIdentities: [{ reference: { armId: ID } }] },
      virtualNetworkRules: [{ reference: { group: 'network.azure.com', kind: 'VirtualNetworksSubnet', name: 's' } }],
      ipRules: [],
    },
    inputs: new Map([
      ['identity.userAssignedIdentities[0].reference', ID],
      ['virtualNetworkRules[0].reference', '/subnet'],
    ]),
    payload: {
      name: 'a',
      identity: { type: 'UserAssigned', userAssignedIdentities: { [ID]: {} } },
      properties: {
        backupPolicy: { type: 'Periodic', periodicModeProperties: { backupIntervalInMinutes: 0 } },
        virtualNetworkRules: [{ id: '/subnet' }],
      },
    },
  },
  {
    reason: 'storage takes null for empty collections; `tags: null` as recorded',
    shape: storage,
    name: 'st',
    spec: {
      accessTier: 'Hot',
      kind: 'StorageV2',
      location: 'westus2',
      sku: { name: 'Standard_LRS' },
      networkAcls: { defaultAction: 'Deny', ipRules: [] },
    },
    inputs: new Map(),
    payload: {
      kind: 'StorageV2',
      location: 'westus2',
      name: 'st',
      properties: {
        accessTier: 'Hot',
        networkAcls: { defaultAction: 'Deny', ipRules: null, resourceAccessRules: null, virtualNetworkRules: null },
      },
      sku: { name: 'Standard_LRS' },
      tags: null,
    },
  },
  {
    reason: 'a value from a ConfigMap goes where the plain one would',
    shape: role,
    name: 'r',
    spec: { principalIdFromConfig: { name: 'c', key: 'k' }, scope: '/x' },
    inputs: new Map([['principalIdFromConfig', 'p']]),
    payload: { name: 'r', properties: { principalId: 'p', scope: '/x' } },
  },
];

describe('payload', () => {
  it.each(cases)('$reason', ({ shape, spec, name, inputs, payload }) => {
    expect(shape.payload({ spec, name, inputs })).toEqual(payload);
  });

  it('fails naming the path that has no value', () => {
    expect(() => server.payload({ spec: mysql, name: 'x', inputs: new Map() })).toThrow(
      'spec.administratorLoginPassword has no value',
    );
  });
});

describe('inputs', () => {
  it('lists secrets, references and ids with their places', () => {
    const input = { type: 'secret', path: 'administratorLoginPassword', name: 'server-admin-pw', key: 'password' };
    expect(server.inputs(mysql)).toEqual([input]);
    expect(account.inputs(cases[2]!.spec).toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { type: 'armId', path: 'identity.userAssignedIdentities[0].reference', armId: ID },
      {
        type: 'reference',
        path: 'virtualNetworkRules[0].reference',
        group: 'network.azure.com',
        kind: 'VirtualNetworksSubnet',
        name: 's',
      },
    ]);
  });
});

describe('exports', () => {
  it('says where each value comes from', () => {
    expect(account.exports(cosmos).map(({ field, name, key, source }) => ({ field, name, key, source }))).toEqual([
      {
        field: 'documentEndpoint',
        name: 'myendpoint',
        key: 'endpoint',
        source: { from: 'answer', path: 'properties.documentEndpoint' },
      },
      {
        field: 'primaryMasterKey',
        name: 'mysecret',
        key: 'primarymasterkey',
        source: { from: 'action', action: 'listKeys', path: 'primaryMasterKey' },
      },
      {
        field: 'secondaryMasterKey',
        name: 'mysecret',
        key: 'secondarymasterkey',
        source: { from: 'action', action: 'listKeys', path: 'secondaryMasterKey' },
      },
    ]);
    expect(server.exports(mysql)).toEqual([]);
  });
});

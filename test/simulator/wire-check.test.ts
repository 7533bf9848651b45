import { describe, expect, it } from '@jest/globals';

import type { JsonObject } from '../../kinds/contract.ts';
import type { WireProblem } from '../../simulator/body-check/wire-check.ts';
import { loadWireChecks } from '../../simulator/body-check/wire-load.ts';

const checks = loadWireChecks();
const SERVER = { armType: 'Microsoft.DBforMySQL/flexibleServers', apiVersion: '2021-05-01' };
const ACCOUNT = { armType: 'Microsoft.DocumentDB/databaseAccounts', apiVersion: '2021-05-15' };
const STORAGE = { armType: 'Microsoft.Storage/storageAccounts', apiVersion: '2023-01-01' };
const JOB = { armType: 'Microsoft.App/jobs', apiVersion: '2024-03-01' };
const NETWORK = { armType: 'Microsoft.Network/virtualNetworks', apiVersion: '2024-03-01' };

const account = (properties: JsonObject): JsonObject => ({
  name: 'a',
  properties: { databaseAccountOfferType: 'Standard', locations: [{ locationName: 'westus2' }], ...properties },
});

type Case = {
  reason: string;
  type: typeof SERVER;
  body: JsonObject;
  problems: [what: WireProblem['what'], path: string][];
};

const cases: Case[] = [
  {
    reason: 'what ASO was recorded to send; null counts as absent',
    type: SERVER,
    body: { location: 'ukwest', name: 's', tags: null, properties: { storage: { storageSizeGB: 128 } } },
    problems: [],
  },
  {
    reason: 'an answer sent back: what ARM puts into every answer is no reason to refuse it',
    type: SERVER,
    body: { id: '/x', name: 's', type: 't', systemData: {}, location: 'ukwest', properties: {} },
    problems: [],
  },
  {
    reason: 'a name that is not known, at the top and below',
    type: SERVER,
    body: { location: 'x', colour: 'red', properties: { storage: { size: 1 } } },
    problems: [
      ['unknown', 'colour'],
      ['unknown', 'properties.storage.size'],
    ],
  },
  {
    reason: 'what only Azure writes',
    type: SERVER,
    body: { location: 'x', properties: { fullyQualifiedDomainName: 'f' } },
    problems: [['readOnly', 'properties.fullyQualifiedDomainName']],
  },
  {
    reason: 'read only in the data, but the row says that it is sent',
    type: STORAGE,
    body: { location: 'x', kind: 'StorageV2', sku: { name: 'Standard_LRS', tier: 'Standard' }, properties: {} },
    problems: [],
  },
  {
    reason: 'what is required, at the top and below',
    type: SERVER,
    body: { sku: { name: 'n' } },
    problems: [
      ['missing', 'location'],
      ['missing', 'sku.tier'],
    ],
  },
  {
    reason: 'the wrong kind of value',
    type: SERVER,
    body: { location: 1, properties: { storage: { storageSizeGB: '128' }, backup: [] } },
    problems: [
      ['type', 'location'],
      ['type', 'properties.storage.storageSizeGB'],
      ['type', 'properties.backup'],
    ],
  },
  {
    reason: 'a fraction where there is none, and where the row says that there may be',
    type: JOB,
    body: {
      location: 'x',
      properties: {
        configuration: { triggerType: 'Manual', replicaTimeout: 0.5 },
        template: { containers: [{ resources: { cpu: 0.5 } }] },
      },
    },
    problems: [['type', 'properties.configuration.replicaTimeout']],
  },
  {
    reason: 'limits; an enum in other letters is read, a value that is not in it is not',
    type: ACCOUNT,
    body: account({ consistencyPolicy: { defaultConsistencyLevel: 'sessioN', maxStalenessPrefix: 0 } }),
    problems: [['value', 'properties.consistencyPolicy.maxStalenessPrefix']],
  },
  {
    reason: 'a closed enum',
    type: ACCOUNT,
    body: account({ consistencyPolicy: { defaultConsistencyLevel: 'Maybe' } }),
    problems: [['value', 'properties.consistencyPolicy.defaultConsistencyLevel']],
  },
  {
    reason: 'a variant that there is not',
    type: ACCOUNT,
    body: account({ backupPolicy: { type: 'Never' } }),
    problems: [['value', 'properties.backupPolicy.type']],
  },
  {
    reason: 'a variant without its mark',
    type: ACCOUNT,
    body: account({ backupPolicy: { periodicModeProperties: {} } }),
    problems: [['missing', 'properties.backupPolicy.type']],
  },
  {
    reason: "another variant's field",
    type: ACCOUNT,
    body: account({ backupPolicy: { type: 'Continuous', periodicModeProperties: {} } }),
    problems: [['unknown', 'properties.backupPolicy.periodicModeProperties']],
  },
  {
    reason: 'keys of a map are free, their values are not',
    type: SERVER,
    body: { location: 'x', tags: { anything: 'a', more: 1 } },
    problems: [['type', 'tags.more']],
  },
  {
    reason: 'children that a GET gave are sent back whole',
    type: NETWORK,
    body: {
      properties: { subnets: [{ id: '/s', name: 's', properties: { purpose: 'p', provisioningState: 'Succeeded' } }] },
    },
    problems: [],
  },
];

describe('what Azure would refuse', () => {
  it.each(cases)('$reason', ({ type, body, problems }) => {
    expect(checks.problems({ ...type, body })!.map(({ what, path }) => [what, path])).toEqual(problems);
  });

  it('never tells a value: it may be a secret', () => {
    const body = { location: { canary: 'canary-value' }, properties: { administratorLoginPassword: ['canary-value'] } };
    const problems = checks.problems({ ...SERVER, body })!;
    expect(problems).toHaveLength(2);
    expect(JSON.stringify(problems)).not.toContain('canary-value');
  });

  it('knows nothing of what it has no types of, whatever the version is called', () => {
    for (const apiVersion of ['1999-01-01', '../../../package', '2021-05-01/..'])
      expect(checks.problems({ ...SERVER, apiVersion, body: {} })).toBeUndefined();
    expect(checks.problems({ armType: 'Microsoft.Nothing/here', apiVersion: '2021-05-01', body: {} })).toBeUndefined();
  });
});

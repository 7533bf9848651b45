import { describe, expect, it } from '@jest/globals';

import type { JsonObject } from '../../kinds/contract.ts';
import { factsFor } from '../../kinds/facts/row-facts.ts';
import { bodyProblems, type BodyProblem } from '../../simulator/body-check/body-problems.ts';
import { checkBody } from '../../simulator/body-check/check-body.ts';
import { TypeFacts } from '../../simulator/type-facts.ts';

const types = new TypeFacts();
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
  problems: [what: BodyProblem['what'], path: string][];
};

const cases: Case[] = [
  {
    reason: 'what ASO was recorded to send; null counts as absent',
    type: SERVER,
    body: { location: 'ukwest', name: 's', tags: null, properties: { storage: { storageSizeGB: 128 } } },
    problems: [],
  },
  {
    reason: 'an answer that is sent back: properties that ARM adds to every answer are accepted',
    type: SERVER,
    body: { id: '/x', name: 's', type: 't', systemData: {}, location: 'ukwest', properties: {} },
    problems: [],
  },
  {
    reason: 'an unknown property, at the top level and below',
    type: SERVER,
    body: { location: 'x', colour: 'red', properties: { storage: { size: 1 } } },
    problems: [
      ['unknown', 'colour'],
      ['unknown', 'properties.storage.size'],
    ],
  },
  {
    reason: 'a read-only property',
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
    reason: 'a missing required property, at the top level and below',
    type: SERVER,
    body: { sku: { name: 'n' } },
    problems: [
      ['missing', 'location'],
      ['missing', 'sku.tier'],
    ],
  },
  {
    reason: 'a value of the wrong type',
    type: SERVER,
    body: { location: 1, properties: { storage: { storageSizeGB: '128' }, backup: [] } },
    problems: [
      ['type', 'location'],
      ['type', 'properties.storage.storageSizeGB'],
      ['type', 'properties.backup'],
    ],
  },
  {
    reason: 'a fraction for an integer, and where the row accepts fractions',
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
    reason: 'limits; an enum value in another case is accepted, an unknown one is not',
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
    reason: 'an unknown variant',
    type: ACCOUNT,
    body: account({ backupPolicy: { type: 'Never' } }),
    problems: [['value', 'properties.backupPolicy.type']],
  },
  {
    reason: 'a missing discriminator',
    type: ACCOUNT,
    body: account({ backupPolicy: { periodicModeProperties: {} } }),
    problems: [['missing', 'properties.backupPolicy.type']],
  },
  {
    reason: 'a property of another variant',
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
    reason: 'children from an answer of GET are accepted with read-only properties',
    type: NETWORK,
    body: {
      properties: { subnets: [{ id: '/s', name: 's', properties: { purpose: 'p', provisioningState: 'Succeeded' } }] },
    },
    problems: [],
  },
];

describe('what Azure would refuse', () => {
  it.each(cases)('$reason', ({ type, body, problems }) => {
    expect(checkBody(types, { ...type, body })!.map(({ what, path }) => [what, path])).toEqual(problems);
  });

  it('follows the corrections of a row for free keys beside named properties', () => {
    const { file } = types.of(SERVER.armType, SERVER.apiVersion)!;
    const row = types.row(SERVER.armType)!;
    const facts = factsFor({ ...row, shape: { freeMap: ['extra{}'] } }, SERVER.apiVersion);
    const named = { ref: 'Named' };
    const withTypes = {
      ...file,
      types: { Named: { properties: { a: { type: 'string' } }, values: { type: 'any' } } },
    } as const;
    const body = { properties: { extra: named } };
    expect(bodyProblems({ file: withTypes, facts }, body, { extra: { a: 'x', free: 'x' } })).toEqual([
      { path: 'extra.free', what: 'type', problem: 'is not an object' },
    ]);
  });

  it('never contains a value, which may be a secret', () => {
    const body = { location: { canary: 'canary-value' }, properties: { administratorLoginPassword: ['canary-value'] } };
    const problems = checkBody(types, { ...SERVER, body })!;
    expect(problems).toHaveLength(2);
    expect(JSON.stringify(problems)).not.toContain('canary-value');
  });

  it('is unknown for a type or api-version without types', () => {
    for (const apiVersion of ['1999-01-01', '../../../package', '2021-05-01/..'])
      expect(checkBody(types, { ...SERVER, apiVersion, body: {} })).toBeUndefined();
    expect(checkBody(types, { armType: 'Microsoft.Nothing/here', apiVersion: '2021-05-01', body: {} })).toBeUndefined();
  });
});

import { describe, expect, it } from '@jest/globals';

import type { JsonObject } from '../../../kinds/contract.ts';
import { specSchema } from '../../../kinds/generate/spec-schema.ts';
import { loadKinds } from '../../../kinds/load.ts';
import { fullValue } from '../../crds/full-spec.ts';
import { allShapes } from '../support/all-shapes.ts';

describe('fields of another api-version', () => {
  const kinds = loadKinds();
  const problems = (group: string, kind: string, apiVersion: string, spec: JsonObject): string[] =>
    kinds
      .shape(kinds.find({ group, kind })!, apiVersion)
      .problems(spec)
      .map(({ field }) => field);

  const account = { databaseAccountOfferType: 'Standard', locations: [{ locationName: 'westus' }] };
  it.each<[reason: string, apiVersion: string, spec: JsonObject, fields: string[]]>([
    ['the api-version that has it', '2024-08-15', { ...account, minimalTlsVersion: 'Tls12' }, []],
    ['one that does not', '2021-05-15', { ...account, minimalTlsVersion: 'Tls12' }, ['minimalTlsVersion']],
    ['a field without a value is not sent anyway', '2021-05-15', { ...account, minimalTlsVersion: null }, []],
    [
      'below another field',
      '2021-05-15',
      { ...account, backupPolicy: { continuous: { continuousModeProperties: { tier: 'Continuous7Days' } } } },
      ['backupPolicy.continuous.continuousModeProperties'],
    ],
    ['in a list', '2024-08-15', { ...account, locations: [{ nope: 1 }] }, ['locations[0].nope']],
    ['a value of another type', '2024-08-15', { ...account, locations: { a: 1 } }, ['locations']],
    ['the fields beside those of Azure', '2024-08-15', { azureName: 'a', owner: { name: 'rg' }, operatorSpec: {} }, []],
    [
      'a destination that the kind does not export',
      '2024-08-15',
      { operatorSpec: { secrets: { nope: { name: 's', key: 'k' } } } },
      ['operatorSpec.secrets.nope'],
    ],
  ])('%s (%s)', (_reason, apiVersion, spec, fields) => {
    expect(problems('documentdb.azure.com', 'DatabaseAccount', apiVersion, spec)).toEqual(fields);
  });

  it('are found in the values of maps: Redis takes only strings at 2020-12-01', () => {
    const spec = { redisConfiguration: { additionalProperties: { a: 1, b: '1' } } };
    expect(problems('cache.azure.com', 'Redis', '2020-12-01', spec)).toEqual([
      'redisConfiguration.additionalProperties.a',
    ]);
    expect(problems('cache.azure.com', 'Redis', '2023-08-01', spec)).toEqual([]);
  });

  it('are in no spec that the schema of the api-version itself takes, of any kind', () => {
    const faults = allShapes().flatMap(({ id, shape }) =>
      shape
        .problems(fullValue(specSchema(shape)) as JsonObject)
        .filter(({ message }) => message.includes('no such field'))
        .map(({ field }) => `${id} ${field}`),
    );
    expect(faults).toEqual([]);
  });
});

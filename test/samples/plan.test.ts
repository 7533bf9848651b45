import { describe, expect, it } from '@jest/globals';
import { loadKinds } from '../../kinds/load.ts';
import { exceptionFor } from './exceptions.ts';
import { groupOf, loadSamples, type Sample } from './load-samples.ts';
import { planSamples, type Plan } from './plan.ts';
import { chosenSamples } from './selection.ts';

const all = loadSamples();
const usable = all.filter((sample) => exceptionFor(sample) === undefined);

function planOf(file: string): Plan {
  const [plan] = planSamples(
    loadKinds(),
    all,
    usable.filter((sample) => sample.file === file),
  );
  return plan!;
}
const nameOf = ({ manifest }: Sample): string => `${manifest.kind}/${manifest.metadata.name}`;

describe('what a sample is applied with', () => {
  it.each([
    {
      file: 'resources/v1api/v1api20200601_resourcegroup.yaml',
      borrowed: [],
      inputs: [],
      why: 'it refers to nothing',
    },
    {
      file: 'dbformysql/v20230630/v20230630_flexibleserversdatabase.yaml',
      borrowed: ['FlexibleServer/samplemysql', 'ResourceGroup/aso-sample-rg', 'UserAssignedIdentity/adminidentity'],
      inputs: [{ kind: 'Secret', name: 'server-admin-pw', keys: ['password'] }],
      why: 'owners up to the group, the identity of the server, and the Secret that no sample writes',
    },
    {
      file: 'storage/v20250601/v20250601_storageaccountsfileservice.yaml',
      borrowed: ['StorageAccount/samplestorageaccount', 'ResourceGroup/aso-sample-rg'],
      inputs: [],
      why: 'no sample has the owner of that name: one of its kind stands in',
    },
    {
      file: 'keyvault/v1api20230701/v1api20230701_vault.yaml',
      borrowed: ['ResourceGroup/aso-sample-rg', 'UserAssignedIdentity/sampleuserassignedidentity'],
      inputs: [],
      why: 'the ConfigMap that it reads is written by an identity beside it',
    },
  ])('$file: $why', ({ file, borrowed, inputs }) => {
    const plan = planOf(file);
    expect(plan.borrowed.map(nameOf)).toEqual(borrowed);
    expect(plan.inputs).toEqual(inputs);
  });
});

describe('a choice of samples', () => {
  const third = chosenSamples(usable, 'third');
  const kindsIn = (samples: readonly Sample[]): Set<string> =>
    new Set(samples.map((sample) => `${sample.manifest.kind}.${groupOf(sample)}`));

  it('is all of them without a wish', () => {
    expect(chosenSamples(usable, undefined)).toEqual(usable);
  });

  it('is a third, where time is short', () => {
    expect(third.length).toBeGreaterThanOrEqual(usable.length / 3);
    expect(third.length).toBeLessThan(usable.length / 2);
  });
  it('has every kind', () => {
    expect(kindsIn(third)).toEqual(kindsIn(usable));
  });
  it('refuses a choice of nothing', () => {
    expect(() => chosenSamples(usable, 'storage,no-such-path')).not.toThrow();
    expect(() => chosenSamples(usable, 'no-such-path')).toThrow('no sample has "no-such-path" in its path');
  });
});

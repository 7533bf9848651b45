import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../kinds/contract.ts';
import { GENERIC_KIND } from '../../../kinds/generic/generic-kind.ts';
import { readGenericTypes } from '../../../kinds/generic/generic-types.ts';
import { loadKinds } from '../../../kinds/load.ts';

const typesOf = (setting: string) => readGenericTypes({ GENERIC_RESOURCE_TYPES: setting });

describe('GENERIC_RESOURCE_TYPES', () => {
  it.each<[reason: string, setting: string, type: string, allowed: boolean]>([
    ['a type that is named', 'Microsoft.Maps/accounts', 'Microsoft.Maps/accounts', true],
    ['ARM ignores case', 'Microsoft.Maps/accounts', 'microsoft.maps/ACCOUNTS', true],
    ['a type below one that is named', 'Microsoft.Maps/accounts', 'Microsoft.Maps/accounts/creators', false],
    ['a type beside it', 'Microsoft.Maps/accounts', 'Microsoft.Maps/accountsX', false],
    ['one of several', 'Microsoft.A/b; Microsoft.Maps/*', 'Microsoft.Maps/accounts/creators', true],
    ['another provider', 'Microsoft.Maps/*', 'Microsoft.MapsX/accounts', false],
    ['everything below a type', 'Microsoft.Maps/accounts/*', 'Microsoft.Maps/accounts/creators', true],
    ['and not that type itself', 'Microsoft.Maps/accounts/*', 'Microsoft.Maps/accounts', false],
    ['any type', '*', 'Microsoft.Maps/accounts', true],
    ['a right in Azure is no "any type"', '*', 'Microsoft.Authorization/roleAssignments', false],
    ['in whatever case', '*', 'MICROSOFT.AUTHORIZATION/roleAssignments', false],
    ['nor is a deployment, which makes any type', '*', 'Microsoft.Resources/deployments', false],
    ['a right that is named', 'Microsoft.Authorization/locks', 'Microsoft.Authorization/locks', true],
    ['and no other', 'Microsoft.Authorization/locks', 'Microsoft.Authorization/roleAssignments', false],
    [
      'a type of another provider in disguise',
      'Microsoft.Maps/*',
      'Microsoft.Maps/accounts/providers/roleAssignments',
      false,
    ],
    ['a path upwards', 'Microsoft.Maps/*', 'Microsoft.Maps/../roleAssignments', false],
    ['no type at all', '*', '', false],
  ])('%s: %s, %s: %s', (_, setting, type, allowed) => {
    expect(typesOf(setting)?.allows(type)).toBe(allowed);
  });

  it.each([
    ['every right in Azure', 'Microsoft.Authorization/*', 'name the types that you mean'],
    ['whatever its case', 'microsoft.authorization/*', 'name the types that you mean'],
    ['every deployment', 'Microsoft.Maps/*;Microsoft.Resources/*', '"Microsoft.Resources/*" would allow'],
    ['a provider without a type', 'Microsoft.Maps', '"Microsoft.Maps" is not an ARM type'],
    ['a star within a name', 'Microsoft.*/accounts', '"Microsoft.*/accounts" is not an ARM type'],
    ['commas', 'Microsoft.Maps/accounts,Microsoft.A/b', 'separated by ";"'],
  ])('refuses %s: %s', (_, setting, says) => {
    expect(() => typesOf(setting)).toThrow(/^GENERIC_RESOURCE_TYPES: /);
    expect(() => typesOf(setting)).toThrow(says);
  });

  it('not set: the kind does not exist', () => {
    expect(typesOf('')).toBeUndefined();
    expect(readGenericTypes({})).toBeUndefined();
    expect(loadKinds().find(GENERIC_KIND)).toBeUndefined();
    expect(loadKinds().all()).not.toContain(GENERIC_KIND);
  });

  it('a spec with another type has a problem, which says what is allowed and what to do', () => {
    const kinds = loadKinds({ genericTypes: typesOf('Microsoft.Maps/accounts') });
    const problems = (type: string) => {
      const spec: JsonObject = { type, apiVersion: '2023-06-01', body: {} };
      return kinds.shapeFor(kinds.find(GENERIC_KIND)!, { versionName: 'v1', spec }).problems(spec);
    };
    expect(problems('Microsoft.Maps/accounts')).toEqual([]);
    const [problem] = problems('Microsoft.Authorization/roleAssignments');
    expect(problem).toMatchObject({ field: 'type' });
    expect(problem?.message).toContain('does not allow "Microsoft.Authorization/roleAssignments"');
    expect(problem?.message).toContain('it allows Microsoft.Maps/accounts. Ask a cluster administrator');
  });
});

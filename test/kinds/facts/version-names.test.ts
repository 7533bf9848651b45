import { describe, expect, it } from '@jest/globals';
import { STORAGE_VERSION } from '../../../kinds/contract.ts';
import { newestApiVersion, versionNames } from '../../../kinds/facts/version-names.ts';
import { byKubernetesOrder } from '../../../kinds/facts/version-order.ts';
import { loadKinds, loadKindsWithParts } from '../../../kinds/load.ts';

describe('version names', () => {
  const kinds = loadKinds();
  const server = kinds.find({ group: 'dbformysql.azure.com', kind: 'FlexibleServer' })!;

  it.each<[string, string | undefined, string]>([
    ['v1api20210501', '2021-05-01', "ASO's own"],
    ['v1alpha1api20210501', '2021-05-01', "the guide's"],
    ['v1beta20210501', '2021-05-01', 'the beta spelling'],
    ['v20250601preview', '2025-06-01-preview', 'a suffix is kept'],
    ['v1alpha1api20230630', undefined, 'younger than the alpha releases'],
    ['v1storage', undefined, 'the storage version has no api-version'],
    ['v1', undefined, 'unknown'],
  ])('%s is %s: %s', (name, apiVersion) => {
    expect(kinds.apiVersionOf(server, name)).toBe(apiVersion);
  });

  it.each<[reason: string, served: Record<string, string[]>, added: string[]]>([
    ['the newest is preferred anyway', { '2021-01-01': ['v20210101'], '2022-01-01': ['v20220101'] }, []],
    ['one name of a form without an order', { '2021-01-01': ['v1api20210101'] }, []],
    [
      'of two such names the older comes first',
      { '2021-01-01': ['v1api20210101'], '2022-01-01': ['v1api20220101'] },
      ['v20220101'],
    ],
    [
      'a newer preview is not preferred to the newest stable one',
      { '2021-01-01': ['v1api20210101'], '2022-01-01-preview': ['v20220101preview'] },
      [],
    ],
    ['v1storage comes before v20…preview', { '2022-01-01-preview': ['v20220101preview'] }, ['v1api20220101preview']],
  ])('%s', (_reason, served, added) => {
    const apiVersions = Object.keys(served);
    const names = versionNames({ group: 'g.azure.com', apiVersions, served });
    expect(Object.values(names).flat().sort()).toEqual([...Object.values(served).flat(), ...added].sort());
  });

  it('the older spellings are served, and never preferred', () => {
    const served = { '2020-06-01': ['v1api20200601'] };
    expect(versionNames({ group: 'resources.azure.com', apiVersions: ['2020-06-01'], served })).toEqual({
      '2020-06-01': ['v1api20200601', 'v1beta20200601', 'v1alpha1api20200601', 'v20200601'],
    });
  });

  it('make the API server prefer the newest stable api-version of every kind, and no older spelling', () => {
    const preferred = loadKindsWithParts()
      .all()
      .map((kind) => {
        const [name = ''] = [...Object.values(kind.served).flat(), STORAGE_VERSION].sort(byKubernetesOrder);
        const id = `${kind.kind}.${kind.group}: ${name}`;
        return {
          id,
          isGood: kinds.apiVersionOf(kind, name) === newestApiVersion(kind.apiVersions) && !/beta/.test(name),
        };
      });
    expect(preferred.filter(({ isGood }) => !isGood)).toEqual([]);
    expect(preferred.length).toBeGreaterThan(280);
  });

  it('are sorted as Kubernetes does: the example of its documentation, and names of ours', () => {
    // https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/
    const sorted = ['v10', 'v2', 'v1', 'v11beta2', 'v10beta3', 'v3beta1', 'v12alpha1', 'v11alpha2', 'foo1', 'foo10'];
    expect(sorted.toReversed().sort(byKubernetesOrder)).toEqual(sorted);
    const ours = [
      'v20240815',
      'v1beta20210515',
      'v1alpha1api20210515',
      'v1api20210515',
      'v1storage',
      'v20250601preview',
    ];
    expect(ours.toReversed().sort(byKubernetesOrder)).toEqual(ours);
  });
});

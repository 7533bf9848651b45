import { describe, expect, it } from '@jest/globals';
import { loadKinds } from '../../../kinds/load.ts';

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
});

import { describe, expect, it } from '@jest/globals';
import { newestVersions } from '../../cli/newest-versions.ts';

describe('only the newest api-version of a CRD', () => {
  it.each([
    [
      'both spellings of it',
      ['v1api20210501', 'v20210501', 'v1api20230630', 'v20230630'],
      ['v1api20230630', 'v20230630'],
    ],
    [
      'a preview is newer than its date; kubectl would prefer the storage version to it, so a stable one stays',
      ['v20241230', 'v20250601', 'v20250601preview'],
      ['v20250601', 'v20250601preview'],
    ],
    ['a preview of a form that kubectl prefers', ['v1api20230101', 'v1api20250601preview'], ['v1api20250601preview']],
    ['the old prefixes do not count', ['v1alpha1api20210515', 'v1api20240815'], ['v1api20240815']],
    [
      'the name that makes kubectl prefer the newest',
      ['v1api20230815', 'v1api20240815', 'v20240815'],
      ['v1api20240815', 'v20240815'],
    ],
    ['no dates at all', ['v1'], ['v1']],
  ])('%s', (_reason, names, kept) => {
    const versions = [...names.map((name) => ({ name, storage: false })), { name: 'v1storage', storage: true }];
    const crd = newestVersions({ metadata: { name: 'x' }, spec: { group: 'a.azure.com', versions } });
    expect(crd.spec.versions.map(({ name }) => name)).toEqual([...kept, 'v1storage']);
    expect(crd.spec.group).toBe('a.azure.com');
  });
});

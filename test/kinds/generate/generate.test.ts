import { readFileSync, readdirSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';

import { checkRow } from '../../../kinds/generate/check.ts';
import { generatedFiles } from '../../../kinds/generate/files.ts';
import { isSelected } from '../../../kinds/generate/selection.ts';
import { loadFullKinds, readRows } from '../../../kinds/load.ts';

const root = new URL('../../../', import.meta.url);

describe('crds/ and docs/kinds.md', () => {
  const files = generatedFiles();

  it('are exactly what npm run generate writes', () => {
    const crds = readdirSync(new URL('crds/', root)).map((name) => `crds/${name}`);
    expect([...crds, 'docs/kinds.md'].sort()).toEqual([...files.keys()].sort());
    for (const [path, content] of files)
      expect([path, readFileSync(new URL(path, root), 'utf8') === content]).toEqual([path, true]);
  });

  it.each([
    ['administratorLoginPassword', 'Key of a Secret in this namespace, sent as administratorLoginPassword.'],
    ['owner', 'The ResourceGroup that it is in, by name in this namespace or by armId.'],
    ['storageSizeGB', 'In gigabytes.'],
  ])('have a line for kubectl explain on %s', (field, line) => {
    expect(files.get('crds/dbformysql.azure.com_flexibleservers.yaml')).toMatch(
      new RegExp(`${field}:\\n +description: "?${line}`),
    );
  });

  it('have no long text', () => {
    for (const [path, content] of files)
      if (path.startsWith('crds/')) expect([path, content.match(/description: .{241,}/g)]).toEqual([path, null]);
  });

  it('has no pattern that RE2 refuses', () => {
    for (const content of files.values()) expect(content).not.toMatch(/^ *pattern:.*\(\?[=!<]/m);
  });
});

describe('kinds.json', () => {
  it('names only paths that the types know', () => {
    for (const row of readRows()) checkRow(row);
  });

  const account = readRows().find((one) => one.kind === 'DatabaseAccount')!;

  it.each([
    [
      'a reference',
      { references: ['properties.virtualNetworkRules[].nowhere'] },
      'references "properties.virtualNetworkRules[].nowhere" leads nowhere in the types of any api-version',
    ],
    [
      'a path at an api-version that it names',
      { shape: { omit: [{ path: 'properties.capacity', versions: ['2021-05-15'] }] } },
      'omit "properties.capacity" leads nowhere in the types of 2021-05-15',
    ],
    [
      'a value of an answer',
      { generatedSecrets: { key: { status: 'properties.nowhere' } } },
      'generatedSecrets "properties.nowhere" leads nowhere in the types of any api-version',
    ],
    [
      'a value of an action',
      { generatedSecrets: { key: { post: 'listKeys', path: 'nowhere' } } },
      'generatedSecrets "nowhere" leads nowhere in the types of any api-version',
    ],
    [
      'a value of an action that there is not',
      { generatedSecrets: { key: { post: 'listNothing', path: 'primaryMasterKey' } } },
      'generatedSecrets "primaryMasterKey" leads nowhere in the types of any api-version',
    ],
    [
      'an api-version without a type file',
      { apiVersions: ['1999-01-01'] },
      'api-version 1999-01-01: cannot read types/microsoft.documentdb/1999-01-01.json: ENOENT',
    ],
    [
      'a type that is not in the file',
      { armType: 'Microsoft.DocumentDB/nothing' },
      'api-version 2021-05-15: cannot read types/microsoft.documentdb/2021-05-15.json: types of Microsoft.DocumentDB 2021-05-15 have no resource Microsoft.DocumentDB/nothing',
    ],
  ])('fails naming the row and %s', (_what, change, fault) => {
    expect(() => {
      checkRow({ ...account, ...change });
    }).toThrow(`kinds.json: DatabaseAccount.documentdb.azure.com: ${fault}`);
  });

  it('carries to every kind at every api-version', () => {
    const kinds = loadFullKinds();
    for (const kind of kinds.all()) {
      for (const apiVersion of kind.apiVersions)
        expect(kinds.shape(kind, apiVersion).specSchema()).toHaveProperty('properties.operatorSpec');
    }
  });
});

describe('versions and selections', () => {
  const kinds = loadFullKinds();
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

  it.each([
    ['dbformysql.azure.com/*', true, 'the group'],
    ['a.azure.com/B;dbformysql.azure.com/FlexibleServer', true, 'one of several'],
    ['dbformysql.azure.com/User', false, 'another kind'],
    ['*', true, 'everything'],
    ['*.azure.com/Flexible*er', true, 'a glob'],
    ['*.azure.com/Flexible', false, 'a glob is about the whole name'],
    ['dbformysqlXazure.com/*', false, 'a dot is a dot'],
  ])('%s selects the server: %s (%s)', (selection, selected) => {
    expect(isSelected(selection, server)).toBe(selected);
  });

  it('refuses what is no selection', () => {
    expect(() => isSelected('dbformysql', server)).toThrow('"dbformysql" selects nothing');
  });
});

import { describe, expect, it } from '@jest/globals';
import { checkRow } from '../../../kinds/generate/check-row.ts';
import { readRows } from '../../../kinds/load.ts';

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
      'api-version 2021-05-15: cannot read types/microsoft.documentdb/2021-05-15.json: the type file of Microsoft.DocumentDB 2021-05-15 has no resource type Microsoft.DocumentDB/nothing',
    ],
  ])('fails naming the row and %s', (_what, change, fault) => {
    expect(() => {
      checkRow({ ...account, ...change });
    }).toThrow(`kinds.json: DatabaseAccount.documentdb.azure.com: ${fault}`);
  });
});

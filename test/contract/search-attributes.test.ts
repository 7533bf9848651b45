import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.ts';

describe('SEARCH_ATTRIBUTES', () => {
  it('are those that docker-compose registers: a shell script cannot import the list', () => {
    const script = readFileSync('deploy/compose/create-namespace.sh', 'utf8');
    const [, names = ''] = /for name in ([\w ]+); do/.exec(script) ?? [];
    expect(names.split(' ')).toEqual(SEARCH_ATTRIBUTES.map(({ name }) => name));
  });
});

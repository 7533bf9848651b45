import { readFileSync, readdirSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';

import { toYaml } from '../../../kinds/generate/yaml.ts';

const folder = new URL('../../../crds/', import.meta.url);

describe('the YAML of generated files', () => {
  it.each([
    'Off',
    'On',
    'yes',
    'no',
    'y',
    'N',
    'True',
    '~',
    'null',
    '2021-05-01',
    '012',
    '1_000',
    '1:30',
    '0x1F',
    '1e3',
  ])('is read by YAML 1.1, as kubectl reads it, and by 1.2 alike: %s', (text) => {
    const content = toYaml([{ enum: [text], [text]: 1 }]);
    for (const version of ['1.1', '1.2'] as const)
      expect(parse(content, { version })).toEqual({ enum: [text], [text]: 1 });
  });

  it('is read by YAML 1.1 and 1.2 alike in every file of crds/', () => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
    const read = (text: string, version: '1.1' | '1.2'): string =>
      JSON.stringify(
        parseAllDocuments(text, { version }).map((document) => document.toJS({ maxAliasCount: -1 }) as unknown),
      );
    const differing = names.filter((name) => {
      const text = readFileSync(new URL(name, folder), 'utf8');
      return read(text, '1.1') !== read(text, '1.2');
    });
    expect(differing).toEqual([]);
    expect(names.length).toBeGreaterThan(280);
  }, 120_000);
});

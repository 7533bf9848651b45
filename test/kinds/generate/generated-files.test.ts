import { readFileSync, readdirSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';

import { generatedFiles } from '../../../kinds/generate/generated-files.ts';
import { specSchema } from '../../../kinds/generate/spec-schema.ts';
import { loadKindsWithParts } from '../../../kinds/load.ts';

const root = new URL('../../../', import.meta.url);

describe('crds/, docs/kinds.md and docs/parity.md', () => {
  const files = generatedFiles();

  it('are exactly what npm run generate writes', () => {
    const crds = readdirSync(new URL('crds/', root)).map((name) => `crds/${name}`);
    const names = 'deploy/kustomize/name-references.yaml';
    expect([...crds, names, 'docs/kinds.md', 'docs/parity.md'].sort()).toEqual([...files.keys()].sort());
    for (const [path, content] of files)
      expect([path, readFileSync(new URL(path, root), 'utf8') === content]).toEqual([path, true]);
  });

  it.each([
    ['administratorLoginPassword', 'Key of a Secret in this namespace, sent as administratorLoginPassword.'],
    ['owner', 'The ResourceGroup that it is in, by name in this namespace or by armId.'],
    ['storageSizeGB', 'In gigabytes.'],
  ])('describe %s for kubectl explain', (field, line) => {
    expect(files.get('crds/dbformysql.azure.com_flexibleservers.yaml')).toMatch(
      new RegExp(`${field}:\\n +description: "?${line}`),
    );
  });

  describe('texts for kubectl explain', () => {
    const texts = new Set([...files.values()].flatMap((content) => content.match(/(?<=description: ).*/g) ?? []));

    it('never offer a field instead of itself', () => {
      expect([...texts].filter((text) => /\b(\w+) instead of \1\b/.test(text))).toEqual([]);
      expect([...texts].filter((text) => / instead of it\b/.test(text))).toEqual([]);
    });

    it('have "an" before a vowel sound and "a" before any other', () => {
      const vowel = /(?<![\w/])[Aa] (?!User|UUID)[AEIOUaeiou]/;
      const consonant = /(?<![\w/])[Aa]n (?:User|UUID|[^AEIOUaeiou\W])/;
      expect([...texts].filter((text) => vowel.test(text) || consonant.test(text))).toEqual([]);
      expect(texts.size).toBeGreaterThan(1000);
    });
  });

  it('have no long description', () => {
    for (const [path, content] of files)
      if (path.startsWith('crds/')) expect([path, content.match(/description: .{241,}/g)]).toEqual([path, null]);
  });

  it('has no pattern that RE2 refuses', () => {
    for (const content of files.values()) expect(content).not.toMatch(/^ *pattern:.*\(\?[=!<]/m);
  });
});

describe('spec schemas', () => {
  it('exist for every kind at every api-version', () => {
    const kinds = loadKindsWithParts();
    for (const kind of kinds.all()) {
      for (const apiVersion of kind.apiVersions)
        expect(specSchema(kinds.shape(kind, apiVersion))).toHaveProperty('properties.operatorSpec');
    }
  });
});

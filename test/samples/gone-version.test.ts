import { readFileSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

import { specSchema } from '../../kinds/generate/spec-schema.ts';
import { loadKindsWithParts } from '../../kinds/load.ts';
import type { JsonObject } from '../../simulator/json.ts';
import { violations } from './validate.ts';

const page = readFileSync(new URL('../../docs/samples.md', import.meta.url), 'utf8');
const kinds = loadKindsWithParts();

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: JsonObject;
}

/** What the CRD refuses; undefined if it does not serve the version. */
function refusals({ apiVersion, kind: name, spec }: Manifest): string[] | undefined {
  const [group = '', version = ''] = apiVersion.split('/');
  const kind = kinds.find({ group, kind: name })!;
  const known = kinds.apiVersionOf(kind, version);
  return known === undefined ? undefined : violations(specSchema(kinds.shape(kind, known)), spec);
}

describe('docs/samples.md: a manifest whose version is gone', () => {
  const manifest = parse(/```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '') as Manifest;
  const [, from = '', to = ''] = /sed 's#(\S+?)#(\S+?)#'/.exec(page) ?? [];
  const changed = { ...manifest, apiVersion: manifest.apiVersion.replace(from, to) };

  it('is not served under the version that it names', () => {
    expect(refusals(manifest)).toBeUndefined();
  });

  it('is accepted with the version that the page puts in', () => {
    expect(changed.apiVersion).not.toBe(manifest.apiVersion);
    expect(refusals(changed)).toEqual([]);
  });

  it('is refused with the misspelled field that the page shows', () => {
    const [, field = ''] = /unknown field "spec\.(\w+)"/.exec(page) ?? [];
    expect(refusals({ ...changed, spec: { ...changed.spec, [field]: 'Hot' } })).toEqual([
      `spec.${field}: is not a field`,
    ]);
  });
});

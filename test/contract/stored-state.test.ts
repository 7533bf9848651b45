import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

import { OBSERVED_GENERATION } from '../../activities/resource/status.ts';
import { STORED_STATE } from '../../contract/stored-state.ts';
import type { JsonObject } from '../../kinds/contract.ts';
import { crdFiles } from '../../kinds/generate/generated-files.ts';
import { readGenericTypes } from '../../kinds/generic/generic-types.ts';
import { loadKinds } from '../../kinds/load.ts';
import { buildNodes } from '../../kinds/mapping/build-nodes.ts';
import { allShapes } from '../kinds/support/all-shapes.ts';

interface Version {
  readonly name: string;
  readonly schema: { openAPIV3Schema: { properties: { status: JsonObject } } };
}

const shapes = allShapes();
const versions = [...crdFiles()]
  .filter(([name]) => name !== 'policy.yaml')
  .flatMap(([name, text]) => {
    const { spec } = parse(text, { maxAliasCount: -1 }) as { spec: { versions: Version[] } };
    return spec.versions.map((version) => ({ title: `${name} ${version.name}`, version }));
  });

/** The operator writes these into `status`, next to Azure's answer. */
describe.each([STORED_STATE, OBSERVED_GENERATION])('status.%s', (own) => {
  it("is no field of any kind's status, at any api-version", () => {
    expect(shapes.length).toBeGreaterThan(500);
    const taken = shapes.filter(({ file, facts, body }) => {
      const { fields } = buildNodes({ file, facts, side: 'status' }, body);
      return fields.some(({ name }) => name.toLowerCase() === own.toLowerCase());
    });
    expect(taken.map(({ id }) => id)).toEqual([]);
  });

  it("cannot be written by Azure's answer", () => {
    const answer: JsonObject = { [own]: { refused: true }, properties: { [own]: {}, a: 1 } };
    const kinds = loadKinds({ genericTypes: readGenericTypes({ GENERIC_RESOURCE_TYPES: '*' }) });
    for (const { shape } of shapes) expect(shape.status(answer)).not.toHaveProperty(own);
    const kind = kinds.find({ group: 'generic.azure-temporal-operator.io', kind: 'GenericResource' })!;
    expect(kinds.shapeFor(kind, { versionName: 'v1', spec: {} }).status(answer)).not.toHaveProperty(own);
  });

  it('is kept in every version of every CRD', () => {
    const declared = own === OBSERVED_GENERATION ? { format: 'int64', type: 'integer' } : undefined;
    const lost = versions.filter(({ version }) => {
      const { status } = version.schema.openAPIV3Schema.properties;
      const { properties } = status as { properties: JsonObject };
      return status['x-kubernetes-preserve-unknown-fields'] !== true || !isDeepStrictEqual(properties[own], declared);
    });
    expect(lost.map(({ title }) => title)).toEqual([]);
  });
});

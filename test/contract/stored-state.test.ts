import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

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

/** The operator stores the state that outlives a run in `status`, next to Azure's answer. */
describe(`status.${STORED_STATE}`, () => {
  it("is no field of any kind's status, at any api-version", () => {
    const shapes = allShapes();
    expect(shapes.length).toBeGreaterThan(500);
    const taken = shapes.filter(({ file, facts, body }) => {
      const { fields } = buildNodes({ file, facts, side: 'status' }, body);
      return fields.some(({ name }) => name.toLowerCase() === STORED_STATE.toLowerCase());
    });
    expect(taken.map(({ id }) => id)).toEqual([]);
  });

  it("cannot be written by Azure's answer", () => {
    const answer: JsonObject = { [STORED_STATE]: { refused: true }, properties: { [STORED_STATE]: {}, a: 1 } };
    const kinds = loadKinds({ genericTypes: readGenericTypes({ GENERIC_RESOURCE_TYPES: '*' }) });
    for (const { shape } of allShapes()) expect(shape.status(answer)).not.toHaveProperty(STORED_STATE);
    const kind = kinds.find({ group: 'generic.azure-temporal-operator.io', kind: 'GenericResource' })!;
    expect(kinds.shapeFor(kind, { versionName: 'v1', spec: {} }).status(answer)).not.toHaveProperty(STORED_STATE);
  });

  it('is kept in every version of every CRD', () => {
    const crds = [...crdFiles()].filter(([name]) => name !== 'policy.yaml');
    const lost = crds.flatMap(([name, text]) => {
      const { spec } = parse(text, { maxAliasCount: -1 }) as { spec: { versions: Version[] } };
      return spec.versions
        .filter(({ schema }) => {
          const { status } = schema.openAPIV3Schema.properties;
          const { properties } = status as { properties: JsonObject };
          return status['x-kubernetes-preserve-unknown-fields'] !== true || STORED_STATE in properties;
        })
        .map((version) => `${name} ${version.name}`);
    });
    expect(lost).toEqual([]);
  });
});

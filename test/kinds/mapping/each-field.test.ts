import { describe, expect, it } from '@jest/globals';

import type { Json, JsonObject } from '../../../kinds/contract.ts';
import { isObject } from '../../../kinds/json.ts';
import { withValueAt } from '../../../kinds/place.ts';
import { wireProblems } from '../../../simulator/body-check/wire-check.ts';
import { allShapes, type Known } from '../support/all-shapes.ts';
import { leavesOf } from '../support/wire-leaves.ts';

/** Ours, never sent. */
const OURS = ['azureName', 'azureNameFromConfig', 'owner', 'operatorSpec'];
const MARK = 'the-marked-value';

/** One field of a schema, set alone: the spec, and the value that must be sent for it. */
interface Alone {
  readonly path: string;
  readonly spec: JsonObject;
  readonly value: Json;
}

describe('each field of each schema, set alone', () => {
  it('is sent once, to where Azure knows something', () => {
    let count = 0;
    const faults = allShapes().flatMap((known) => {
      const properties = Object.entries(asObject(known.shape.specSchema()['properties']));
      const fields = properties
        .filter(([name]) => !OURS.includes(name))
        .flatMap(([name, schema]) => aloneIn(asObject(schema), name, (value) => ({ [name]: value })));
      count += fields.length;
      return fields.flatMap((field) => faultsOf(known, field).map((fault) => `${known.id} ${field.path}: ${fault}`));
    });
    expect(faults).toEqual([]);
    expect(count).toBeGreaterThan(12_000);
  });
});

function aloneIn(schema: JsonObject, path: string, wrap: (value: Json) => JsonObject): Alone[] {
  const { properties, items, additionalProperties } = schema;
  const input = inputIn(schema);
  if (input) return [{ path, spec: wrap(input), value: MARK }];
  if (isObject(properties)) {
    return Object.entries(properties).flatMap(([name, inner]) =>
      aloneIn(asObject(inner), `${path}.${name}`, (value) => wrap({ [name]: value })),
    );
  }
  if (isObject(items)) return aloneIn(items, `${path}[]`, (value) => wrap([value]));
  if (isObject(additionalProperties)) {
    return aloneIn(additionalProperties, `${path}{}`, (value) => wrap({ freeKey: value }));
  }
  const value = valueOf(schema);
  return value === undefined ? [] : [{ path, spec: wrap(value), value }];
}

/** What names something to be read first, as its schema shows it. */
function inputIn({ properties }: JsonObject): JsonObject | undefined {
  if (!isObject(properties)) return undefined;
  const names = Object.keys(properties).sort().join();
  if (names.startsWith('armId,group,kind,name')) return { group: 'g', kind: 'K', name: 'n' };
  if (names === 'key,name' && isSecretRef(properties)) return { name: 'n', key: 'k' };
  return undefined;
}

function isSecretRef(properties: JsonObject): boolean {
  return Object.values(properties).every((one) => JSON.stringify(one) === '{"type":"string"}');
}

function valueOf({ enum: values, type }: JsonObject): Json | undefined {
  if (Array.isArray(values)) return values[0];
  if (type === 'boolean') return true;
  if (type === 'integer' || type === 'number') return 7_777;
  return type === 'object' ? undefined : MARK;
}

function faultsOf({ shape, file, facts, body }: Known, { path, spec, value }: Alone): string[] {
  const payload = payloadOf(shape, spec);
  const same = leavesOf(payload).filter(([, one]) => one === value);
  // The variant that the field is in may be marked by the same word.
  const sent = same.length > 1 ? same.filter(([name]) => name.endsWith(`.${JSON.stringify(lastOf(path))}`)) : same;
  const refused = wireProblems({ file, facts }, body, payload)
    .filter(({ what }) => what === 'unknown' || what === 'readOnly')
    .map(({ path: wire, problem }) => `${wire} ${problem}`);
  const isIdentity = JSON.stringify(payload).includes(`{"${MARK}":{}}`);
  return [...(sent.length === 1 || isIdentity ? [] : [`sent ${String(sent.length)} times`]), ...refused];
}

function lastOf(path: string): string {
  return path.split('.').at(-1) ?? '';
}

/** Where one of two twins is required, the plain one is set too. */
function payloadOf(shape: Known['shape'], spec: JsonObject): JsonObject {
  const inputs = new Map(
    shape.inputs(spec).map(({ path, type }) => [path, type === 'secretMap' ? { key: MARK } : MARK] as const),
  );
  try {
    return shape.payload({ spec, name: 'n', inputs });
  } catch (error) {
    const missing = /of spec\.(\S+) and .* one of them is required/.exec(String(error))?.[1];
    if (missing === undefined) throw error;
    return payloadOf(shape, asObject(withValueAt(spec, missing, 'something')));
  }
}

function asObject(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

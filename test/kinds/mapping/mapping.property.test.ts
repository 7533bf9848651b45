import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { Json, JsonObject, Resolved } from '../../../kinds/contract.ts';
import { bodyOf } from '../../../kinds/facts/type-file.ts';
import { specSchema } from '../../../kinds/generate/spec-schema.ts';
import { isObject } from '../../../kinds/json.ts';
import { camelCase } from '../../../kinds/mapping/field-names.ts';
import type { Field } from '../../../kinds/mapping/node.ts';
import { isSecretMember } from '../../../kinds/mapping/secret-values.ts';
import { bodyProblems, type BodyProblem } from '../../../simulator/body-check/body-problems.ts';
import { allShapes, type Known } from '../support/all-shapes.ts';
import { arbitrarySpec } from '../support/arbitrary-spec.ts';
import { plainLeaves } from '../support/spec-leaves.ts';
import { leavesOf, wireLeaves } from '../support/wire-leaves.ts';

const shapes = allShapes();

/** Any kind at any api-version, a spec that its CRD accepts, and a value for each of its inputs. */
interface Scene {
  readonly known: Known;
  readonly spec: JsonObject;
  readonly inputs: Resolved;
  readonly payload: JsonObject;
}

function sceneOf(known: Known): fc.Arbitrary<Scene> {
  return arbitrarySpec(specSchema(known.shape), known.node).map((spec) => {
    const inputs = new Map(
      known.shape.inputs(spec).map((input, index) => {
        const value = `resolved-${String(index)}`;
        if (input.type === 'armId') return [input.path, input.armId];
        return [input.path, input.type === 'secretMap' ? { [`member${String(index)}`]: value } : value];
      }),
    );
    return { known, spec, inputs, payload: known.shape.payload({ spec, name: 'the-name', inputs }) };
  });
}

const seed = Number(process.env['FAST_CHECK_SEED'] ?? 42);
/** Specs of every kind at every api-version. FAST_CHECK_RUNS=20 tests more of them. */
const scenes = shapes.flatMap((known) =>
  fc.sample(sceneOf(known), { numRuns: Number(process.env['FAST_CHECK_RUNS'] ?? 1), seed }),
);

/** Collects what a check finds in all of them: each fault once, with the seed that reproduces it. */
function faultsOfAll(check: (scene: Scene) => string[]): string[] {
  const faults = scenes.flatMap((scene) => check(scene).map((fault) => `${scene.known.id} ${fault}`));
  return faults.length === 0 ? [] : [`FAST_CHECK_SEED=${String(seed)}`, ...new Set(faults)];
}

describe('every kind at every api-version, with a spec that its CRD accepts', () => {
  it('sends what Azure accepts', () => {
    const faults = faultsOfAll(({ known, payload }) =>
      bodyProblems(known, known.body, payload)
        .filter((problem) => !isExcused(payload, problem))
        .map(({ path, problem }) => `${path} ${problem}`),
    );
    expect(faults).toEqual([]);
  });

  it('sends each value once, at the path of its field', () => {
    const faults = faultsOfAll(({ known, spec, inputs, payload }) => {
      const { name, ...rest } = payload;
      expect(name).toBe('the-name');
      return differences(new Map(wireLeaves(known.node, spec, inputs)), leavesOf(rest));
    });
    expect(faults).toEqual([]);
  });

  it('has in its status what it sent', () => {
    const faults = faultsOfAll(({ known, spec, payload }) => {
      const status = new Map(leavesOf(known.shape.status({ type: 'A.B/c', ...payload, id: '/an/id' })));
      return plainLeaves(known.node, spec, '', statusName)
        .filter(([path, value]) => !isShown(status, path, value) && !isNeverAnswered(known, path, value))
        .map(([path]) => `${path} does not come back`);
    });
    expect(faults).toEqual([]);
  });
});

/**
 * Faults that a spec cannot avoid: values that come from elsewhere, and patterns with look-around, which a CRD cannot
 * state.
 */
function isExcused(payload: JsonObject, { path, what, problem }: BodyProblem): boolean {
  if (what !== 'value') return false;
  const steps = path.split(/[.[\]]+/).filter((step) => step !== '');
  const value = steps.reduce<Json | undefined>(
    (at, step) => (isObject(at) ? at[step] : Array.isArray(at) ? at[Number(step)] : undefined),
    payload,
  );
  return JSON.stringify(value).includes('resolved-') || /\(\?<?[=!]/.test(problem);
}

function differences(wanted: ReadonlyMap<string, Json>, sent: [string, Json][]): string[] {
  const got = new Map(sent);
  const lost = [...wanted].filter(([path, value]) => !Object.is(got.get(path), value));
  const more = [...got.keys()].filter((path) => !wanted.has(path));
  return [...lost.map(([path]) => `${path} lost`), ...more.map((path) => `${path} from nowhere`)];
}

/** A variant is named after its value in a status; in some specs it is named after its type. */
function statusName({ name, when }: Field): string {
  return when ? camelCase(when.value) : name;
}

/**
 * At its own path, or as `properties_<name>`, since more names are taken in an answer. Where the answer has no variants
 * although the PUT has, `properties` moves up.
 */
function isShown(status: ReadonlyMap<string, Json>, path: string, value: Json): boolean {
  const hasProperties = [...status.keys()].some((at) => at.startsWith('."properties"'));
  const places = [
    path,
    path.replace(/\."([^"]*)"$/, (_, name: string) => `."properties_${name.toLowerCase()}"`),
    ...(hasProperties ? [] : [path.replace(/^\."properties"\."[^"]*"/, '')]),
  ];
  return places.some((place) => Object.is(status.get(place), value));
}

/**
 * Values that are missing from a status: those that are write-only by the types, those that may come from a Secret, and
 * those that look like a secret.
 */
function isNeverAnswered(known: Known, path: string, value: Json): boolean {
  const names = [...path.matchAll(/\."((?:[^"\\]|\\.)*)"/g)].map((match) => match[1] ?? '');
  const mayBeSecret = known.facts.all('secretInputs').some((fact) => fact.path.endsWith(`.${names.at(-1) ?? ''}`));
  const looksSecret = isSecretMember(names.at(-1) ?? '', value);
  // The variants of a PUT whose answer has none: their discriminator is not answered either.
  const body = known.body.properties['properties'] && bodyOf(known.file, known.body.properties['properties']);
  const isDiscriminator = body?.discriminator !== undefined && names.at(-1) === body.discriminator;
  return mayBeSecret || looksSecret || isDiscriminator || names.some((name) => writeOnlyNames(known).has(name));
}

const writeOnly = new Map<string, ReadonlySet<string>>();
function writeOnlyNames({ id, file, body }: Known): ReadonlySet<string> {
  const bodies = [body, ...Object.values(file.types)];
  const names =
    writeOnly.get(id) ??
    new Set(
      bodies.flatMap(({ properties }) =>
        Object.entries(properties).flatMap(([name, type]) => (type.writeOnly === true ? [name] : [])),
      ),
    );
  writeOnly.set(id, names);
  return names;
}

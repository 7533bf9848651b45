import type {
  Export,
  ExportSource,
  Json,
  JsonObject,
  Resolved,
  Shape,
  SpecInput,
  SpecProblem,
  ValueSelector,
} from '../contract.ts';
import type { Exportable } from '../facts/exportable.ts';
import { pathProblem, valueAt, withChanges, type Change } from '../json-path.ts';
import { isObject, childPath, textAt } from '../json.ts';
import { differencesOf } from '../mapping/differences.ts';
import { exportsOf, expressionsOf } from '../mapping/exports.ts';
import { withoutSecrets } from '../mapping/secret-values.ts';
import { problemsOf } from '../mapping/spec-problems.ts';
import { referenceChanges, referenceProblems } from './body-references.ts';
import { GENERIC_KIND } from './generic-kind.ts';
import { genericComparer } from './generic-comparer.ts';
import type { GenericTypes } from './generic-types.ts';

/** A shape whose payload is `spec.body`, for the ARM type and api-version that the spec names. */
export function genericShape(given: JsonObject, types: GenericTypes): Shape {
  const exportable: Exportable = {
    secrets: sourcesOf(given, 'secrets'),
    configMaps: sourcesOf(given, 'configMaps'),
    optional: new Set(),
  };
  const secretPaths = secretsOf(given).map(({ bodyPath }) => bodyPath);
  return {
    kind: {
      ...GENERIC_KIND,
      armType: textAt(given, 'type') ?? '',
      scope: given['scope'] === 'tenant' ? 'tenant' : 'subscription',
      owner: isObject(given['owner']) ? 'any' : null,
    },
    apiVersion: textAt(given, 'apiVersion') ?? '',
    quirk: {},
    inputs: (spec) => [...secretsOf(spec), ...referencesOf(spec)].map(({ input }) => input),
    payload: ({ spec, name, inputs }) => payloadOf(spec, name, inputs),
    status: (answer) => statusOf(answer, secretPaths),
    problems: (spec) => [
      ...referenceProblems(entries(spec['references'])),
      ...typeProblems(spec, types),
      ...problemsOf(spec),
      ...pathProblems(spec),
    ],
    exports: (spec): Export[] => exportsOf(exportable, spec),
    expressions: (spec) => expressionsOf(exportable, spec),
    differences: (payload, answer) => differencesOf(genericComparer(secretPaths), payload, answer),
  };
}

function typeProblems(spec: JsonObject, { setting, allows }: GenericTypes): SpecProblem[] {
  const type = textAt(spec, 'type') ?? '';
  if (allows(type)) return [];
  const rule = setting.length > 300 ? `${setting.slice(0, 300)}…` : setting;
  const message = `the operator's setting GENERIC_RESOURCE_TYPES does not allow "${type}"; it allows ${rule}. Ask a cluster administrator to add the type, or use the kind that is made for it (docs/kinds.md)`;
  return [{ field: 'type', message }];
}

/** An input, and the path in the body where its value goes. */
interface BodyInput {
  readonly bodyPath: string;
  readonly input: SpecInput;
}

function secretsOf(spec: JsonObject): BodyInput[] {
  return entries(spec['secrets']).flatMap(([index, entry]): BodyInput[] => {
    const [bodyPath, from] = [textAt(entry, 'path'), entry['secretRef']];
    const [name, key] = isObject(from) ? [textAt(from, 'name'), textAt(from, 'key')] : [];
    if (bodyPath === undefined || name === undefined || key === undefined) return [];
    return [{ bodyPath, input: { type: 'secret', path: `${childPath('secrets', index)}.secretRef`, name, key } }];
  });
}

function referencesOf(spec: JsonObject): BodyInput[] {
  return entries(spec['references']).flatMap(([index, entry]): BodyInput[] => {
    const [bodyPath, to] = [textAt(entry, 'path'), entry['reference']];
    if (bodyPath === undefined || !isObject(to)) return [];
    const path = `${childPath('references', index)}.reference`;
    const [armId, group, kind, name] = ['armId', 'group', 'kind', 'name'].map((field) => textAt(to, field));
    if (armId !== undefined) return [{ bodyPath, input: { type: 'armId', path, armId } }];
    if (group === undefined || kind === undefined || name === undefined) return [];
    return [{ bodyPath, input: { type: 'reference', path, group, kind, name } }];
  });
}

function entries(list: Json | undefined): [index: number, entry: JsonObject][] {
  return Array.isArray(list)
    ? [...list.entries()].filter((item): item is [number, JsonObject] => isObject(item[1]))
    : [];
}

/** At most so many values are put into the body. Each is a Secret, a ConfigMap or a resource to read. */
const MOST_BODY_INPUTS = 500;

/** The paths that the spec names. They are checked because they are followed in the body and in answers. */
function pathProblems(spec: JsonObject): SpecProblem[] {
  const lists = ['secrets', 'references'].flatMap((list) =>
    entries(spec[list]).map(([index, entry]) => ({ field: childPath(list, index), entry })),
  );
  if (lists.length > MOST_BODY_INPUTS) {
    const message = `there are ${String(lists.length)} secrets and references, and there may be ${String(MOST_BODY_INPUTS)}: split the resource, or put values that are not secret into the body`;
    return [{ field: 'secrets', message }];
  }
  const exports = (['secrets', 'configMaps'] as const).flatMap((list) =>
    Object.entries(objectAt(spec, list)).flatMap(([name, entry]) =>
      isObject(entry) ? [{ field: `operatorSpec.${list}.${name}`, entry }] : [],
    ),
  );
  return [...lists, ...exports].flatMap(({ field, entry }) =>
    ['path', 'list'].flatMap((member) => {
      const problem = pathProblem(textAt(entry, member) ?? '');
      return problem === undefined ? [] : [{ field: `${field}.${member}`, message: problem }];
    }),
  );
}

function objectAt(spec: JsonObject, list: 'secrets' | 'configMaps'): JsonObject {
  const wanted = valueAt(spec, `operatorSpec.${list}`);
  return isObject(wanted) ? wanted : {};
}

function payloadOf(spec: JsonObject, name: string, inputs: Resolved): JsonObject {
  const given = spec['body'] ?? {};
  const valueOf = (path: string): string => {
    const value = inputs.get(path);
    if (typeof value !== 'string') throw new Error(`no value was read for spec.${path}`);
    return value;
  };
  const secrets = secretsOf(spec).map(({ bodyPath, input }): Change => [bodyPath, valueOf(input.path)]);
  const references = referencesOf(spec).map(({ bodyPath, input }) => [bodyPath, valueOf(input.path)] as const);
  const body = withChanges(given, [...secrets, ...referenceChanges(given, references)]);
  return { ...(isObject(body) ? body : {}), name };
}

/**
 * The answer without the values that were sent as secrets and without everything that looks like a secret: the type is
 * unknown, so nothing else says what is secret.
 */
function statusOf(answer: JsonObject, secretPaths: readonly string[]): JsonObject {
  // A path that exceeds a limit was never sent.
  const sentPaths = secretPaths.filter((path) => pathProblem(path) === undefined);
  const removals = sentPaths.map((path): Change => [path, undefined]);
  const publicAnswer = withoutSecrets(withChanges(answer, removals));
  const {
    conditions: _conditions,
    azureTemporalOperator: _storedState,
    observedGeneration: _observedGeneration,
    ...status
  } = isObject(publicAnswer) ? publicAnswer : {};
  return status;
}

/**
 * The sources that `operatorSpec.secrets` or `.configMaps` names: `{path}` in the answer of GET, or `{post, path}` in
 * the output of an action.
 */
function sourcesOf(spec: JsonObject, list: 'secrets' | 'configMaps'): ReadonlyMap<string, ExportSource> {
  return new Map(
    Object.entries(objectAt(spec, list)).flatMap(([field, entry]): [string, ExportSource][] =>
      isObject(entry) ? [[field, sourceOf(entry)]] : [],
    ),
  );
}

function sourceOf(entry: JsonObject): ExportSource {
  const [post, path = '', items, apiVersion] = ['post', 'path', 'list', 'apiVersion'].map((name) =>
    textAt(entry, name),
  );
  const where = isObject(entry['where']) ? { where: entry['where'] } : {};
  const selector: ValueSelector = {
    path,
    ...(items === undefined ? {} : { list: items, ...where }),
    ...(entry['encoding'] === 'base64' ? { encoding: 'base64' } : {}),
  };
  if (post === undefined) return { from: 'answer', ...selector };
  return { from: 'action', action: post, ...selector, ...(apiVersion === undefined ? {} : { apiVersion }) };
}

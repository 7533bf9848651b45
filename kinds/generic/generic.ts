import type {
  Export,
  ExportSource,
  Json,
  JsonObject,
  Kind,
  Kinds,
  Resolved,
  Shape,
  SpecInput,
  ValuePlace,
} from '../contract.ts';
import { differencesOf } from '../mapping/differences.ts';
import { exportsOf, expressionsOf } from '../mapping/exports.ts';
import { genericView } from './generic-view.ts';
import type { Generated } from '../facts/generated.ts';
import { isObject, placeOf, textAt } from '../json.ts';
import { problemsOf } from '../mapping/problems.ts';
import { valueAt, withValueAt } from '../place.ts';
import { withoutSecrets } from '../mapping/secret-values.ts';

/** Whatever ARM type at whatever api-version: what all other kinds know from their row, its spec says. */
export const GENERIC_KIND: Kind = {
  group: 'resources.azure.com',
  kind: 'GenericResource',
  plural: 'genericresources',
  armType: '',
  apiVersions: [],
  served: {},
  scope: 'subscription',
  owner: 'any',
  deletable: true,
  existsBy: 'GET',
  invisibleWhileCreated: false,
  azureName: { default: 'metadata.name' },
};

/** The version that users write; it is not an ARM api-version, which is `spec.apiVersion`. */
export const GENERIC_VERSION = 'v1';

/** The kinds of the table and GenericResource. */
export function withGeneric(kinds: Kinds): Kinds {
  return {
    ...kinds,
    all: () => [...kinds.all(), GENERIC_KIND],
    find: (id) => (isGeneric(id) ? GENERIC_KIND : kinds.find(id)),
    shapeFor: (kind, object) => (isGeneric(kind) ? genericShape(object.spec) : kinds.shapeFor(kind, object)),
  };
}

function isGeneric({ group, kind }: { group: string; kind: string }): boolean {
  return group === GENERIC_KIND.group && kind === GENERIC_KIND.kind;
}

/** A shape whose payload is `spec.body`, for the type and api-version that the spec names. */
export function genericShape(given: JsonObject): Shape {
  const generated: Generated = {
    secrets: sources(given, 'secrets'),
    configMaps: sources(given, 'configMaps'),
    optional: new Set(),
  };
  const withheld = placed(given).map(({ at }) => at);
  return {
    kind: {
      ...GENERIC_KIND,
      armType: textAt(given, 'type') ?? '',
      scope: given['scope'] === 'tenant' ? 'tenant' : 'subscription',
      owner: isObject(given['owner']) ? 'any' : null,
    },
    apiVersion: textAt(given, 'apiVersion') ?? '',
    quirk: {},
    inputs: (spec) => [...placed(spec), ...references(spec)].map(({ input }) => input),
    payload: ({ spec, name, inputs }) => payloadOf(spec, name, inputs),
    status: (answer) => statusOf(answer, withheld),
    problems: (spec) => problemsOf(spec),
    exports: (spec): Export[] => exportsOf(generated, spec),
    expressions: (spec) => expressionsOf(generated, spec),
    differences: (payload, answer) => differencesOf(genericView(withheld), payload, answer),
  };
}

/** An input and the place in the body where its value goes. */
interface Placed {
  readonly at: string;
  readonly input: SpecInput;
}

function placed(spec: JsonObject): Placed[] {
  return entries(spec['secrets']).flatMap(([index, entry]): Placed[] => {
    const [at, from] = [textAt(entry, 'path'), entry['secretRef']];
    const [name, key] = isObject(from) ? [textAt(from, 'name'), textAt(from, 'key')] : [];
    if (at === undefined || name === undefined || key === undefined) return [];
    return [{ at, input: { type: 'secret', path: `${placeOf('secrets', index)}.secretRef`, name, key } }];
  });
}

function references(spec: JsonObject): Placed[] {
  return entries(spec['references']).flatMap(([index, entry]): Placed[] => {
    const [at, to] = [textAt(entry, 'path'), entry['reference']];
    if (at === undefined || !isObject(to)) return [];
    const path = `${placeOf('references', index)}.reference`;
    const [armId, group, kind, name] = ['armId', 'group', 'kind', 'name'].map((field) => textAt(to, field));
    if (armId !== undefined) return [{ at, input: { type: 'armId', path, armId } }];
    if (group === undefined || kind === undefined || name === undefined) return [];
    return [{ at, input: { type: 'reference', path, group, kind, name } }];
  });
}

function entries(list: Json | undefined): [index: number, entry: JsonObject][] {
  return Array.isArray(list)
    ? [...list.entries()].filter((item): item is [number, JsonObject] => isObject(item[1]))
    : [];
}

function payloadOf(spec: JsonObject, name: string, inputs: Resolved): JsonObject {
  const body = [...placed(spec), ...references(spec)].reduce<Json>((sent, { at, input }) => {
    const value = inputs.get(input.path);
    if (typeof value !== 'string') throw new Error(`no value for spec.${input.path}`);
    return withValueAt(sent, at, value);
  }, spec['body'] ?? {});
  return { ...(isObject(body) ? body : {}), name };
}

/** The answer as it is, without what was given as a secret and what looks like one: nothing is known of the type. */
function statusOf(answer: JsonObject, withheld: readonly string[]): JsonObject {
  const shown = withheld.reduce<Json>((rest, path) => withValueAt(rest, path, undefined), answer);
  const open = withoutSecrets(shown);
  const { conditions: _ours, azureTemporalOperator: _too, ...status } = isObject(open) ? open : {};
  return status;
}

/** What `operatorSpec.secrets` or `.configMaps` names: `{path}` in the answer of GET, or `{post, path}` in that of an action. */
function sources(spec: JsonObject, list: 'secrets' | 'configMaps'): ReadonlyMap<string, ExportSource> {
  const wanted = valueAt(spec, `operatorSpec.${list}`);
  if (!isObject(wanted)) return new Map();
  return new Map(
    Object.entries(wanted).flatMap(([field, entry]): [string, ExportSource][] =>
      isObject(entry) ? [[field, sourceOf(entry)]] : [],
    ),
  );
}

function sourceOf(entry: JsonObject): ExportSource {
  const [post, path = '', items, apiVersion] = ['post', 'path', 'list', 'apiVersion'].map((name) =>
    textAt(entry, name),
  );
  const where = isObject(entry['where']) ? { where: entry['where'] } : {};
  const place: ValuePlace = {
    path,
    ...(items === undefined ? {} : { list: items, ...where }),
    ...(entry['encoding'] === 'base64' ? { encoding: 'base64' } : {}),
  };
  if (post === undefined) return { from: 'answer', ...place };
  return { from: 'action', action: post, ...place, ...(apiVersion === undefined ? {} : { apiVersion }) };
}

import { Document, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import type { JsonObject, Kind } from '../contract.ts';
import { GENERIC_KIND } from '../generic/generic-kind.ts';
import type { Node } from '../mapping/node.ts';
import type { ShapeWithParts } from '../shape.ts';

const HEADER = `# Generated from kinds/ by npm run generate; do not edit.
# Where the custom resources name other objects, for Kustomize: see docs/gitops.md.
`;

type Target = 'Secret' | 'ConfigMap' | 'resource';
/** A field that holds the name of an object. `kind` undefined: in objects of every kind. */
interface NameField {
  readonly kind?: { readonly group: string; readonly kind: string };
  readonly path: string;
}
type NameFields = Readonly<Record<Target, NameField[]>>;

/**
 * The content of deploy/kustomize/name-references.yaml. Kustomize cannot go into maps whose keys are free, so the few
 * names in such maps are not there. It does not look at `kind` beside a name either, so a field that can name any kind
 * is listed once for each group: one list that the groups share.
 */
export function nameReferences(
  kinds: readonly Kind[],
  shapeOf: (kind: Kind, apiVersion: string) => ShapeWithParts,
): string {
  const fields: NameFields = { Secret: [], ConfigMap: [], resource: [] };
  for (const kind of kinds) collectKind(fields, kind, shapeOf);
  collectCommon(fields, kinds, shapeOf);
  const groups = [...new Set([...kinds, GENERIC_KIND].map(({ group }) => group))].sort();
  const shared = fieldSpecs(fields.resource);
  return textOf(
    [
      { kind: 'Secret', version: 'v1', fieldSpecs: fieldSpecs(fields.Secret) },
      { kind: 'ConfigMap', version: 'v1', fieldSpecs: fieldSpecs(fields.ConfigMap) },
      ...ownersOf(kinds),
      ...groups.map((group) => ({ group, fieldSpecs: shared })),
    ],
    shared,
  );
}

/** For each kind that owns others: their `owner`. */
function ownersOf(kinds: readonly Kind[]): JsonObject[] {
  const owned = kinds.filter(({ owner }) => owner !== null && owner !== 'any');
  const byOwner = Map.groupBy(owned, ({ owner }) => (owner as { group: string; kind: string }).kind);
  return [...byOwner.values()].flatMap((sameName) =>
    [...Map.groupBy(sameName, ({ owner }) => (owner as { group: string }).group)].map(([group, members]) => ({
      group,
      kind: (members[0]?.owner as { kind: string }).kind,
      fieldSpecs: fieldSpecs(members.map((kind) => ({ kind, path: 'spec/owner/name' }))),
    })),
  );
}

function collectKind(
  fields: NameFields,
  kind: Kind,
  shapeOf: (kind: Kind, apiVersion: string) => ShapeWithParts,
): void {
  const add = (target: Target, path: string): void => {
    if (!fields[target].some((field) => field.kind === kind && field.path === path))
      fields[target].push({ kind, path });
  };
  if (kind.owner === 'any') add('resource', 'spec/owner/name');
  if (kind.apiVersions.length > 0) add('ConfigMap', 'spec/azureNameFromConfig/name');
  for (const apiVersion of kind.apiVersions) collectNode(shapeOf(kind, apiVersion).node, 'spec', add);
}

function collectNode(node: Node, path: string, add: (target: Target, path: string) => void): void {
  switch (node.type) {
    case 'object':
      for (const field of node.fields) collectNode(field.node, `${path}/${field.name}`, add);
      break;
    // Kustomize goes through all items of a list by itself.
    case 'array':
      collectNode(node.items, path, add);
      break;
    case 'secret':
    case 'secretMap':
      add('Secret', `${path}/name`);
      break;
    case 'configMap':
      add('ConfigMap', `${path}/name`);
      break;
    case 'reference':
      add('resource', `${path}/name`);
      break;
    case 'identities':
      add('resource', `${path}/reference/name`);
      break;
    default:
  }
}

/** The annotation, the fields of GenericResource, and the destinations, which have these paths in our kinds only. */
function collectCommon(
  fields: NameFields,
  kinds: readonly Kind[],
  shapeOf: (kind: Kind, apiVersion: string) => ShapeWithParts,
): void {
  const exportable = kinds.flatMap((kind) =>
    kind.apiVersions.map((apiVersion) => shapeOf(kind, apiVersion).exportable),
  );
  const destinations = (list: string, names: readonly string[]): NameField[] =>
    [...new Set(names)].sort().map((name) => ({ path: `spec/operatorSpec/${list}/${name}/name` }));
  fields.Secret.push(
    { path: 'metadata/annotations/serviceoperator.azure.com\\/credential-from' },
    { kind: GENERIC_KIND, path: 'spec/secrets/secretRef/name' },
    { path: 'spec/operatorSpec/secretExpressions/name' },
    ...destinations(
      'secrets',
      exportable.flatMap(({ secrets }) => [...secrets.keys()]),
    ),
  );
  fields.ConfigMap.push(
    { path: 'spec/operatorSpec/configMapExpressions/name' },
    ...destinations(
      'configMaps',
      exportable.flatMap(({ configMaps }) => [...configMaps.keys()]),
    ),
  );
  fields.resource.push(
    { kind: GENERIC_KIND, path: 'spec/owner/name' },
    { kind: GENERIC_KIND, path: 'spec/references/reference/name' },
  );
}

function fieldSpecs(fields: readonly NameField[]): JsonObject[] {
  return fields.map(({ kind, path }) => ({ ...(kind && { group: kind.group, kind: kind.kind }), path }));
}

function textOf(nameReference: JsonObject[], shared: JsonObject[]): string {
  const document = new Document({ nameReference }, { aliasDuplicateObjects: false });
  const items = (document.get('nameReference') as YAMLSeq<YAMLMap>).items;
  const [first, ...others] = items.filter((_, index) => nameReference[index]?.['fieldSpecs'] === shared);
  const node: unknown = first?.get('fieldSpecs', true);
  if (isSeq(node)) for (const other of others) other.set('fieldSpecs', document.createAlias(node, 'references'));
  return HEADER + document.toString({ lineWidth: 0 });
}

import type { Kind } from '../contract.ts';
import type { Node } from '../mapping/node.ts';
import type { ShapeWithParts } from '../shape.ts';
import { missingKindsSection } from './missing-kinds.ts';

const HEADER = `# Kinds

<!-- Generated from kinds/ by npm run generate; do not edit. -->

Every kind of Azure Service Operator that is an ARM resource and whose types are public ([the others](#kinds-of-aso-that-are-not-there)), and its values that come from or go to Secrets and ConfigMaps, over all its versions. Newest versions come
first. For a type that is not listed, there is the \`GenericResource\` where an administrator has switched it on (generic-resource.md). \`kubectl explain <plural>.spec\` describes the other fields of an installed kind.
What differs from ASO is in [parity.md](parity.md). \`self\` of an expression is the resource at the version that you applied, with \`spec.azureName\` even if you left
it out.

- **secrets in**: spec fields that name a Secret (\`{name, key}\`; with \`{}\` a whole Secret)
- **secrets out**: names under \`spec.operatorSpec.secrets\`
- **ConfigMaps in**: spec fields that name a ConfigMap; **out**: names under \`spec.operatorSpec.configMaps\`. \`?\`: some resources do not have the value (such as the
  principal of an optional identity); it is then skipped, as in ASO. If Azure does not answer any other value, the resource does not become Ready
`;

/** The content of docs/kinds.md. */
export function kindsPage(kinds: readonly Kind[], shapeOf: (kind: Kind, apiVersion: string) => ShapeWithParts): string {
  const groups = Map.groupBy(kinds, ({ group }) => group);
  const sections = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, members]) => {
      const rows = members
        .toSorted((a, b) => (a.kind < b.kind ? -1 : 1))
        .map((kind) =>
          rowOf(
            kind,
            kind.apiVersions.map((apiVersion) => shapeOf(kind, apiVersion)),
          ),
        );
      return `\n## ${group}\n\n| kind | versions | secrets in | secrets out | ConfigMaps |\n| --- | --- | --- | --- | --- |\n${rows.join('')}`;
    });
  return HEADER + sections.join('') + missingKindsSection();
}

function rowOf(kind: Kind, shapes: readonly ShapeWithParts[]): string {
  const versions = kind.apiVersions
    .toSorted()
    .reverse()
    .flatMap((apiVersion) => kind.served[apiVersion] ?? []);
  const fields = (is: (node: Node) => boolean): string[] => merged(shapes.map(({ node }) => fieldsOf(node, is, '')));
  const secretsIn = fields((node) => node.type === 'secret' || node.type === 'secretMap');
  const mapsIn = fields((node) => node.type === 'configMap');
  const secretsOut = merged(shapes.map(({ exportable }) => [...exportable.secrets.keys()]));
  const mapsOut = merged(
    shapes.map(({ exportable: { configMaps, optional } }) =>
      [...configMaps.keys()].map((name) => (optional.has(name) ? `${name}?` : name)),
    ),
  );
  const maps = [
    ...(mapsIn.length > 0 ? [`in: ${code(mapsIn)}`] : []),
    ...(mapsOut.length > 0 ? [`out: ${code(mapsOut)}`] : []),
  ];
  return `| ${kind.kind}<br>${kind.armType} | ${code(versions)} | ${code(secretsIn)} | ${code(secretsOut)} | ${maps.join('<br>')} |\n`;
}

function fieldsOf(node: Node, is: (node: Node) => boolean, path: string): string[] {
  if (is(node)) return [node.type === 'secretMap' ? `${path}{}` : path];
  if (node.type === 'array') return fieldsOf(node.items, is, `${path}[]`);
  if (node.type === 'map') return fieldsOf(node.values, is, `${path}.*`);
  if (node.type !== 'object') return [];
  return node.fields.flatMap((field) => fieldsOf(field.node, is, path === '' ? field.name : `${path}.${field.name}`));
}

function merged(lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())].sort();
}

function code(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(', ');
}

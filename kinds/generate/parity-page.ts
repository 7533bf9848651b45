import type { Kind } from '../contract.ts';
import type { ShapeWithParts } from '../shape.ts';
import { GENERAL_RULES, KIND_RULES, type KindRule, type ParityRule } from './parity-rules.ts';

const HEADER = `# What differs from Azure Service Operator

<!-- Generated from kinds/ by npm run generate; do not edit. -->

Manifests of ASO v2 work unchanged. This page lists what this operator sends, accepts, shows or does otherwise, and means to. The kinds of ASO that are not there
are in [kinds.md](kinds.md#kinds-of-aso-that-are-not-there). \`GenericResource\` ([page](generic-resource.md)) is a kind that ASO does not have.
`;

/**
 * The content of docs/parity.md.
 * @throws Error for a rule that names a kind which is not there: it would be lost without notice.
 */
export function parityPage(
  kinds: readonly Kind[],
  shapeOf: (kind: Kind, apiVersion: string) => ShapeWithParts,
): string {
  checkKinds(kinds);
  const differing = kinds.map((kind) => ({
    kind,
    places: placesOf(
      kind,
      kind.apiVersions.map((apiVersion) => shapeOf(kind, apiVersion)),
    ),
  }));
  return [
    HEADER,
    `\n## Every kind\n\n${tableOf(['', 'this operator', 'ASO', 'why'], GENERAL_RULES.map(cellsOf))}`,
    `\n## Some kinds\n\n${tableOf(
      ['rule', '', 'this operator', 'ASO', 'why'],
      KIND_RULES.map((rule) => [rule.title, ...cellsOf(rule)]),
    )}`,
    `\n## Each kind\n\nBesides what holds for every kind.\n${groupsOf(differing)}`,
  ].join('');
}

function checkKinds(kinds: readonly Kind[]): void {
  const known = new Set(kinds.map(({ kind, group }) => `${kind}.${group}`));
  for (const { title, kinds: named } of KIND_RULES) {
    const lost = typeof named === 'function' ? undefined : Object.keys(named).find((id) => !known.has(id));
    if (lost !== undefined) throw new Error(`parity-rules.ts: "${title}" names ${lost}, which is not a kind`);
  }
}

/** The rules of some kinds that hold for a kind, each with the places where it does. */
function placesOf(kind: Kind, shapes: readonly ShapeWithParts[]): [rule: KindRule, places: readonly string[]][] {
  return KIND_RULES.flatMap((rule): [KindRule, readonly string[]][] => {
    const places = typeof rule.kinds === 'function' ? rule.kinds(shapes) : rule.kinds[`${kind.kind}.${kind.group}`];
    return places === undefined || places.length === 0 ? [] : [[rule, places.filter((place) => place !== '')]];
  });
}

type Differing = readonly { readonly kind: Kind; readonly places: ReturnType<typeof placesOf> }[];

function groupsOf(kinds: Differing): string {
  return [...Map.groupBy(kinds, ({ kind }) => kind.group)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, members]) => {
      const ordered = members.toSorted((a, b) => (a.kind.kind < b.kind.kind ? -1 : 1));
      const lines = ordered
        .filter(({ places }) => places.length > 0)
        .map(({ kind, places }) => `- **${kind.kind}**: ${places.map(textOf).join('; ')}\n`);
      const others = ordered.filter(({ places }) => places.length === 0).map(({ kind }) => kind.kind);
      const rest = others.length === 0 ? '' : `- nothing more: ${others.join(', ')}\n`;
      return `\n### ${group}\n\n${lines.join('')}${rest}`;
    })
    .join('');
}

function textOf([{ title }, places]: Differing[number]['places'][number]): string {
  return places.length === 0 ? title : `${title} (${places.join(', ')})`;
}

function cellsOf({ what, ours, aso, why }: ParityRule): string[] {
  return [what, ours, aso, why];
}

function tableOf(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return line(heads) + line(heads.map(() => '---')) + rows.map(line).join('');
}

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { GENERIC_KIND } from '../kinds/generic/generic-kind.ts';
import { loadKinds } from '../kinds/load.ts';

const CHART = 'deploy/helm/azure-temporal-operator';
const BEGIN = '<!-- values: written by npm run generate from values.yaml and values.schema.json -->';
const END = '<!-- end of values -->';

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** The generated files of the Helm chart: path in the project -> content. */
export function chartFiles(): ReadonlyMap<string, string> {
  const read = (file: string): string => readFileSync(new URL(`../${CHART}/${file}`, import.meta.url), 'utf8');
  return new Map([
    [`${CHART}/files/kinds.json`, kindsFile()],
    [
      `${CHART}/README.md`,
      withTable(
        read('README.md'),
        tableOf(parse(read('values.yaml')), JSON.parse(read('values.schema.json')) as Schema),
      ),
    ],
  ]);
}

/** What the templates need to turn `crds.kinds` into rules: `{group: {Kind: plural}}`. */
function kindsFile(): string {
  const groups: Record<string, Record<string, string>> = {};
  const kinds = [...loadKinds().all(), GENERIC_KIND].map(({ group, kind, plural }) => ({ group, kind, plural }));
  for (const { group, kind, plural } of kinds.sort((a, b) =>
    `${a.group}/${a.kind}` < `${b.group}/${b.kind}` ? -1 : 1,
  ))
    (groups[group] ??= {})[kind] = plural;
  return `${JSON.stringify(groups, null, 1)}\n`;
}

/** One row for each value: those that have a description. */
function tableOf(values: unknown, schema: Schema): string {
  const rows = rowsOf(schema, values, []).map(({ path, value, text }) => `| \`${path}\` | ${value} | ${text} |`);
  return ['| value | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

function rowsOf(
  { properties = {} }: Schema,
  values: unknown,
  above: readonly string[],
): { path: string; value: string; text: string }[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const path = [...above, name];
    const value = (values as Readonly<Record<string, unknown>>)[name];
    if (schema.properties) return rowsOf(schema, value, path);
    if (schema.description === undefined) return [];
    return [
      { path: path.join('.'), value: value === '' ? '' : `\`${JSON.stringify(value)}\``, text: schema.description },
    ];
  });
}

/** @throws Error if the README has no place for the table */
function withTable(readme: string, table: string): string {
  const [before, rest] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (before < 0 || rest < before) throw new Error(`${CHART}/README.md needs the lines ${BEGIN} and ${END}`);
  return `${readme.slice(0, before)}${BEGIN}\n\n${table}\n\n${readme.slice(rest)}`;
}

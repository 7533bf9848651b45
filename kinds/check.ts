import { entriesOf, type FactName } from './facts.ts';
import { resolves } from './paths.ts';
import type { GeneratedFact, Row } from './row.ts';
import { readTypeFile, resourceBody, type TypeFile } from './type-file.ts';

/** `add` is for what the data lacks, so its paths lead nowhere by design. */
const LISTS: readonly FactName[] = [
  'references',
  'secretInputs',
  'configMapInputs',
  'keepProperties',
  'flatten',
  'omit',
  'include',
  'idOnly',
  'variantTypeNames',
  'newName',
  'plainString',
  'types',
  'number',
  'freeMap',
  'optional',
  'required',
  'emptyAsEmpty',
  'keepChildren',
];

type Claim = { readonly list: string; readonly path: string; readonly versions?: readonly string[] };

/** Sees that every path of a row leads somewhere: at each api-version it names, else at one at least. @throws Error naming row and path. */
export function checkRow(row: Row, read: (provider: string, apiVersion: string) => TypeFile = readTypeFile): void {
  const files = new Map(
    row.apiVersions.map((version) => [
      version,
      read(row.armType.split('/')[0] ?? '', row.typesFrom?.[version] ?? version),
    ]),
  );
  const leads = (version: string, path: string): boolean => {
    const file = files.get(version);
    return file !== undefined && resolves(file, resourceBody(file, row.armType), path);
  };
  for (const { list, path, versions } of claimsOf(row)) {
    const missing = versions?.find((version) => !leads(version, path));
    const nowhere = versions === undefined && !row.apiVersions.some((version) => leads(version, path));
    if (missing === undefined && !nowhere) continue;
    const where = missing === undefined ? 'any api-version' : missing;
    throw new Error(`kinds.json: ${row.kind}.${row.group}: ${list} "${path}" leads nowhere in the types of ${where}`);
  }
}

function claimsOf(row: Row): Claim[] {
  const listed = LISTS.flatMap((list) => entriesOf(row, list).map((entry): Claim => ({ list, ...entry })));
  const generated = (list: string, facts: Readonly<Record<string, GeneratedFact>>): Claim[] =>
    Object.values(facts).flatMap(({ status, versions }) =>
      status === undefined ? [] : [{ list, path: status, ...(versions ? { versions } : {}) }],
    );
  return [
    ...listed,
    ...generated('generatedSecrets', row.generatedSecrets),
    ...generated('generatedConfigMaps', row.generatedConfigMaps),
  ];
}

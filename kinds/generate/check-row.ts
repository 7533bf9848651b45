import { entriesOf, FACT_NAMES } from '../facts/row-facts.ts';
import type { GeneratedFact, Row } from '../facts/row.ts';
import { bodyOf, readTypeFile, resourceBody, type ArmBody, type TypeFile } from '../facts/type-file.ts';
import { typesHavePath } from '../facts/type-path.ts';

/** The paths of `add` are not checked: they name properties that the types lack. */
const LISTS = FACT_NAMES.filter((name) => name !== 'add');

/** A path that must exist in the types. `action`: the path starts in the output of this action. */
type Claim = {
  readonly list: string;
  readonly path: string;
  readonly versions?: readonly string[];
  readonly action?: string;
};

/**
 * Checks that every path of a row exists in the types: at each api-version that its entry names, or else at one
 * api-version at least.
 * @throws Error that names the row and the path.
 */
export function checkRow(row: Row, read: (provider: string, apiVersion: string) => TypeFile = readTypeFile): void {
  const files = new Map(row.apiVersions.map((version) => [version, fileOf(row, version, read)]));
  for (const claim of claimsOf(row)) {
    const exists = (version: string): boolean => {
      const file = files.get(version);
      return file !== undefined && typesHavePath(file, startOf(row, claim, file), claim.path);
    };
    const missing = claim.versions?.find((version) => !exists(version));
    const nowhere = claim.versions === undefined && !row.apiVersions.some(exists);
    if (missing === undefined && !nowhere) continue;
    const where = missing === undefined ? 'any api-version' : missing;
    throw faultOf(row, `${claim.list} "${claim.path}" leads nowhere in the types of ${where}`);
  }
}

function fileOf(row: Row, apiVersion: string, read: (provider: string, apiVersion: string) => TypeFile): TypeFile {
  const [provider = ''] = row.armType.split('/');
  const from = row.typesFrom?.[apiVersion] ?? apiVersion;
  try {
    const file = read(provider, from);
    resourceBody(file, row.armType);
    return file;
  } catch (error) {
    throw faultOf(
      row,
      `api-version ${apiVersion}: cannot read types/${provider.toLowerCase()}/${from}.json: ${reasonOf(error)}`,
    );
  }
}

/** The body in which a path starts: the resource, or the output of an action. */
function startOf(row: Row, { action }: Claim, file: TypeFile): ArmBody {
  if (action === undefined) return resourceBody(file, row.armType);
  const named = (entries: Readonly<Record<string, unknown>>, name: string): string | undefined =>
    Object.keys(entries).find((known) => known.toLowerCase() === name.toLowerCase());
  const actions = file.functions[named(file.functions, row.armType) ?? ''] ?? {};
  const output = actions[named(actions, action) ?? '']?.output;
  return (output && bodyOf(file, output)) ?? { properties: {} };
}

function claimsOf(row: Row): Claim[] {
  const listed = LISTS.flatMap((list) => entriesOf(row, list).map((entry): Claim => ({ list, ...entry })));
  const generated = (list: string, facts: Readonly<Record<string, GeneratedFact>>): Claim[] =>
    Object.values(facts).flatMap((fact) => generatedClaim(list, fact));
  return [
    ...listed,
    ...generated('generatedSecrets', row.generatedSecrets),
    ...generated('generatedConfigMaps', row.generatedConfigMaps),
  ];
}

/**
 * The paths of a value that must exist. None if the value comes from another resource (a child, or one whose id is
 * followed) or from another api-version: the types of the row do not describe those.
 */
function generatedClaim(list: string, fact: GeneratedFact): Claim[] {
  const versions = fact.versions ? { versions: fact.versions } : {};
  if (fact.status !== undefined) return [{ list, path: fact.status, ...versions }];
  if (fact.post === undefined || fact.child !== undefined || fact.apiVersion !== undefined) return [];
  const items = fact.list === undefined ? '' : `${fact.list}[].`;
  return [{ list, path: `${items}${fact.path ?? ''}`, action: fact.post, ...versions }];
}

function faultOf(row: Row, fault: string): Error {
  return new Error(`kinds.json: ${row.kind}.${row.group}: ${fault}`);
}

/**
 * The error code if a file cannot be read, else the message. It does not use `instanceof`, because under Jest the
 * errors of Node belong to another realm.
 */
function reasonOf(error: unknown): string {
  const { code, message } = (typeof error === 'object' && error !== null ? error : {}) as {
    code?: string;
    message?: string;
  };
  return code ?? message ?? 'unknown error';
}

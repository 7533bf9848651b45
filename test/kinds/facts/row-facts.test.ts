import { describe, expect, it } from '@jest/globals';

import { exportableAt } from '../../../kinds/facts/exportable.ts';
import { entriesOf, FACT_NAMES, factsFor, type FactName } from '../../../kinds/facts/row-facts.ts';
import type { PathFact, Row } from '../../../kinds/facts/row.ts';
import { readTypeFile, resourceBody, type TypeFile } from '../../../kinds/facts/type-file.ts';
import { specSchema } from '../../../kinds/generate/spec-schema.ts';
import { readRows } from '../../../kinds/load.ts';
import { buildNodes } from '../../../kinds/mapping/build-nodes.ts';

/** The lists that determine the spec. `keepChildren` concerns the payload, and is tested with it. */
const LISTS = FACT_NAMES.filter((name) => name !== 'keepChildren');

/** Entries without an effect on the spec: they state what the rules say already, or concern the status. */
const ALREADY_SO: Readonly<Record<string, string>> = {
  'ResourceGroup.resources.azure.com keepProperties properties':
    'all of it is read-only, so it is in the status only (test/kinds/mapping/status.test.ts)',
  'ServersDatabase.sql.azure.com omit properties.keys': 'of its items nothing is left: all of it is read-only',
};

const files = new Map<string, TypeFile>();

function fileOf(row: Row, apiVersion: string): TypeFile {
  const provider = row.armType.split('/')[0] ?? '';
  const id = `${provider}/${row.typesFrom?.[apiVersion] ?? apiVersion}`;
  const file = files.get(id) ?? readTypeFile(provider, row.typesFrom?.[apiVersion] ?? apiVersion);
  files.set(id, file);
  return file;
}

/** Everything that is made for the spec: the tree that determines payload and inputs, and the schema. */
function specOf(row: Row, apiVersion: string): string {
  const file = fileOf(row, apiVersion);
  const body = resourceBody(file, row.armType);
  const node = buildNodes({ file, facts: factsFor(row, apiVersion), side: 'spec' }, body);
  return JSON.stringify([
    node,
    specSchema({ row, body, node, exportable: exportableAt(row, apiVersion, { file, body }) }),
  ]);
}

function without(row: Row, list: FactName, entry: PathFact): Row {
  const rest = entriesOf(row, list).filter((other) => JSON.stringify(other) !== JSON.stringify(entry));
  return list in row ? { ...row, [list]: rest } : { ...row, shape: { ...row.shape, [list]: rest } };
}

/**
 * The api-versions at which removing the entry from its row changes nothing. An entry that names api-versions must have
 * an effect at each of them; any other at one of them.
 */
function isIdle(row: Row, list: FactName, entry: PathFact, whole: ReadonlyMap<string, string>): boolean {
  const less = without(row, list, entry);
  const versions = (entry.versions ?? row.apiVersions).filter((version) => row.apiVersions.includes(version));
  const idle = versions.filter((version) => specOf(less, version) === whole.get(version));
  return entry.versions === undefined ? idle.length === versions.length : idle.length > 0;
}

describe('kinds.json', () => {
  it('has no entry without effect on the spec of its kind', () => {
    const idle = readRows().flatMap((row) => {
      const whole = new Map(row.apiVersions.map((version) => [version, specOf(row, version)]));
      return LISTS.flatMap((list) =>
        entriesOf(row, list)
          .filter((entry) => isIdle(row, list, entry, whole))
          .map((entry) => `${row.kind}.${row.group} ${list} ${entry.path}`),
      );
    });
    expect(idle.sort()).toEqual(Object.keys(ALREADY_SO).sort());
  }, 120_000);
});

import { readdirSync } from 'node:fs';

import type { JsonObject } from '../../kinds/contract.ts';
import { factsFor, NO_FACTS } from '../../kinds/facts/facts.ts';
import { readRows } from '../../kinds/load.ts';
import type { Row } from '../../kinds/facts/row.ts';
import { findBody, readTypeFile, type TypeFile } from '../../kinds/facts/type-file.ts';
import { wireProblems, type WireProblem } from './wire-check.ts';

/** The check of PUT bodies for every type there are facts of. Reads a type file when it is first asked for, and keeps it. */
export interface WireChecks {
  /** What Azure would refuse in a body; undefined where nothing is known of the type at that api-version. */
  problems(asked: { armType: string; apiVersion: string; body: JsonObject }): WireProblem[] | undefined;
}

/** Makes the check. The rows of kinds.json correct the types where they have gaps; types without a row are checked as they stand. */
export function loadWireChecks(): WireChecks {
  const rows = new Map(readRows().map((row) => [row.armType.toLowerCase(), row]));
  const known = knownFiles();
  const files = new Map<string, TypeFile>();
  const fileOf = (provider: string, apiVersion: string): TypeFile | undefined => {
    const id = `${provider}/${apiVersion}`;
    if (!known.has(id)) return undefined;
    const file = files.get(id) ?? readTypeFile(provider, apiVersion);
    files.set(id, file);
    return file;
  };
  return {
    problems: ({ armType, apiVersion, body }) => {
      const row: Row | undefined = rows.get(armType.toLowerCase());
      const provider = (armType.split('/')[0] ?? '').toLowerCase();
      const file = fileOf(provider, row?.typesFrom?.[apiVersion] ?? apiVersion);
      const type = file && findBody(file, armType);
      if (!type) return undefined;
      return wireProblems({ file, facts: row ? factsFor(row, apiVersion) : NO_FACTS }, type, body);
    },
  };
}

function knownFiles(): ReadonlySet<string> {
  const folder = new URL('../../kinds/facts/types/', import.meta.url);
  const providers = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return new Set(
    providers.flatMap(({ name }) =>
      readdirSync(new URL(`./${name}/`, folder)).map((file) => `${name}/${file.replace(/\.json$/, '')}`),
    ),
  );
}

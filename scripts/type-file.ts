/**
 * `node scripts/type-file.ts types.json` makes a type file of `kinds/facts/types/` from Bicep's types for Azure
 * (docs/adding-a-kind.md). `--type <resource type>`, which may be repeated, takes only those types; `--out <file>`
 * writes to another place.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Json } from '../kinds/contract.ts';
import type { TypeFile } from '../kinds/facts/type-file.ts';
import { typeFileOf } from '../kinds/generate/bicep-types.ts';

const TYPES = join(import.meta.dirname, '../kinds/facts/types');

try {
  const { values, positionals } = parseArgs({
    options: { type: { type: 'string', multiple: true }, out: { type: 'string' } },
    allowPositionals: true,
  });
  const [from, ...more] = positionals;
  if (from === undefined || more.length > 0)
    throw new Error('usage: node scripts/type-file.ts [--type <resource type>]… [--out <file>] <types.json>');
  const file = typeFileOf(JSON.parse(readFileSync(from, 'utf8')) as Json, values.type);
  const to = resolve(values.out ?? join(TYPES, file.provider.toLowerCase(), `${file.apiVersion}.json`));
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, textOf(file));
  process.stdout.write(`${to}: ${Object.keys(file.resources).join(', ')}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

/** One resource, action list and type a line, as the other type files are written. */
function textOf({ provider, apiVersion, resources, functions, types }: TypeFile): string {
  const lines = (members: object): string =>
    Object.entries(members)
      .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
      .join(',\n');
  const parts = { resources, functions, types };
  const body = Object.entries(parts).map(([name, members]) => `${JSON.stringify(name)}:{\n${lines(members)}\n}`);
  return `{"provider":${JSON.stringify(provider)},\n"apiVersion":${JSON.stringify(apiVersion)},\n${body.join(',\n')}}\n`;
}

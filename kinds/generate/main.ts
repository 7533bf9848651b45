/** `npm run generate`: writes what follows from kinds/. With `--check` it writes nothing and fails where a file is not as it would be written. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { crdFiles } from './files.ts';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const folder = new URL('../../crds/', import.meta.url);
try {
  const files = crdFiles();
  const stale = staleFiles(files);
  if (!values.check) write(files, stale);
  else if (stale.length > 0) {
    process.stderr.write(`not as generated: ${stale.join(', ')}; run npm run generate\n`);
    process.exitCode = 1;
  }
  process.stdout.write(`${String(files.size)} files, ${String(stale.length)} ${values.check ? 'differ' : 'changed'}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

/** Files to be written or removed. */
function staleFiles(files: ReadonlyMap<string, string>): string[] {
  const there = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.yaml')) : [];
  const extra = there.filter((name) => !files.has(name));
  const other = [...files].filter(
    ([name, content]) => !there.includes(name) || readFileSync(new URL(name, folder), 'utf8') !== content,
  );
  return [...extra, ...other.map(([name]) => name)];
}

function write(files: ReadonlyMap<string, string>, stale: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  for (const name of stale) {
    const content = files.get(name);
    if (content === undefined) rmSync(new URL(name, folder));
    else writeFileSync(new URL(name, folder), content);
  }
}

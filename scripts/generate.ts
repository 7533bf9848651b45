/**
 * `npm run generate` writes the files that are derived from the facts in kinds/ and from the table of reasons. With
 * `--check` it only compares, and fails if a file differs.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { renderErrorsPage } from '../azure/errors-page.ts';
import { generatedFiles } from '../kinds/generate/generated-files.ts';
import { chartFiles } from './chart-files.ts';

const root = new URL('../', import.meta.url);
try {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const files = new Map([...generatedFiles(), ['docs/errors.md', renderErrorsPage()], ...chartFiles()]);
  const stale = stalePaths(files);
  if (!values.check) write(files, stale);
  else if (stale.length > 0)
    throw new Error(`generated files are out of date: ${stale.join(', ')}; run npm run generate`);
  process.stdout.write(`${String(files.size)} files, ${String(stale.length)} changed\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

/** The paths of files to write and of CRDs to remove. */
function stalePaths(files: ReadonlyMap<string, string>): string[] {
  const crds = new URL('crds/', root);
  const existing = existsSync(crds) ? readdirSync(crds).filter((name) => name.endsWith('.yaml')) : [];
  const obsolete = existing.map((name) => `crds/${name}`).filter((path) => !files.has(path));
  const changed = [...files].filter(([path, content]) => textOf(path) !== content);
  return [...obsolete, ...changed.map(([path]) => path)];
}

function textOf(path: string): string | undefined {
  const file = new URL(path, root);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function write(files: ReadonlyMap<string, string>, stale: readonly string[]): void {
  for (const path of stale) {
    const file = new URL(path, root);
    const content = files.get(path);
    mkdirSync(new URL('.', file), { recursive: true });
    if (content === undefined) rmSync(file);
    else writeFileSync(file, content);
  }
}

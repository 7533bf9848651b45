/**
 * `npm run check` checks types, lint, formatting, and that the generated files are up to date. Fast enough to run
 * before each commit.
 */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const SOURCES = '!(node_modules)/**/*.ts';
const CHECKS: readonly { readonly name: string; readonly command: readonly string[] }[] = [
  { name: 'types', command: ['tsc', '--noEmit', '-p', '.'] },
  { name: 'lint', command: ['eslint', '--max-warnings=0', '.'] },
  { name: 'format', command: ['prettier', '--check', '--log-level=warn', '.'] },
  // Nothing else sees an export, a file or a dependency that nobody uses (knip.jsonc).
  { name: 'unused', command: ['knip', '--no-progress'] },
  // Without the transformation it sees type imports too: rooms that need each other's types are one room.
  {
    name: 'circles',
    command: [
      'dpdm',
      '--transform=false',
      '--no-tree',
      '--no-warning',
      '--no-progress',
      '--exit-code=circular:1',
      SOURCES,
    ],
  },
  { name: 'generated', command: [process.execPath, 'scripts/generate.ts', '--check'] },
];

let failed = 0;
for (const { name, command } of CHECKS) {
  const startedAt = Date.now();
  const [program = '', ...args] = command;
  const { status, stdout, stderr } = spawnSync(resolve(ROOT, 'node_modules/.bin', program), args, {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (status !== 0) {
    failed += 1;
    console.log(`${stdout}${stderr}`.trimEnd());
  }
}
process.exitCode = failed === 0 ? 0 : 1;

/**
 * `npm run check` checks types, lint, formatting, and that the generated files are up to date. Fast enough to run
 * before each commit.
 */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

interface Check {
  readonly name: string;
  readonly command: readonly string[];
}

const ROOT = join(import.meta.dirname, '..');
const SOURCES = '!(node_modules)/**/*.ts';
/** Lint takes about as long as all others together: side by side they take half the time on two cores. */
const LINT: readonly Check[] = [{ name: 'lint', command: ['eslint', '--max-warnings=0', '.'] }];
const OTHERS: readonly Check[] = [
  { name: 'types', command: ['tsc', '--noEmit', '-p', '.'] },
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

const failures = await Promise.all([LINT, OTHERS].map(runInTurn));
process.exitCode = failures.every((count) => count === 0) ? 0 : 1;

/** @returns how many failed */
async function runInTurn(checks: readonly Check[]): Promise<number> {
  let failed = 0;
  for (const { name, command } of checks) {
    const startedAt = Date.now();
    const { code, output } = await run(command);
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
    if (code === 0) continue;
    failed += 1;
    console.log(output.trimEnd());
  }
  return failed;
}

async function run([program = '', ...args]: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(resolve(ROOT, 'node_modules/.bin', program), args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (text: string): void => {
    output += text;
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', fail);
    child.once('close', done);
  });
  return { code, output };
}

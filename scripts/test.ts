/**
 * `npm test [-- jest arguments]`: starts the shared stack when a selected test needs it, runs jest, cleans up, and ends with the line by which CI counts.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestStack } from '../test/support/run-stack.ts';

const ROOT = join(import.meta.dirname, '..');
/** The folders whose tests use the stack that is shared by the whole run. */
const SHARED_STACK = ['test/cluster', 'test/samples'];

interface Summary {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
  readonly numPendingTests: number;
}

const args = process.argv.slice(2);
const directory = await mkdtemp(join(tmpdir(), 'operator-test-'));
const paths = args.filter((arg) => arg.startsWith('test/'));
const needsStack = paths.length === 0 || paths.some((path) => SHARED_STACK.some((folder) => path.includes(folder)));
const stack = needsStack ? await startTestStack(join(directory, 'stack'), (line) => console.log(line)) : undefined;
try {
  process.exitCode = await runJest();
} finally {
  await stack?.stop();
  await rm(directory, { recursive: true, force: true });
}
process.exit();

async function runJest(): Promise<number> {
  const results = join(directory, 'results.json');
  const jest = join(ROOT, 'node_modules/jest/bin/jest.js');
  const child = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      jest,
      '--maxWorkers=2',
      '--json',
      `--outputFile=${results}`,
      '--forceExit',
      ...args,
    ],
    {
      cwd: ROOT,
      stdio: ['inherit', 'ignore', 'inherit'],
      env: { ...process.env, ...(stack && { TEST_STACK: stack.file }) },
    },
  );
  const code = await new Promise<number>((resolve) => child.once('exit', (status) => resolve(status ?? 1)));
  const summary = await readSummary(results);
  const failed = Math.max(summary.numFailedTests, summary.numFailedTestSuites > 0 ? 1 : 0);
  console.log(`${String(summary.numPassedTests)} passed, ${String(failed)} failed`);
  return failed > 0 || summary.numPassedTests === 0 ? 1 : code;
}

/** When jest died before it could report, that is one failure. */
async function readSummary(file: string): Promise<Summary> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Summary;
  } catch {
    return { numPassedTests: 0, numFailedTests: 1, numFailedTestSuites: 1, numPendingTests: 0 };
  }
}

/**
 * `npm test [-- jest arguments]` starts the shared stack if a selected test needs it, runs jest, cleans up, and prints
 * a last line with the counts, which CI reads.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ensureHelm } from '../dev/binaries.ts';
import { startTestStack, type RunningTestStack } from '../test/support/run-stack.ts';

const ROOT = join(import.meta.dirname, '..');
/** The folders whose tests use the stack that the whole run shares. */
const SHARED_STACK = ['test/activities', 'test/cluster', 'test/samples', 'test/workflows'];

interface Summary {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
  readonly numPendingTests: number;
  readonly testResults: readonly { readonly name: string; readonly startTime: number; readonly endTime: number }[];
}

/**
 * Tests that kill processes and measure the recovery in seconds: they run while nothing else does, two at a time, because
 * they wait most of their time.
 */
const ALONE = 'test/durability';
const TWO_AT_A_TIME = '--maxWorkers=2';
/**
 * Hundreds of resources at once: these tests run after those that wait seconds for a single resource. A third of the
 * samples, in which each kind is at least once; `npm run test:samples` runs all.
 */
const SAMPLES = 'test/samples';
/** One more than the cores of a small machine: most tests of the stack wait most of their time. */
const WORKERS = '--maxWorkers=3';

interface Pass {
  readonly args: readonly string[];
  /** Whether it uses the stack that the passes share; otherwise that is stopped before. */
  readonly stack: boolean;
  /** Variables for jest, unless they are set. */
  readonly env?: Readonly<Record<string, string>>;
}

const directory = await mkdtemp(join(tmpdir(), 'operator-test-'));
const summaries: Summary[] = [];
let code = 0;
let stack: RunningTestStack | undefined;
try {
  const args = process.argv.slice(2);
  // Built before the tests: a Go build beside them would take the cores from those that measure seconds.
  if (!args.some((arg) => arg.startsWith('test/'))) await ensureHelm((line) => console.log(line));
  for (const pass of passesOf(args)) {
    if (pass.stack) stack ??= await startTestStack(join(directory, 'stack'), (line) => console.log(line));
    else {
      await stack?.stop();
      stack = undefined;
    }
    const done = await runJest(pass, stack?.file);
    summaries.push(done.summary);
    code ||= done.code;
  }
} finally {
  await stack?.stop();
  await rm(directory, { recursive: true, force: true });
}
const passed = summaries.reduce((sum, { numPassedTests }) => sum + numPassedTests, 0);
// A test file that cannot be loaded contains no tests; count it as one failure.
const failed = summaries.reduce(
  (sum, { numFailedTests, numFailedTestSuites }) => sum + Math.max(numFailedTests, numFailedTestSuites > 0 ? 1 : 0),
  0,
);
for (const line of slowestFiles(summaries)) console.log(line);
console.log(`${String(passed)} passed, ${String(failed)} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : code);

function passesOf(args: readonly string[]): Pass[] {
  const paths = args.filter((arg) => arg.startsWith('test/'));
  if (paths.length === 0) {
    return [
      { args: [...args, WORKERS, `--testPathIgnorePatterns=${ALONE}/|${SAMPLES}/`], stack: true },
      { args: [...args, '--runInBand', `${SAMPLES}/`], stack: true, env: { SAMPLES: 'third' } },
      { args: [...args, TWO_AT_A_TIME, `${ALONE}/`], stack: false },
    ];
  }
  const stack = paths.some((path) => SHARED_STACK.some((folder) => path.includes(folder)));
  const alone = paths.some((path) => path.includes(ALONE));
  return [{ args: [...args, alone ? TWO_AT_A_TIME : WORKERS], stack }];
}

/** Where the time of the run went: the whole of it is limited. */
function slowestFiles(done: readonly Summary[]): string[] {
  const times = done.flatMap(({ testResults }) =>
    testResults.map(({ name, startTime, endTime }) => ({ name, seconds: Math.round((endTime - startTime) / 1000) })),
  );
  const slowest = times.sort((a, b) => b.seconds - a.seconds).slice(0, 15);
  return slowest.map(({ name, seconds }) => `${String(seconds).padStart(4)} s  ${relative(ROOT, name)}`);
}

async function runJest(
  { args, env = {} }: Pass,
  stackFile: string | undefined,
): Promise<{ code: number; summary: Summary }> {
  const results = join(directory, 'results.json');
  await rm(results, { force: true });
  const child = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      join(ROOT, 'node_modules/jest/bin/jest.js'),
      '--json',
      `--outputFile=${results}`,
      '--forceExit',
      ...args,
    ],
    {
      cwd: ROOT,
      stdio: ['inherit', 'ignore', 'inherit'],
      env: { ...env, ...process.env, ...(stackFile !== undefined && { TEST_STACK: stackFile }) },
    },
  );
  const code = await new Promise<number>((resolve) => child.once('exit', (status) => resolve(status ?? 1)));
  return { code, summary: await readSummary(results) };
}

/** If jest exited before it could report, count one failure. */
async function readSummary(file: string): Promise<Summary> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Summary;
  } catch {
    return { numPassedTests: 0, numFailedTests: 1, numFailedTestSuites: 1, numPendingTests: 0, testResults: [] };
  }
}

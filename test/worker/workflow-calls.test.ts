import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { workflowCallsCheck } from '../../worker/workflow-calls.ts';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** Runs a program that begins with the watch, in a process of its own: it changes how the process starts threads. */
async function watched(program: string): Promise<unknown> {
  const module = JSON.stringify(join(ROOT, 'worker/workflow-calls.ts'));
  const source = `
    import { watchWorkflowCalls } from ${module};
    const calls = watchWorkflowCalls();
    ${program}`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', source], { cwd: ROOT });
  return JSON.parse(stdout);
}

describe('the watch of calls into the workflow code', () => {
  let directory: string;
  const thread = (name: string): string => JSON.stringify(join(directory, name));

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'workflow-calls-'));
    const source = `
      const { parentPort } = require('node:worker_threads');
      const vm = require('node:vm');
      try {
        const code = 'const end = Date.now() + 2_500; while (Date.now() < end);';
        parentPort.postMessage(vm.runInContext(code + '"returned"', vm.createContext({}), { timeout: 20 }));
      } catch (error) {
        parentPort.postMessage(error.code);
      }`;
    for (const name of ['workflow-worker-thread.js', 'other.js']) await writeFile(join(directory, name), source);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const start = (name: string): string => `
    import { once } from 'node:events';
    const { Worker } = process.getBuiltinModule('node:worker_threads');
    const thread = new Worker(${thread(name)});
    const answer = once(thread, 'message');
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const during = calls.runningSeconds;
    const [message] = await answer;
    console.log(JSON.stringify({ message, during, after: calls.runningSeconds, count: calls.count }));`;

  it("sees how long a call of the SDK's thread runs, which has no limit of its own any more", async () => {
    const seen = await watched(start('workflow-worker-thread.js'));
    expect(seen).toEqual({ message: 'returned', during: expect.any(Number), after: 0, count: 1 });
    expect((seen as { during: number }).during).toBeGreaterThanOrEqual(1);
  }, 30_000);

  it('leaves other threads their limits', async () => {
    const seen = await watched(start('other.js'));
    expect(seen).toEqual({ message: 'ERR_SCRIPT_EXECUTION_TIMEOUT', during: 0, after: 0, count: 0 });
  }, 30_000);

  // With the parts of the SDK that `Worker.create` uses: a worker needs a server, and a replay does not use a thread.
  it('sees the calls of the SDK that is installed', async () => {
    const seen = await watched(`
      const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
      const { parseWorkflowCode } = await import('@temporalio/worker/lib/worker.js');
      const { ThreadedVMWorkflowCreator } = await import('@temporalio/worker/lib/workflow/threaded-vm.js');
      const logger = new DefaultLogger('ERROR', () => undefined);
      const workflowsPath = ${JSON.stringify(join(ROOT, 'workflows/index.ts'))};
      const { code } = await bundleWorkflowCode({ workflowsPath, logger });
      await ThreadedVMWorkflowCreator.create({
        threadPoolSize: 1,
        workflowBundle: parseWorkflowCode(code),
        isolateExecutionTimeoutMs: 5_000,
        reuseV8Context: true,
        registeredActivityNames: new Set(),
        logger,
      });
      console.log(JSON.stringify({ count: calls.count, after: calls.runningSeconds }));
      process.exit();`);
    expect(seen).toEqual({ count: expect.any(Number), after: 0 });
    expect((seen as { count: number }).count).toBeGreaterThan(0);
  }, 60_000);
});

describe('/livez', () => {
  it.each([
    { runningSeconds: 0, problem: undefined, why: 'no call runs' },
    { runningSeconds: 59, problem: undefined, why: 'a machine under load, or one that slept, gets a minute' },
    {
      runningSeconds: 61,
      problem: 'a call of the workflow code has not returned for 61 s',
      why: 'no workflow of this process can continue',
    },
  ])('$runningSeconds s: $why', async ({ runningSeconds, problem }) => {
    expect(await workflowCallsCheck({ count: 1, runningSeconds }).problem()).toBe(problem);
  });
});

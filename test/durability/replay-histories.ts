import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';

// Replays the recorded histories against today's workflow code; prints one JSON line for each. Its own process: the bundler and the worker's
// native core do not run in jest's sandbox.
const DIRECTORY = process.argv[2] ?? join(import.meta.dirname, '..', 'data', 'histories');

Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined) });
const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
const files = await readdir(DIRECTORY, { recursive: true });
for (const file of files.filter((name) => name.endsWith('.json')).sort()) {
  const { workflowId, history } = JSON.parse(await readFile(join(DIRECTORY, file), 'utf8'));
  let error: string | null = null;
  try {
    await Worker.runReplayHistory({ workflowBundle, replayName: file }, history, workflowId);
  } catch (failure) {
    error = failure instanceof Error ? failure.message : String(failure);
  }
  process.stdout.write(`${JSON.stringify({ file, error })}\n`);
}

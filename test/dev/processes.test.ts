import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '../support/environment.ts';

const MODULE = join(import.meta.dirname, '..', '..', 'dev', 'processes.ts');

describe('Processes leaves nothing behind', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'processes-test-'));
  });
  afterAll(async () => await rm(directory, { recursive: true, force: true }));

  const rows: { reason: string; name: string; end: 'SIGKILL' | 'SIGINT' | 'SIGTERM' | 'exit' | 'throw' }[] = [
    { name: 'kill', end: 'SIGKILL', reason: 'a killed process cannot clean up: the guard must' },
    { name: 'int', end: 'SIGINT', reason: 'Ctrl-C without a listener ends Node without an exit event' },
    { name: 'term', end: 'SIGTERM', reason: 'the same for a supervisor that stops the process' },
    { name: 'exit', end: 'exit', reason: 'process.exit without stop' },
    { name: 'throw', end: 'throw', reason: 'an uncaught error' },
  ];
  it.each(rows)(
    '$end: $reason',
    async ({ name, end }) => {
      const pids = join(directory, `${name}.pids`);
      const script = join(directory, `${name}.ts`);
      // The child starts a grandchild: a whole tree must go.
      await writeFile(
        script,
        `import { Processes } from ${JSON.stringify(MODULE)};
       new Processes().start({ name: 'tree', command: '/bin/sh', args: ['-c', 'sleep 600 & echo $$ $! > ${pids}; wait'], logFile: ${JSON.stringify(`${pids}.log`)} });
       setTimeout(() => { ${end === 'exit' ? 'process.exit(3)' : end === 'throw' ? 'throw new Error("x")' : ''} }, 500);
       setTimeout(() => undefined, 60_000);`,
      );
      const parent = spawn(process.execPath, [script], { stdio: 'ignore' });
      const ended = new Promise((resolve) => parent.once('exit', resolve));
      const tree = await waitFor(async () => {
        const text = await readFile(pids, 'utf8').catch(() => '');
        return text.endsWith('\n') ? text.trim().split(' ').map(Number) : undefined;
      }, 10_000);
      expect(tree.every(isAlive)).toBe(true);
      if (end !== 'exit' && end !== 'throw') parent.kill(end);
      await ended;
      await waitFor(() => !tree.some(isAlive), 5000);
    },
    30_000,
  );
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

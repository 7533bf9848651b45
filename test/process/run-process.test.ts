import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '../support/environment.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Nothing listens there. */
const NOBODY = '127.0.0.1:1';

interface Run {
  readonly child: ChildProcess;
  /** What it has written so far, to standard output and standard error. */
  text(): string;
  readonly exitCode: Promise<number | null>;
}

/** Worker and watcher as processes, where neither Temporal nor the API server is there. */
describe.each(['worker', 'watcher'])('the %s', (part) => {
  let directory: string;
  let kubeconfig: string;
  const running = new Set<ChildProcess>();

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'run-process-'));
    kubeconfig = join(directory, 'kubeconfig');
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: `http://${NOBODY}`, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user: { token: 'of-nobody' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    };
    writeFileSync(kubeconfig, JSON.stringify(config));
  });

  afterAll(() => {
    for (const child of running) child.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  });

  function start(environment: Record<string, string> = {}): Run {
    const child = spawn(process.execPath, [`${part}/main.ts`], {
      cwd: ROOT,
      env: {
        PATH: process.env['PATH'] ?? '',
        KUBECONFIG: kubeconfig,
        TEMPORAL_ADDRESS: NOBODY,
        POD_NAMESPACE: 'operator',
        HTTP_ADDRESS: '127.0.0.1:0',
        NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/compile'),
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let text = '';
    const add = (chunk: Buffer): void => void (text += chunk.toString());
    child.stdout.on('data', add);
    child.stderr.on('data', add);
    const exitCode = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, text: () => text, exitCode };
  }

  it('waits for Temporal, says so once with what to do, and ends by SIGTERM with exit code 0', async () => {
    const run = start();
    await waitFor(() => run.text().includes('waiting for'), 40_000);
    // Several attempts later it has not said it again.
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    const [line, ...others] = run.text().trim().split('\n');
    expect(others).toEqual([]);
    expect(JSON.parse(line!)).toMatchObject({ level: 'warn', process: part });
    expect(line).toMatch(/waiting for Temporal.*no answer from 127\.0\.0\.1:1.*check TEMPORAL_ADDRESS/);
    run.child.kill('SIGTERM');
    expect(await run.exitCode).toBe(0);
    expect(run.text().trim().split('\n')[1]).toMatch(/"level":"info".*"signal":"SIGTERM","msg":"stopping"/);
  }, 70_000);

  it.each([
    { name: 'LOG_LEVEL', value: 'loud', says: 'it must be one of trace, debug, info, warn, error, fatal, silent' },
    { name: 'LOG_FORMAT', value: 'pretty', says: 'it must be one of json, text' },
    { name: 'POD_NAMESPACE', value: 'No Such', says: 'not a namespace name' },
    { name: 'HTTP_ADDRESS', value: 'here', says: 'HTTP_ADDRESS' },
    { name: 'TEMPORAL_ADDRESS', value: 'bad address', says: 'TEMPORAL_ADDRESS' },
    { name: 'KUBECONFIG', value: '/no/such/file', says: '/no/such/file' },
  ])(
    'ends at once with one line in the format and exit code 1: $name=$value',
    async ({ name, value, says }) => {
      const run = start({ [name]: value });
      expect(await run.exitCode).toBe(1);
      const lines = run.text().trim().split('\n');
      expect(lines).toHaveLength(1);
      const { level, msg } = JSON.parse(lines[0]!) as { level: string; msg: string };
      expect(level).toBe('fatal');
      expect(msg).toContain(says);
      expect(msg).toContain(name);
    },
    30_000,
  );

  it('writes that line as text if text is asked for', async () => {
    const run = start({ LOG_FORMAT: 'text', LOG_LEVEL: 'loud' });
    expect(await run.exitCode).toBe(1);
    const pattern = `^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z FATAL ${part} ending: LOG_LEVEL is "loud"; it must be one of [a-z, ]+\\n$`;
    expect(run.text()).toMatch(new RegExp(pattern));
  }, 30_000);
});

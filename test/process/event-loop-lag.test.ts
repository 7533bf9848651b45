import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { measureEventLoopLag, type Lag } from '../../process/event-loop-lag.ts';

const WATCHDOG = join(import.meta.dirname, '../../process/watchdog.ts');

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe('the lag of the event loop', () => {
  it('is as long as the loop was blocked, in each period anew', async () => {
    const stop = new AbortController();
    const lags: Lag[] = [];
    const measuring = measureEventLoopLag({ record: (lag) => lags.push(lag), everyMs: 500 }, { signal: stop.signal });
    await sleep(100);
    block(300);
    while (lags.length < 3) await sleep(50);
    stop.abort();
    await measuring;
    expect(lags[0]!.max).toBeGreaterThan(0.2);
    expect(lags[0]!.max).toBeLessThan(2);
    expect(Math.min(lags[1]!.max, lags[2]!.max)).toBeLessThan(lags[0]!.max);
    for (const { p99, max } of lags) expect(p99).toBeLessThanOrEqual(max);
  });
});

describe('the watchdog', () => {
  const run = (code: string, format = 'json'): Promise<{ stdout: string }> =>
    promisify(execFile)(process.execPath, [
      '--input-type=module',
      '-e',
      `import { startWatchdog } from ${JSON.stringify(WATCHDOG)};
       const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
       const block = (ms) => { const until = performance.now() + ms; while (performance.now() < until); };
       const end = startWatchdog({ name: 'tested', missed: 5, everyMs: 200, format: ${JSON.stringify(format)} });
       await sleep(1500);
       ${code}`,
    ]);

  it.each([
    [
      'json',
      /^{"level":"fatal","time":"[\dT:.Z-]+","process":"tested","msg":"the event loop was blocked for 1 s: .*"}\n$/,
    ],
    ['text', /^[\dT:.Z-]+ FATAL tested the event loop was blocked for 1 s: the process ends itself.*\n$/],
  ])(
    'kills a process whose event loop is blocked, and says so as %s',
    async (format, line) => {
      await expect(run('block(20000); console.log("survived");', format)).rejects.toMatchObject({
        signal: 'SIGKILL',
        stdout: expect.stringMatching(line),
      });
    },
    30_000,
  );

  it('leaves one alone that is blocked for less, and does not keep it alive', async () => {
    const { stdout } = await run('block(300); await sleep(500); console.log("survived");');
    expect(stdout).toBe('survived\n');
  }, 30_000);
});

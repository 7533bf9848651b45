import { describe, expect, it } from '@jest/globals';
import { onceAMinute } from '../../process/once-a-minute.ts';
import { waitFor, type WaitForOptions } from '../../process/wait-for.ts';

const SECRET = 'hunter2-s3cret';

function scene(failures: readonly Error[], more: Partial<WaitForOptions<string>> = {}) {
  const lines: string[] = [];
  const left = [...failures];
  const options: WaitForOptions<string> = {
    log: {
      warn: (line: string) => lines.push(`warn ${line}`),
      info: (line: string) => lines.push(`info ${line}`),
    } as never,
    signal: new AbortController().signal,
    what: 'Temporal',
    explain: (error) => (error instanceof TypeError ? undefined : 'no answer; start it'),
    attempt: async () => {
      const failure = left.shift();
      if (failure) throw failure;
      return 'there';
    },
    retryMs: 1,
    ...more,
  };
  return { lines, options };
}

describe('waiting for a server', () => {
  it('says nothing if it is there', async () => {
    const { lines, options } = scene([]);
    expect(await waitFor(options)).toBe('there');
    expect(lines).toEqual([]);
  });

  it('says once what it waits for and what to do, and when it goes on', async () => {
    const { lines, options } = scene(Array.from({ length: 20 }, () => new Error(SECRET)));
    expect(await waitFor(options)).toBe('there');
    expect(lines).toEqual(['warn waiting for Temporal: no answer; start it', 'info Temporal: there after 0 s']);
  });

  it('says it again when it has lasted', async () => {
    const { lines, options } = scene(
      Array.from({ length: 10 }, () => new Error('x')),
      { retryMs: 10, repeatMs: 30 },
    );
    await waitFor(options);
    const repeated = lines.filter((line) => line.startsWith('warn')).length;
    expect(repeated).toBeGreaterThan(1);
    expect(repeated).toBeLessThan(10);
  });

  it('says the next thing that is missing at once', async () => {
    const { lines, options } = scene([new Error('a'), new Error('a'), new Error('b')], {
      explain: (error) => (error as Error).message,
    });
    await waitFor(options);
    expect(lines.slice(0, 2)).toEqual(['warn waiting for Temporal: a', 'warn waiting for Temporal: b']);
  });

  it('ends at once where waiting does not help', async () => {
    const { lines, options } = scene([new Error('x'), new TypeError('a wrong setting')]);
    await expect(waitFor(options)).rejects.toThrow('a wrong setting');
    expect(lines).toHaveLength(1);
  });

  it('ends when the process is stopped', async () => {
    const stopping = new AbortController();
    const { options } = scene(
      Array.from({ length: 1_000 }, () => new Error('x')),
      {
        signal: stopping.signal,
        retryMs: 60_000,
      },
    );
    const waiting = waitFor(options);
    stopping.abort(new Error('stopped by SIGTERM'));
    await expect(waiting).rejects.toThrow('stopped by SIGTERM');
  });
});

describe('a text that is let through once a minute', () => {
  it('is let through again when the time has passed, and other texts do not wait for it', async () => {
    const isNew = onceAMinute(50);
    expect([isNew('a'), isNew('a'), isNew('b'), isNew('a')]).toEqual([true, false, true, false]);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(isNew('a')).toBe(true);
  });
});

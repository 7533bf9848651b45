import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

describe("the watcher's memory", () => {
  it('is at most 3 kB for each resource, with the Secret that it reads and two objects that it exports to', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--expose-gc',
      join(import.meta.dirname, 'measure-memory.ts'),
      '10000',
    ]);
    const { bytesEach } = JSON.parse(stdout) as { bytesEach: number };
    expect(bytesEach).toBeLessThanOrEqual(3_000);
    expect(bytesEach).toBeGreaterThan(500);
  }, 60_000);
});

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');
const execute = promisify(execFile);

/**
 * The whole release with its image, on a clone of its own, because it needs a tag. What needs no Docker is tested in
 * `test/scripts/release.test.ts`.
 */
describe('npm run release with the image', () => {
  let directory: string;
  let clone: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'release-image-'));
    clone = join(directory, 'clone');
    await execute('git', ['clone', '--quiet', '--depth=1', `file://${ROOT}`, clone]);
    const { version } = JSON.parse(await readFile(join(clone, 'package.json'), 'utf8')) as { version: string };
    await execute('git', ['-C', clone, 'tag', `v${version}`]);
  }, 60_000);
  afterAll(() => rm(directory, { recursive: true, force: true }));

  /** Returns the checksum of each file. */
  async function release(out: string): Promise<string> {
    const args = ['scripts/release.ts', '--out', join(directory, out)];
    // No daemon answers there, so each run starts one of its own: the second build must not reuse the first one's layers.
    const env = { ...process.env, DOCKER_HOST: `unix://${join(directory, 'no-daemon')}` };
    await execute(process.execPath, args, { cwd: clone, env, maxBuffer: 64 * 1024 * 1024 });
    return await readFile(join(directory, out, 'SHA256SUMS'), 'utf8');
  }

  it('makes the same bytes twice, the image too', async () => {
    const first = await release('first');
    expect(first).toMatch(/image-[a-z0-9]+\.tar\.gz$/m);
    expect(await release('second')).toBe(first);
  }, 3_600_000);
});

import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';

const ROOT = join(import.meta.dirname, '../..');
const execute = promisify(execFile);

interface Done {
  readonly code: number;
  readonly output: string;
}

/** On a clone of its own, because it needs a tag and a clean working copy. Docker is not used here: `test/image/`. */
describe('npm run release', () => {
  let directory: string;
  let clone: string;
  let version: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'release-test-'));
    clone = join(directory, 'clone');
    await execute('git', ['clone', '--quiet', '--depth=1', `file://${ROOT}`, clone]);
    ({ version } = JSON.parse(await readFile(join(clone, 'package.json'), 'utf8')) as { version: string });
  }, 60_000);
  afterAll(() => rm(directory, { recursive: true, force: true }));

  async function release(out: string, env: Record<string, string> = {}): Promise<Done> {
    const args = ['scripts/release.ts', '--without-image', '--out', join(directory, out)];
    try {
      const { stdout } = await execute(process.execPath, args, { cwd: clone, env: { ...process.env, ...env } });
      return { code: 0, output: stdout };
    } catch (error) {
      const { code, stderr } = error as { code: number; stderr: string };
      return { code, output: stderr };
    }
  }

  it('refuses a commit without the tag of its version', async () => {
    const { code, output } = await release('untagged');
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining(`has no tag v${version}`) });
  });

  it('refuses a working copy with changes, and names one', async () => {
    await execute('git', ['-C', clone, 'tag', `v${version}`]);
    await writeFile(join(clone, 'left-over.txt'), '');
    const { code, output } = await release('dirty');
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('left-over.txt') });
    await rm(join(clone, 'left-over.txt'));
  });

  it('makes the same files twice, and says what is not signed', async () => {
    const first = await release('first');
    expect(first).toMatchObject({ code: 0, output: expect.stringContaining('Not signed: SHA256SUMS') });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await release('second');
    const sums = await Promise.all(
      ['first', 'second'].map((out) => readFile(join(directory, out, 'SHA256SUMS'), 'utf8')),
    );
    expect(sums[1]).toBe(sums[0]);
    await execute('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: join(directory, 'first') });
  }, 60_000);

  it('puts each CRD in the bundle of its group, and the policies in one of their own', async () => {
    const out = join(directory, 'first');
    const bundles = (await readdir(out)).filter((name) => /^crds-.*\.yaml$/.test(name));
    const crds = (await readdir(join(ROOT, 'crds'))).filter((name) => name.endsWith('.yaml') && name.includes('_'));
    expect(bundles.sort()).toEqual([...new Set(crds.map((name) => `crds-${name.split('_')[0]}.yaml`))].sort());
    const cache = parseAllDocuments(await readFile(join(out, 'crds-cache.azure.com.yaml'), 'utf8'));
    const names = cache.map((document) => document.getIn(['metadata', 'name']));
    expect(names).toHaveLength(crds.filter((name) => name.startsWith('cache.azure.com_')).length);
    expect(names).toContain('redis.cache.azure.com');
    expect(await readFile(join(out, 'admission-policy.yaml'), 'utf8')).toContain('kind: ValidatingAdmissionPolicy');
  });

  it('packs the chart as helm reads it', async () => {
    const { stdout } = await execute('tar', [
      '-tzf',
      join(directory, 'first', `azure-temporal-operator-${version}.tgz`),
    ]);
    expect(stdout.split('\n')).toContain('azure-temporal-operator/Chart.yaml');
  });

  it('does not overwrite the files of an earlier release', async () => {
    const { code, output } = await release('first');
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('is not empty') });
  });

  it('stops when the key that is named cannot sign', async () => {
    const { code, output } = await release('key', { RELEASE_GPG_KEY: 'nobody@example.invalid' });
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('cannot sign SHA256SUMS') });
  }, 60_000);
});

import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isOurs, workflowBundleFile } from '../../worker/workflow-bundle.ts';

describe('the workflow bundle of a worker', () => {
  it('is built once for the same sources, and its source map carries no copy of them', async () => {
    const file = await workflowBundleFile({});
    const { mtimeMs } = await stat(file);
    expect(await workflowBundleFile({})).toBe(file);
    expect((await stat(file)).mtimeMs).toBe(mtimeMs);
    const encoded = /sourceMappingURL=data:[^,]*,(\S+)/.exec(await readFile(file, 'utf8'))?.[1] ?? '';
    const map = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as Record<string, unknown>;
    expect(Object.keys(map)).toContain('mappings');
    expect(Object.keys(map)).not.toContain('sourcesContent');
  }, 30_000);

  it('is not built when WORKFLOW_BUNDLE names a file that does not exist', async () => {
    await expect(workflowBundleFile({ WORKFLOW_BUNDLE: '/nowhere/bundle.js' })).rejects.toThrow(
      'WORKFLOW_BUNDLE is "/nowhere/bundle.js": cannot read that file',
    );
  });

  it('is kept in the checkout, where nobody else can put code', async () => {
    expect(await workflowBundleFile({})).toContain(join('node_modules', '.cache', 'azure-temporal-operator'));
  }, 30_000);

  describe('is refused when others could have written it', () => {
    let directory: string;
    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'bundle-'));
    });
    afterAll(() => rm(directory, { recursive: true }));

    async function fileIn(name: string, modes: { folder: number; file: number }): Promise<string> {
      const folder = join(directory, name);
      const file = join(folder, 'bundle.js');
      await mkdir(folder);
      await writeFile(file, '');
      await chmod(file, modes.file);
      await chmod(folder, modes.folder);
      return file;
    }

    it.each([
      { reason: 'everybody may write the file', name: 'a', folder: 0o755, file: 0o666 },
      { reason: 'its group may', name: 'b', folder: 0o755, file: 0o664 },
      { reason: 'everybody may replace it', name: 'c', folder: 0o777, file: 0o644 },
    ])('$reason', async ({ name, ...modes }) => {
      const file = await fileIn(name, modes);
      await expect(workflowBundleFile({ WORKFLOW_BUNDLE: file })).rejects.toThrow('cannot run the workflow bundle');
    });

    it.each([
      { reason: 'its own folder', name: 'd', folder: 0o755 },
      { reason: 'a folder like /tmp, in which nobody replaces the files of others', name: 'e', folder: 0o1777 },
    ])('and not in $reason', async ({ name, folder }) => {
      const file = await fileIn(name, { folder, file: 0o644 });
      expect(await workflowBundleFile({ WORKFLOW_BUNDLE: file })).toBe(file);
    });

    it.each([
      { reason: 'it is mine', uid: 1000, mode: 0o644, trusted: true },
      { reason: "it is root's, as in an image", uid: 0, mode: 0o644, trusted: true },
      { reason: 'it belongs to another user', uid: 12_345, mode: 0o644, trusted: false },
      { reason: 'it is mine, but its group may write it', uid: 1000, mode: 0o664, trusted: false },
    ])('$reason: trusted $trusted', ({ uid, mode, trusted }) => {
      expect(isOurs({ uid, mode }, 1000)).toBe(trusted);
    });

    it('the cache, too: what somebody put there before the first start is not run', async () => {
      const cache = join(directory, 'cache');
      await mkdir(cache);
      await chmod(cache, 0o777);
      await expect(workflowBundleFile({}, cache)).rejects.toThrow(`${cache} belongs to another user`);
    });
  });
});

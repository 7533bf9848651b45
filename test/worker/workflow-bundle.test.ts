import { readFile, stat } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { workflowBundleFile } from '../../worker/workflow-bundle.ts';

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
});

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from '../../dev/kube-api.ts';
import { openScene, type Scene } from './scene.ts';

const GUIDE = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');

describe('docs/deploy.md', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene('deploy');
  }, 60_000);
  afterAll(() => scene.close());

  it('the first resources become Ready, and its commands show it', async () => {
    const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(GUIDE) ?? [];
    for (const document of parseAllDocuments(yaml)) {
      const manifest = document.toJS() as Manifest;
      await scene.env.apply({ ...manifest, metadata: { ...manifest.metadata, namespace: scene.namespace } });
    }
    expect(await commands('wait')).toMatch(/https:\/\/firststorage\.blob\..*$/);
    const story = await commands('story');
    expect(story).toMatch(/resourcegroup.*first\s+True/);
    expect(story).toMatch(/storageaccount.*firststorage\s+True/);
  }, 120_000);

  /** Runs a block of the guide (```bash NAME) with kubectl's namespace set to that of the test. */
  async function commands(name: string): Promise<string> {
    const [, text = 'false'] = new RegExp(`\`\`\`bash ${name}\\n([\\s\\S]*?)\`\`\``).exec(GUIDE) ?? [];
    const { binaries, kubeconfig } = scene.env.stack;
    const PATH = `${dirname(binaries.kubectl)}:${String(process.env['PATH'])}`;
    const script = `kubectl() { command kubectl --namespace "${scene.namespace}" "$@"; }\n${text}`;
    const env = { ...process.env, PATH, KUBECONFIG: kubeconfig };
    return (await promisify(execFile)('bash', ['-euc', script], { env })).stdout;
  }
});

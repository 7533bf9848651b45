import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { Manifest } from '../../dev/kube-api.ts';
import { waitFor } from '../support/environment.ts';
import { openScene, type Scene } from './scene.ts';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** The blocks of docs/adding-a-kind.md; the words after the language tell them apart. */
function blocks(): { about: string; text: string }[] {
  const page = readFileSync(join(ROOT, 'docs/adding-a-kind.md'), 'utf8');
  return [...page.matchAll(/^```(.+)\n([\s\S]*?)^```$/gm)].map(([, about = '', text = '']) => ({ about, text }));
}

function block(about: string): string {
  return blocks().find((one) => one.about === about)!.text;
}

/** What the page says, to a copy of the repository. `row` is written as one line, as the others are. */
function copyWithKind(row: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'operator-kind-'));
  for (const room of ['activities', 'azure', 'contract', 'deploy', 'kinds', 'kube', 'scripts'])
    cpSync(join(ROOT, room), join(copy, room), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(copy, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const types = join(copy, 'kinds/facts/types/microsoft.maps/2023-06-01.json');
  mkdirSync(dirname(types));
  writeFileSync(types, block('json types/microsoft.maps/2023-06-01.json'));
  const table = join(copy, 'kinds/kinds.json');
  const line = JSON.stringify(JSON.parse(row));
  writeFileSync(
    table,
    readFileSync(table, 'utf8').replace('"kinds":[\n', () => `"kinds":[\n${line},\n`),
  );
  return copy;
}

async function generate(copy: string): Promise<{ code: number; stderr: string }> {
  try {
    const { stderr } = await run(process.execPath, ['scripts/generate.ts'], { cwd: copy });
    return { code: 0, stderr };
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string };
    return { code, stderr };
  }
}

describe('docs/adding-a-kind.md', () => {
  let scene: Scene;
  let copy: string;

  beforeAll(async () => {
    scene = await openScene('adding');
    copy = copyWithKind(block('json kinds.json'));
  }, 60_000);
  afterAll(() => {
    rmSync(copy, { recursive: true, force: true });
    scene.close();
  });

  it('produces a CRD that the API server serves and that accepts the manifest of the page', async () => {
    expect(await generate(copy)).toEqual({ code: 0, stderr: '' });
    const { env, namespace } = scene;
    const crd = parse(readFileSync(join(copy, 'crds/maps.azure.com_accounts.yaml'), 'utf8')) as Manifest;
    await env.kube.apply(crd);
    const manifest = parse(block('yaml')) as Manifest;
    const account = { ...manifest, metadata: { ...manifest.metadata, namespace } };
    const kept = await waitFor(() => env.apply(account).catch(() => undefined), 60_000);
    expect(kept.spec).toEqual(manifest['spec']);
    await expect(env.apply({ ...account, spec: { ...(manifest['spec'] as object), sku: {} } })).rejects.toThrow(/sku/);
    expect(readFileSync(join(copy, 'docs/kinds.md'), 'utf8')).toContain('| Account<br>Microsoft.Maps/accounts |');
  }, 180_000);

  it('describes the error for a path of the row that leads nowhere', async () => {
    const wrong = copyWithKind(block('json kinds.json').replace('linkedResources[].id', 'linkedResources[].idd'));
    try {
      expect(await generate(wrong)).toEqual({ code: 1, stderr: block('text') });
    } finally {
      rmSync(wrong, { recursive: true, force: true });
    }
  }, 180_000);
});

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..');

/**
 * The file with the workflow code that this worker hosts: WORKFLOW_BUNDLE where it was made at image build; else made once for these sources (about three
 * seconds) and kept for the next start.
 * @throws Error when WORKFLOW_BUNDLE names a file that cannot be read, or the bundle cannot be built.
 */
export async function workflowBundleFile(env: Readonly<Record<string, string | undefined>>): Promise<string> {
  if (env.WORKFLOW_BUNDLE) {
    const given = env.WORKFLOW_BUNDLE;
    await access(given).catch(() => {
      throw new Error(`WORKFLOW_BUNDLE is "${given}": cannot read that file; leave it empty to have the bundle built`);
    });
    return given;
  }
  const directory = join(tmpdir(), `azure-temporal-operator-${String(userInfo().uid)}`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, `workflow-bundle-${await sourcesHash()}.js`);
  const known = await access(file).then(
    () => true,
    () => false,
  );
  if (!known) await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'build-bundle.ts'), file]);
  return file;
}

/** Over everything that ends up in the bundle: our workflows, and the SDK by the lock file. */
async function sourcesHash(): Promise<string> {
  const files: string[] = [join(ROOT, 'package.json')];
  for (const folder of [join(ROOT, 'contract'), join(ROOT, 'workflows')]) {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.ts'));
    files.push(...names.sort().map((name) => join(folder, name)));
  }
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(file).update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}

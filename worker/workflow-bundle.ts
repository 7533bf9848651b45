import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..');

/**
 * Returns the path of the workflow bundle: WORKFLOW_BUNDLE if set, which the image build made; otherwise a bundle that
 * is built once for these sources (about three seconds) and cached for the next start.
 * @throws Error when WORKFLOW_BUNDLE names a file that cannot be read, or when the bundle cannot be built
 */
export async function workflowBundleFile(env: Readonly<Record<string, string | undefined>>): Promise<string> {
  if (env.WORKFLOW_BUNDLE) {
    const given = env.WORKFLOW_BUNDLE;
    await access(given).catch(() => {
      throw new Error(
        `WORKFLOW_BUNDLE is "${given}": cannot read that file; correct the path, or unset the variable to build the bundle at start`,
      );
    });
    return given;
  }
  const directory = join(tmpdir(), `azure-temporal-operator-${String(userInfo().uid)}`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, `workflow-bundle-${await sourcesHash()}.js`);
  const isCached = await access(file).then(
    () => true,
    () => false,
  );
  if (!isCached) await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'build-bundle.ts'), file]);
  return file;
}

/** A hash of everything in the bundle: `contract/`, `workflows/`, and the dependencies of package.json. */
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

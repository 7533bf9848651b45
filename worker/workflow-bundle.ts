import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..');
/** Inside the checkout: who may write here may change the sources as well. A folder under /tmp could be anybody's. */
const CACHE = join(ROOT, 'node_modules', '.cache', 'azure-temporal-operator');

/**
 * Returns the path of the workflow bundle: WORKFLOW_BUNDLE if set, which the image build made; otherwise a bundle that
 * is built once for these sources (about three seconds) and cached for the next start. The worker runs what is in the
 * file, so a file that other users may write is refused.
 * @throws Error when WORKFLOW_BUNDLE names a file that cannot be read, when others may write the file or its folder, or
 * when the bundle cannot be built
 */
export async function workflowBundleFile(
  env: Readonly<Record<string, string | undefined>>,
  cache: string = CACHE,
): Promise<string> {
  if (env.WORKFLOW_BUNDLE) {
    const given = env.WORKFLOW_BUNDLE;
    if (!(await isTrusted(given)))
      throw new Error(
        `WORKFLOW_BUNDLE is "${given}": cannot read that file; correct the path, or unset the variable to build the bundle at start`,
      );
    return given;
  }
  const file = join(cache, `workflow-bundle-${await sourcesHash()}.js`);
  await mkdir(cache, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    const why = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new Error(
      `cannot keep the workflow bundle in ${cache} (${why}): make that folder writable, or build the bundle with "node worker/build-bundle.ts FILE" and set WORKFLOW_BUNDLE to FILE`,
    );
  });
  if (!(await isTrusted(file)))
    await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'build-bundle.ts'), file]);
  return file;
}

/**
 * Whether the file exists and only this user and root may change it.
 * @throws Error when others may: their code would run with the operator's credentials
 */
async function isTrusted(file: string): Promise<boolean> {
  const folder = dirname(file);
  const [found, around] = await Promise.all([statOf(file), statOf(folder)]);
  // In a folder with the sticky bit, such as /tmp, nobody can replace the file of another user.
  if (around && !isOurs(around) && (around.mode & STICKY) === 0) throw notTrusted(folder);
  if (!found) return false;
  if (!isOurs(found)) throw notTrusted(file);
  return true;
}

const STICKY = 0o1000;
const WRITABLE_BY_OTHERS = 0o022;

/** Whether only `user` and root may change what has this owner and mode. Windows has neither: no `user`. */
export function isOurs({ uid, mode }: Pick<Stats, 'uid' | 'mode'>, user = process.getuid?.()): boolean {
  if (user === undefined) return true;
  return (uid === 0 || uid === user) && (mode & WRITABLE_BY_OTHERS) === 0;
}

function notTrusted(path: string): Error {
  return new Error(
    `cannot run the workflow bundle: ${path} belongs to another user, or group or others may write it, so its code could be anybody's; delete it, or correct it with chown and "chmod go-w"`,
  );
}

async function statOf(path: string): Promise<Stats | undefined> {
  return await stat(path).catch(() => undefined);
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

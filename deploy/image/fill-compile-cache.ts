import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * `node fill-compile-cache.ts packages` loads the packages of package.json, so that Node keeps their compiled code in
 * `.cache`; `node fill-compile-cache.ts code`, as root, does so for the operator's own code and gathers it and its
 * part of the cache in `/code`. Two parts, so that new code does not send the packages' again.
 */
const ROOT = '/operator';
const CACHE = join(ROOT, '.cache');
const CODE = '/code';
/** The user of the image. */
const USER = 1000;
/** Everything in it loads in seconds, and little of it is needed: kube/skip-generated-api.ts. */
const TOO_LARGE = '@kubernetes/client-node';
const PROCESSES = ['worker/main.ts', 'watcher/main.ts', 'cli/crds.ts'] as const;
/** Each process loads its code and then ends, with this path in its error: an API server that does not answer is waited for. */
const NO_CLUSTER = '/no-cluster';
/**
 * Two builds of the image must give the same bytes. Compiled code contains hashes of its strings, so the seed is fixed;
 * and unused bytes between its parts, which hold what other threads left there, so V8 uses one thread. A Node without
 * these options accepts the cache all the same: a process hashes the strings again with its own seed.
 */
const SAME_BYTES = ['--random-seed=1', '--predictable'] as const;

if (process.argv[2] === 'packages') fillWithPackages();
else fillWithCode();

function fillWithPackages(): void {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const names = Object.keys(dependencies).filter((name) => name !== TOO_LARGE);
  // A package that cannot be loaded so, such as one for workflows, is compiled at the start, if it is needed.
  const source = names.map((name) => `await import(${JSON.stringify(name)}).catch(() => undefined);`).join('\n');
  fillWith(() => run(['--input-type=module', '--eval', `${source}\nprocess.exit(0);`]));
}

function fillWithCode(): void {
  const added = fillWith(() => {
    for (const file of PROCESSES) {
      const output = run([file]);
      if (!output.includes(NO_CLUSTER)) throw new Error(`${file} does not start: ${output}`);
    }
  });
  for (const name of readdirSync(ROOT, { withFileTypes: true })) {
    if (name.isDirectory() && !['node_modules', '.cache'].includes(name.name))
      cpSync(join(ROOT, name.name), join(CODE, name.name), { recursive: true });
  }
  for (const file of added) cpSync(join(CACHE, file), join(CODE, '.cache', file));
  // They are in a layer of their own.
  for (const data of ['kinds/kinds.json', 'kinds/facts/types']) rmSync(join(CODE, data), { recursive: true });
  // They are needed to build the bundle, which the image contains.
  rmSync(join(CODE, 'worker/build-bundle.ts'));
  rmSync(join(CODE, 'workflows'), { recursive: true });
}

/**
 * Fills the cache twice and keeps what is the same both times; the rest, one file of a package when this was written, is
 * compiled at each start. Returns the files that it added to the cache.
 */
function fillWith(compile: () => unknown): string[] {
  const before = new Set(filesOf(CACHE));
  const added = () => filesOf(CACHE).filter((name) => !before.has(name));
  compile();
  const first = new Map(added().map((name) => [name, readFileSync(join(CACHE, name))]));
  for (const name of first.keys()) rmSync(join(CACHE, name));
  compile();
  for (const name of added()) {
    const file = join(CACHE, name);
    // Node writes it for its owner alone, and in the image that is root.
    if (first.get(name)?.equals(readFileSync(file)) === true) chmodSync(file, 0o644);
    else rmSync(file);
  }
  return added();
}

/** Returns what is printed: the processes log to standard output. */
function run(args: readonly string[]): string {
  const env = {
    PATH: process.env.PATH,
    HOME: '/tmp',
    NODE_ENV: 'production',
    NODE_COMPILE_CACHE: CACHE,
    KUBECONFIG: NO_CLUSTER,
    POD_NAMESPACE: 'default',
  };
  const user = process.getuid?.() === 0 ? { uid: USER, gid: USER } : {};
  const { stdout, stderr, error } = spawnSync(process.execPath, [...SAME_BYTES, ...args], {
    cwd: ROOT,
    env,
    encoding: 'utf8',
    timeout: 300_000,
    ...user,
  });
  if (error !== undefined) throw error;
  return stdout + stderr;
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

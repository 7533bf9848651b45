import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { buildMissing, cacheDirectory, type BinaryName } from './build-binaries.ts';

/** The paths of the programs of the embedded stack. */
export interface Binaries {
  readonly temporal: string;
  readonly etcd: string;
  readonly apiserver: string;
  readonly controllerManager: string;
  readonly kubectl: string;
}

interface Program {
  readonly name: BinaryName;
  readonly versionArgs: readonly string[];
  /** Extracts major and minor from the program's version output. */
  readonly version: RegExp;
  /** The oldest suitable version, as [major, minor]. */
  readonly oldest: readonly [number, number];
}

// kube-apiserver requires etcd's progress notifications (>= 3.5.13), kubectl is supported one minor version below the
// API server, and the workflows use features of Temporal server 1.29. An older program on PATH is skipped.
const KUBERNETES = { version: /v(\d+)\.(\d+)/, oldest: [1, 35] } as const;
const PROGRAMS: readonly Program[] = [
  { name: 'temporal', versionArgs: ['--version'], version: /Server (\d+)\.(\d+)/, oldest: [1, 29] },
  { name: 'etcd', versionArgs: ['--version'], version: /etcd Version: (\d+)\.(\d+)/, oldest: [3, 6] },
  { name: 'kube-apiserver', versionArgs: ['--version'], ...KUBERNETES },
  { name: 'kube-controller-manager', versionArgs: ['--version'], ...KUBERNETES },
  { name: 'kubectl', versionArgs: ['version', '--client'], ...KUBERNETES },
];

/** The chart needs only what Helm 4 and 3 have in common; the tests use Helm 4. */
const HELM: Program = { name: 'helm', versionArgs: ['version', '--short'], version: /^v(\d+)\.(\d+)/, oldest: [4, 3] };

/** Finds Helm on PATH, else builds it from the version in `dev/helm/go.mod`, as `ensureBinaries` does. */
export async function ensureHelm(log: (line: string) => void): Promise<string> {
  const directory = await cacheDirectory('helm');
  const found = await find(HELM, directory);
  if (found !== undefined) return found;
  await buildMissing({ directory, module: 'helm', names: ['helm'], log });
  return join(directory, 'helm');
}

/**
 * Finds the programs of the stack: those that TEMPORAL_CLI_PATH and KUBEBUILDER_ASSETS name, else suitable ones on
 * PATH, else ones built with Go from the versions in `dev/go.mod` and cached outside the checkout. `log` gets a line
 * for each long step.
 */
export async function ensureBinaries(log: (line: string) => void): Promise<Binaries> {
  const directory = await cacheDirectory();
  const found = new Map<BinaryName, string>();
  for (const program of PROGRAMS) {
    const path = await find(program, directory);
    if (path !== undefined) found.set(program.name, path);
  }
  const missing = PROGRAMS.map((program) => program.name).filter((name) => !found.has(name));
  if (missing.length > 0) {
    await buildMissing({ directory, names: missing, log });
    for (const name of missing) found.set(name, join(directory, name));
  }
  const path = (name: BinaryName): string => found.get(name) ?? join(directory, name);
  return {
    temporal: path('temporal'),
    etcd: path('etcd'),
    apiserver: path('kube-apiserver'),
    controllerManager: path('kube-controller-manager'),
    kubectl: path('kubectl'),
  };
}

async function find(program: Program, cache: string): Promise<string | undefined> {
  const named = await namedByEnvironment(program);
  if (named !== undefined) return named;
  for (const directory of (process.env['PATH'] ?? '').split(delimiter).filter((entry) => entry !== '')) {
    const candidate = join(directory, program.name);
    if ((await isExecutable(candidate)) && (await isSuitable(program, candidate))) return candidate;
  }
  const built = join(cache, program.name);
  return (await isExecutable(built)) ? built : undefined;
}

/**
 * A program that the user named is used whatever its version, and must exist. The KUBEBUILDER_ASSETS of other projects
 * lack the controller-manager: then look on PATH.
 */
async function namedByEnvironment(program: Program): Promise<string | undefined> {
  if (program.name === 'temporal') {
    const path = process.env['TEMPORAL_CLI_PATH'];
    if (path === undefined || path === '') return undefined;
    if (!(await isExecutable(path)))
      throw new Error(
        `TEMPORAL_CLI_PATH is "${path}", which is not an executable file; correct the path or unset the variable`,
      );
    return path;
  }
  const assets = process.env['KUBEBUILDER_ASSETS'];
  if (assets === undefined || assets === '') return undefined;
  const path = join(assets, program.name);
  return (await isExecutable(path)) ? path : undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function isSuitable(program: Program, path: string): Promise<boolean> {
  try {
    const { stdout, stderr } = await promisify(execFile)(path, program.versionArgs, { timeout: 10_000 });
    const match = program.version.exec(stdout + stderr);
    if (match === null) return false;
    const [major, minor] = [Number(match[1]), Number(match[2])];
    const [oldestMajor, oldestMinor] = program.oldest;
    return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
  } catch {
    return false;
  }
}

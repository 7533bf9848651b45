import { createHash, randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { access, link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Processes } from './processes.ts';

export type BinaryName =
  | 'temporal'
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kubectl'
  | 'temporal-server'
  | 'temporal-sql-tool'
  | 'temporal-ui-server'
  | 'docker-compose'
  | 'helm';

/**
 * The folder of dev/ whose `go.mod` pins versions that are built together; the empty one is dev/ itself. A program that
 * only some tests need has a module of its own, so that a new version of it does not rebuild the others.
 */
export type GoModule = '' | 'temporal-production' | 'compose' | 'helm';

interface Build {
  readonly package: string;
  /** Measured build time in seconds, on two cores and with downloads; the basis of the estimate that is shown. */
  readonly seconds: number;
  readonly variables: Readonly<Record<string, string>>;
}

const KUBERNETES_VERSION = {
  'k8s.io/component-base/version.gitVersion': 'v1.36.2',
  'k8s.io/component-base/version.gitMajor': '1',
  'k8s.io/component-base/version.gitMinor': '36',
};
const BUILDS: Readonly<Record<BinaryName, Build>> = {
  temporal: {
    package: 'github.com/temporalio/cli/cmd/temporal',
    seconds: 276,
    variables: {},
  },
  etcd: { package: 'go.etcd.io/etcd/server/v3', seconds: 28, variables: {} },
  'kube-apiserver': { package: 'k8s.io/kubernetes/cmd/kube-apiserver', seconds: 384, variables: KUBERNETES_VERSION },
  'kube-controller-manager': {
    package: 'k8s.io/kubernetes/cmd/kube-controller-manager',
    seconds: 125,
    variables: KUBERNETES_VERSION,
  },
  kubectl: { package: 'k8s.io/kubernetes/cmd/kubectl', seconds: 50, variables: KUBERNETES_VERSION },
  'temporal-server': { package: 'go.temporal.io/server/cmd/server', seconds: 300, variables: {} },
  'temporal-sql-tool': { package: 'go.temporal.io/server/cmd/tools/sql', seconds: 20, variables: {} },
  'temporal-ui-server': { package: 'github.com/temporalio/ui-server/v2/cmd/server', seconds: 20, variables: {} },
  'docker-compose': {
    package: 'github.com/docker/compose/v2/cmd',
    seconds: 160,
    variables: { 'github.com/docker/compose/v2/internal.Version': 'v2.40.3' },
  },
  helm: {
    package: 'helm.sh/helm/v4/cmd/helm',
    seconds: 120,
    variables: { 'helm.sh/helm/v4/internal/version.version': 'v4.3.1' },
  },
};
const REPORT_EVERY_MS = 15_000;

/**
 * The cache directory of the programs that are built from one Go module. It is outside the checkout and named by the
 * hash of the pinned versions: other clones share it, other versions do not.
 */
export async function cacheDirectory(module: GoModule = ''): Promise<string> {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(import.meta.dirname, module, file)));
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(base, 'azure-temporal-operator', hash.digest('hex').slice(0, 16));
}

/** Builds the named programs of one Go module into `directory`. If two processes call this at once, the second waits for the first. */
export async function buildMissing(input: {
  directory: string;
  names: readonly BinaryName[];
  log: (line: string) => void;
  module?: GoModule;
}): Promise<void> {
  await mkdir(input.directory, { recursive: true });
  await requireGo(input.names);
  const unlock = await lock(join(input.directory, 'lock'), input.log);
  const processes = new Processes();
  try {
    const names: BinaryName[] = [];
    for (const name of input.names) if (!(await exists(join(input.directory, name)))) names.push(name);
    if (names.length === 0) return;
    const total = names.reduce((sum, name) => sum + BUILDS[name].seconds, 0);
    input.log(
      `Building ${names.join(', ')} with Go, once: about ${minutes(total)} on two cores. Kept in ${input.directory}.`,
    );
    // From the finished builds, estimate the speed of this machine relative to the one on which `seconds` were
    // measured.
    let [measured, taken] = [0, 0];
    for (const [index, name] of names.entries()) {
      const after = names.slice(index + 1).reduce((sum, next) => sum + BUILDS[next].seconds, 0);
      const factor = measured === 0 ? 1 : taken / measured;
      const seconds = await build({ ...input, processes, name }, (elapsed) => {
        const left = Math.max(BUILDS[name].seconds * factor - elapsed, 5) + after * factor;
        input.log(
          `  ${name} (${index + 1} of ${names.length}), ${Math.round(elapsed)} s so far; about ${minutes(left)} left in all`,
        );
      });
      input.log(`  ${name} built in ${Math.round(seconds)} s`);
      measured += BUILDS[name].seconds;
      taken += seconds;
    }
  } finally {
    await processes.stop(0);
    await unlock();
  }
}

async function build(
  input: { directory: string; name: BinaryName; processes: Processes; module?: GoModule },
  report: (elapsedSeconds: number) => void,
): Promise<number> {
  const { package: pkg, variables } = BUILDS[input.name];
  const temporary = join(input.directory, `.${input.name}.${process.pid}`);
  const ldflags = ['-s', '-w', ...Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`)].join(' ');
  const started = Date.now();
  const elapsed = (): number => (Date.now() - started) / 1000;
  const timer = setInterval(() => report(elapsed()), REPORT_EVERY_MS);
  try {
    const go = input.processes.start({
      name: `go build ${input.name}`,
      command: 'go',
      args: ['build', '-mod=readonly', '-trimpath', '-ldflags', ldflags, '-o', temporary, pkg],
      cwd: join(import.meta.dirname, input.module ?? ''),
      env: { CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' },
      logFile: join(input.directory, `${input.name}.build.log`),
    });
    const { code } = await go.exited;
    if (code !== 0) throw new Error(`cannot build ${input.name}; last lines of ${go.logFile}:\n${go.logTail()}`);
    // The rename ensures that a file with the final name is complete.
    await rename(temporary, join(input.directory, input.name));
    return elapsed();
  } finally {
    clearInterval(timer);
    await rm(temporary, { force: true });
  }
}

async function requireGo(names: readonly BinaryName[]): Promise<void> {
  try {
    await promisify(execFile)('go', ['version']);
  } catch {
    throw new Error(
      `cannot find ${names.join(', ')}, nor Go to build them: install Go >= 1.25 (https://go.dev/dl/), ` +
        'or set TEMPORAL_CLI_PATH and KUBEBUILDER_ASSETS to existing programs',
    );
  }
}

/** Takes a lock file that contains this process's id. The lock of a process that has exited is removed. */
async function lock(path: string, log: (line: string) => void): Promise<() => Promise<void>> {
  // Written elsewhere and then linked into place, so that whoever sees the lock file can read its owner.
  const own = `${path}.${process.pid}.${randomUUID()}`;
  await writeFile(own, String(process.pid));
  for (let isLogged = false; ; isLogged = true) {
    try {
      await link(own, path);
      await rm(own, { force: true });
      return async () => await rm(path, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const owner = Number(await readFile(path, 'utf8').catch(() => ''));
    if (owner > 0 && !isAlive(owner)) await rm(path, { force: true });
    else if (!isLogged) log(`Waiting for process ${owner}, which builds the same programs.`);
    await sleep(500);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

function minutes(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds / 5) * 5} s` : `${Math.ceil(seconds / 60)} min`;
}

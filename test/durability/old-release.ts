import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KubeApi } from '../../dev/kube-api.ts';
import type { ManagedProcess } from '../../dev/processes.ts';
import type { Stack } from '../../dev/start-stack.ts';

const ROOT = join(import.meta.dirname, '../..');
const NAMESPACE = 'azure-temporal-operator';
const run = promisify(execFile);

/** The sources of an older release, and its processes. */
export interface OldRelease {
  /** Installs its CRDs and makes the operator's namespace. */
  prepare(stack: Stack): Promise<void>;
  start(stack: Stack, part: 'worker' | 'watcher', environment: Readonly<Record<string, string>>): ManagedProcess;
  remove(): Promise<void>;
}

/**
 * Takes a release from Git: its last commit is the one that recorded its histories. It runs on the packages of today.
 * @throws Error in a clone without that commit
 */
export async function oldRelease(version: string): Promise<OldRelease> {
  const histories = `test/data/histories/${version}`;
  const { stdout } = await run('git', ['log', '-1', '--format=%H', '--', histories], { cwd: ROOT });
  const commit = stdout.trim();
  if (commit === '')
    throw new Error(`no commit has recorded ${histories} here; fetch the whole history (git fetch --unshallow)`);
  const directory = await mkdtemp(join(tmpdir(), 'old-release-'));
  await run('/bin/sh', ['-c', 'git archive "$1" | tar -x -C "$2"', 'sh', commit, directory], { cwd: ROOT });
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  return {
    prepare: async (stack) => {
      const api = new KubeApi(stack.kubeconfig);
      await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
      api.close();
      const kinds = 'resources.azure.com/ResourceGroup;documentdb.azure.com/*';
      await run(process.execPath, [join(directory, 'cli/crds.ts'), '--kinds', kinds], {
        env: { ...process.env, KUBECONFIG: stack.kubeconfig },
      });
      await stack.controlPlane.restart('kube-controller-manager');
    },
    start: (stack, part, { WORKFLOW_BUNDLE: _bundleOfToday, ...environment }) =>
      stack.processes.start({
        name: `old-${part}`,
        command: process.execPath,
        args: [join(directory, part, 'main.ts')],
        cwd: directory,
        env: environment,
        logFile: join(stack.logDirectory, `old-${part}.log`),
      }),
    remove: async () => {
      await rm(directory, { recursive: true, force: true });
    },
  };
}

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ensureBinaries } from './binaries.ts';
import type { Binaries } from './binaries.ts';
import { startControlPlane } from './control-plane.ts';
import type { ControlPlane } from './control-plane.ts';
import { Processes } from './processes.ts';
import { startTemporalServer } from './temporal-server.ts';
import type { TemporalServer } from './temporal-server.ts';

export interface StackOptions {
  /** The directory of everything that the stack writes. */
  readonly directory: string;
  /** Whether to start Temporal's UI. Default true. */
  readonly ui?: boolean;
  /** Whether to delete what an earlier stack left in the directory. Default true. */
  readonly fresh?: boolean;
  readonly ports?: { readonly apiserver?: number; readonly temporal?: number; readonly temporalUi?: number };
  /** Starts another Temporal than the dev server. */
  readonly startTemporal?: typeof startTemporalServer;
  readonly log?: (line: string) => void;
  /** Whether the API server writes `auditLog`. Default false. */
  readonly audit?: boolean;
}

export interface Stack {
  readonly directory: string;
  readonly logDirectory: string;
  readonly kubeconfig: string;
  /** The requests of ServiceAccounts, when `audit` is set. */
  readonly auditLog: string;
  readonly temporalAddress: string;
  readonly temporalUi?: string;
  readonly temporalDbFile: string;
  readonly binaries: Binaries;
  readonly controlPlane: ControlPlane;
  readonly temporal: TemporalServer;
  /** For further processes: those started here stop with the stack. */
  readonly processes: Processes;
  /** Kills Temporal with SIGKILL and starts it again on the same database and port. */
  restartTemporal(): Promise<void>;
  /** Stops everything and leaves no process behind. May be called twice. */
  stop(): Promise<void>;
}

/** Starts the control plane and Temporal in parallel. When one fails, nothing is left running. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const directory = resolve(options.directory);
  const log = options.log ?? (() => undefined);
  const binaries = await ensureBinaries(log);
  await takeDirectory(directory, options.fresh ?? true);
  const logDirectory = join(directory, 'logs');
  const kubeconfig = join(directory, 'kubeconfig');
  const auditLog = join(logDirectory, 'audit.jsonl');
  const { apiserver, temporal, temporalUi } = options.ports ?? {};
  const processes = new Processes();
  try {
    const [controlPlane, server] = await Promise.all([
      startControlPlane(processes, {
        binaries,
        directory: join(directory, 'control-plane'),
        logDirectory,
        kubeconfig,
        ...(apiserver === undefined ? {} : { apiserverPort: apiserver }),
        ...(options.audit === true ? { auditLog } : {}),
      }),
      (options.startTemporal ?? startTemporalServer)(processes, {
        binary: binaries.temporal,
        directory,
        logDirectory,
        ui: options.ui ?? true,
        ...(temporal === undefined ? {} : { port: temporal }),
        ...(temporalUi === undefined ? {} : { uiPort: temporalUi }),
      }),
    ]);
    return {
      directory,
      logDirectory,
      kubeconfig,
      auditLog,
      temporalAddress: server.address,
      ...(server.ui === undefined ? {} : { temporalUi: server.ui }),
      temporalDbFile: server.dbFile,
      binaries,
      controlPlane,
      temporal: server,
      processes,
      restartTemporal: async () => await server.restart(),
      stop: async () => {
        await processes.stop();
        await releaseDirectory(directory);
      },
    };
  } catch (error) {
    await processes.stop(0);
    await releaseDirectory(directory);
    throw error;
  }
}

/**
 * Makes this process the owner of the directory: a second stack would delete the database of the first while it runs.
 */
async function takeDirectory(directory: string, fresh: boolean): Promise<void> {
  const pidFile = join(directory, 'pid');
  const owner = Number(await readFile(pidFile, 'utf8').catch(() => ''));
  if (owner > 0 && owner !== process.pid && isAlive(owner)) {
    throw new Error(
      `process ${owner} already runs a stack in ${directory}; stop it first (Ctrl-C there, or kill ${owner})`,
    );
  }
  if (fresh) await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await writeFile(pidFile, String(process.pid));
}

/** Removes the pid file unless another process has taken the directory since. */
async function releaseDirectory(directory: string): Promise<void> {
  const pidFile = join(directory, 'pid');
  if ((await readFile(pidFile, 'utf8').catch(() => '')) === String(process.pid)) await rm(pidFile, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /**
   * The file to which stdout and stderr are appended. It is not a pipe: the file outlives this process, and a full pipe
   * would block the child.
   */
  readonly logFile: string;
  /** The signal that `stop` sends first. Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that we started, with all its descendants. */
export interface ManagedProcess {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  readonly exited: Promise<Exit>;
  running(): boolean;
  /** Signals the process group and waits until its leader has exited. */
  kill(signal?: NodeJS.Signals): Promise<Exit>;
  /** Sends the stop signal, waits up to `graceMs`, then sends SIGKILL. */
  stop(graceMs?: number): Promise<Exit>;
  /** The last lines of the log, for error messages. */
  logTail(lines?: number): string;
}

// Reads "+pid" and "-pid" lines. When the pipe closes, however this process ended, it kills the process groups that are
// still listed.
const GUARD = `
pids=' '
while read -r line; do
  pid="\${line#?}"
  case "$line" in
    +*) pids="$pids$pid " ;;
    -*) pids="\${pids%%" $pid "*} \${pids#*" $pid "}" ;;
  esac
done
for pid in $pids; do kill -s KILL -- "-$pid" 2>/dev/null; done
exit 0`;

/**
 * Manages the processes of one stack. Each leads a process group of its own, so that Ctrl-C in the terminal only
 * reaches this process, which stops them in order. A guard process kills them if this process cannot.
 */
export class Processes {
  readonly #running = new Map<number, ManagedProcess>();
  readonly #guard: ChildProcess;
  readonly #onExit = (): void => {
    for (const pid of this.#running.keys()) signalGroup(pid, 'SIGKILL');
  };

  constructor() {
    this.#guard = spawn('/bin/sh', ['-c', GUARD], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    this.#guard.stdin?.on('error', () => undefined);
    this.#guard.unref();
    process.on('exit', this.#onExit);
  }

  /** Starts a process and returns at once. The caller has to wait until it is ready. */
  start(spec: ProcessSpec): ManagedProcess {
    mkdirSync(dirname(spec.logFile), { recursive: true });
    const log = openSync(spec.logFile, 'a');
    const child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: { ...process.env, ...spec.env },
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const { pid } = child;
    const exited = new Promise<Exit>((resolve, reject) => {
      child.once('error', (error) =>
        reject(new Error(`cannot start ${spec.name} (${spec.command}): ${error.message}`)),
      );
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    exited.catch(() => undefined);
    if (pid === undefined)
      throw new Error(`cannot start ${spec.name} (${spec.command}): check that the file exists and is executable`);
    const managed: ManagedProcess = {
      name: spec.name,
      pid,
      logFile: spec.logFile,
      exited,
      running: () => this.#running.has(pid),
      kill: async (signal = 'SIGKILL') => {
        if (this.#running.has(pid)) signalGroup(pid, signal);
        return await exited;
      },
      stop: async (graceMs = 5000) => {
        if (this.#running.has(pid)) signalGroup(pid, spec.stopSignal ?? 'SIGTERM');
        const inTime = await Promise.race([exited.then(() => true), sleep(graceMs, false, { ref: false })]);
        // Do this even if the leader has exited: a descendant may still run.
        if (!inTime) signalGroup(pid, 'SIGKILL');
        return await exited;
      },
      logTail: (lines = 15) => tail(spec.logFile, lines),
    };
    this.#running.set(pid, managed);
    this.#guard.stdin?.write(`+${pid}\n`);
    child.once('exit', () => {
      signalGroup(pid, 'SIGKILL');
      this.#running.delete(pid);
      this.#guard.stdin?.write(`-${pid}\n`);
    });
    return managed;
  }

  /** Stops all processes, the newest first, and the guard. */
  async stop(graceMs = 5000): Promise<void> {
    const newestFirst = [...this.#running.values()].reverse();
    await Promise.all(newestFirst.map((managed) => managed.stop(graceMs)));
    process.off('exit', this.#onExit);
    this.#guard.stdin?.end();
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has already exited.
  }
}

function tail(file: string, lines: number): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}

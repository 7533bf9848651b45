import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Processes } from '../processes.ts';
import { GiveUp, waitUntil } from '../wait-until.ts';

interface RunOptions {
  /** Added to the environment of the command. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The program; `docker` without it. */
  readonly program?: string;
}

/** A Docker daemon that answers. */
export interface Docker {
  /** Whether the daemon was started here: its images are gone when it stops. */
  readonly isOwn: boolean;
  /** What tells other programs which daemon it is. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs `docker ARGS` and returns what it prints. @throws Error with what it printed when it fails */
  run(args: readonly string[], options?: RunOptions): Promise<string>;
  /** Stops a daemon that was started here, and removes everything that it stored. */
  stop(): Promise<void>;
}

/** Uses the daemon that answers, or starts one in a temporary folder. Its `stop` must be called. */
export async function connectDocker(log: (line: string) => void): Promise<Docker> {
  const shared = docker({ env: {}, isOwn: false, stop: () => Promise.resolve() });
  try {
    await shared.run(['version']);
    return shared;
  } catch {
    return await startDaemon(log);
  }
}

async function startDaemon(log: (line: string) => void): Promise<Docker> {
  // Short: the path of a socket has at most 107 characters.
  const directory = await mkdtemp(join(tmpdir(), 'operator-docker-'));
  log(`No Docker daemon answers: starting one in ${directory}, until the end.`);
  const processes = new Processes();
  const stop = async (): Promise<void> => {
    await processes.stop(30_000);
    await unmountAll(directory);
    await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    const socket = `unix://${join(directory, 'docker.sock')}`;
    const daemon = processes.start({
      name: 'dockerd',
      command: 'dockerd',
      args: [
        // Without a storage driver: Docker takes overlay2 where the kernel lets it, and copies every layer elsewhere.
        `--host=${socket}`,
        `--data-root=${join(directory, 'data')}`,
        `--exec-root=${join(directory, 'exec')}`,
        `--pidfile=${join(directory, 'dockerd.pid')}`,
      ],
      logFile: join(directory, 'dockerd.log'),
    });
    daemon.exited.catch(() => undefined);
    const own = docker({ env: { DOCKER_HOST: socket }, isOwn: true, stop });
    await waitUntil({ what: 'dockerd ready', timeoutMs: 60_000, intervalMs: 250 }, async () => {
      if (!daemon.running())
        throw new GiveUp(`dockerd has exited (it must run as root); its last lines:\n${daemon.logTail()}`);
      await own.run(['version']);
      return true;
    });
    return own;
  } catch (error) {
    await stop();
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(
      `cannot use Docker: no daemon answers, and none could be started: ${message}\n` +
        'Start Docker, set DOCKER_HOST, or install it (Debian: apt-get install docker.io)',
      { cause: error },
    );
  }
}

function docker(input: Pick<Docker, 'env' | 'isOwn' | 'stop'>): Docker {
  return {
    ...input,
    run: async (args, { program = 'docker', env, cwd } = {}) => {
      const child = spawn(program, args, {
        cwd,
        env: { ...process.env, ...input.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const failed = new Promise<never>((_, reject) => {
        child.once('error', (error) => reject(new Error(`cannot run ${program}: ${error.message}`)));
      });
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      const [stdout, stderr, code] = await Promise.race([
        Promise.all([text(child.stdout), text(child.stderr), ended]),
        failed,
      ]);
      if (code === 0) return stdout;
      const output = `${stdout}\n${stderr}`.trim().split('\n').slice(-40).join('\n');
      throw new Error(`${program} ${args.join(' ')} failed:\n${output}`);
    },
  };
}

/** What a killed daemon left mounted would keep its folder from being removed. */
async function unmountAll(directory: string): Promise<void> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
  for (const mount of mounts.filter((path) => path.startsWith(directory)).reverse()) {
    await new Promise((resolve) => spawn('umount', ['--lazy', mount], { stdio: 'ignore' }).once('close', resolve));
  }
}

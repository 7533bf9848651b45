import { execFile } from 'node:child_process';
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from '../../dev/free-ports.ts';
import type { ManagedProcess, Processes } from '../../dev/processes.ts';
import { waitUntil } from '../../dev/wait-until.ts';

export interface PostgreSql {
  readonly port: number;
  /** Its superuser, who needs no password. */
  readonly user: string;
  /** SIGKILL: the server recovers from its log when it starts again. */
  kill(): Promise<void>;
  /** Starts it again and waits until it answers. */
  start(): Promise<void>;
  /** Removes its files; the process must have ended. */
  remove(): Promise<void>;
}

const USER = 'temporal';
/** `nobody` and `nogroup` of Debian: PostgreSQL refuses to run as root. */
const NOBODY = { uid: 65_534, gid: 65_534 } as const;

/** A PostgreSQL of the test's own, of the version that this machine has. */
export async function startPostgreSql(processes: Processes, logFile: string): Promise<PostgreSql> {
  const [bin, [port = 0]] = await Promise.all([programs(), freePorts(1)]);
  const directory = await mkdtemp(join(tmpdir(), 'postgresql-'));
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await chown(directory, NOBODY.uid, NOBODY.gid);
  const asUser = (command: string, args: readonly string[]): [string, string[]] =>
    isRoot
      ? [
          'setpriv',
          [
            `--reuid=${String(NOBODY.uid)}`,
            `--regid=${String(NOBODY.gid)}`,
            '--clear-groups',
            join(bin, command),
            ...args,
          ],
        ]
      : [join(bin, command), [...args]];
  const data = join(directory, 'data');
  const run = promisify(execFile);
  const inDirectory = { cwd: directory };
  await run(...asUser('initdb', ['-D', data, '-U', USER, '--auth=trust', '--encoding=UTF8', '--no-sync']), inDirectory);
  // A killed process loses nothing without fsync, and the test does not cut the power.
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200', 'fsync=off'];
  const [command, args] = asUser('postgres', [
    ...['-D', data, '-p', String(port)],
    ...settings.flatMap((setting) => ['-c', setting]),
  ]);
  let server: ManagedProcess | undefined;
  const start = async (): Promise<void> => {
    await waitUntil({ what: `PostgreSQL on port ${String(port)} ready`, timeoutMs: 60_000 }, async () => {
      // After a SIGKILL, the processes of the connections hold the shared memory for a moment: it then ends at once.
      if (server?.running() !== true)
        server = processes.start({ name: 'postgresql', command, args, cwd: directory, logFile, stopSignal: 'SIGINT' });
      await run(join(bin, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port), '-U', USER]);
      return true;
    });
  };
  await start();
  return {
    port,
    user: USER,
    kill: async () => {
      await server?.kill('SIGKILL');
    },
    start,
    remove: async () => {
      await rm(directory, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** The folder of the programs: Debian has one for each version, and only some of the programs on PATH. */
async function programs(): Promise<string> {
  const root = '/usr/lib/postgresql';
  const versions = await readdir(root).catch(() => []);
  const newest = versions.map(Number).toSorted((a, b) => b - a)[0];
  if (newest === undefined) throw new Error(`no PostgreSQL in ${root}; install it with "apt-get install postgresql"`);
  return join(root, String(newest), 'bin');
}

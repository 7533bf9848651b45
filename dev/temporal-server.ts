import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.ts';
import { freePorts } from './free-ports.ts';
import type { ManagedProcess, Processes } from './processes.ts';
import { GiveUp, waitUntil } from './wait-until.ts';

export interface TemporalServer {
  readonly address: string;
  /** The variables that a client needs beside the address, such as those of TLS. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The URL of the UI; undefined when it was not requested. */
  readonly ui: string | undefined;
  readonly dbFile: string;
  /** The pid of the current process. */
  pid(): number;
  /** Kills the server with SIGKILL. Its database and port are kept. */
  kill(): Promise<void>;
  /**
   * Kills the server with SIGKILL if it still runs, starts it again on the same database and port, and waits until it
   * answers.
   */
  restart(): Promise<void>;
}

export interface TemporalServerInput {
  readonly binary: string;
  readonly directory: string;
  readonly logDirectory: string;
  readonly ui: boolean;
  readonly port?: number;
  readonly uiPort?: number;
}

// Without the first setting, the dev server dispatches at most 20 tasks per second and each activity costs 100 ms; the
// second saves a round trip for each activity. The limits are those of a server with other users, which a test run
// alone may reach. The last setting is that of a server on PostgreSQL (deploy/compose/dynamic-config.yaml).
const DYNAMIC_CONFIG = [
  'history.transferProcessorMaxPollRPS=2000',
  'system.enableActivityEagerExecution=true',
  'frontend.rps=20000',
  'frontend.namespaceRPS=20000',
  'frontend.namespaceRPS.visibility=2000',
  'limit.maxIDLength=255',
];

// By default, SQLite waits for the disk several times at each commit: without these settings, bulk work took 2.2 times
// as long. A production server has a faster database. A killed server loses nothing; a power failure may lose the last
// moments, but does not corrupt the database.
const DURABILITY_PRAGMAS = ['journal_mode=wal', 'synchronous=normal'];

// A larger page cache, fewer checkpoints, and a garbage collector that starts later. Measured only together, with other
// work on the machine: of some 40 ms of CPU per resource they saved 1 ms in a bulk creation and 6 ms in a bulk
// deletion.
const CACHE_PRAGMAS = ['cache_size=-65536', 'wal_autocheckpoint=8000'];
const GARBAGE_COLLECTOR = { GOGC: '400' };

/** Starts Temporal's dev server on an SQLite file. */
export async function startTemporalServer(processes: Processes, input: TemporalServerInput): Promise<TemporalServer> {
  const [free = 0, freeUi = 0] = await freePorts(2);
  const port = input.port ?? free;
  const uiPort = input.uiPort ?? freeUi;
  const address = `127.0.0.1:${port}`;
  const dbFile = join(input.directory, 'temporal.db');
  const args = [
    'server',
    'start-dev',
    '--ip=127.0.0.1',
    `--port=${port}`,
    `--db-filename=${dbFile}`,
    ...(input.ui ? ['--ui-ip=127.0.0.1', `--ui-port=${uiPort}`] : ['--headless']),
    '--log-level=warn',
    ...[...DURABILITY_PRAGMAS, ...CACHE_PRAGMAS].flatMap((pragma) => ['--sqlite-pragma', pragma]),
    ...DYNAMIC_CONFIG.flatMap((value) => ['--dynamic-config-value', value]),
    // Registered when the namespace is made, so only on a new database.
    ...SEARCH_ATTRIBUTES.flatMap(({ name }) => ['--search-attribute', `${name}=Keyword`]),
  ];
  const start = async (): Promise<ManagedProcess> => {
    const spec = {
      name: 'temporal',
      command: input.binary,
      args,
      env: GARBAGE_COLLECTOR,
      logFile: join(input.logDirectory, 'temporal.log'),
    };
    // SIGKILL, because a graceful stop takes seconds and has no benefit: the data is in the database file.
    const server = processes.start({ ...spec, stopSignal: 'SIGKILL' });
    await waitUntil({ what: `Temporal at ${address} ready`, timeoutMs: 60_000 }, async () => {
      if (!server.running())
        throw new GiveUp(`Temporal has exited; last lines of ${server.logFile}:\n${server.logTail()}`);
      await describeNamespace(address);
      return true;
    });
    return server;
  };
  const ui = input.ui ? `http://127.0.0.1:${uiPort}` : undefined;
  return { address, ui, dbFile, ...(await startRestartable(start)) };
}

/** Starts a server that can be killed, and started again in the same place. */
export async function startRestartable(
  start: () => Promise<ManagedProcess>,
): Promise<Pick<TemporalServer, 'pid' | 'kill' | 'restart'>> {
  let server = await start();
  return {
    pid: () => server.pid,
    kill: async () => {
      await server.kill('SIGKILL');
    },
    restart: async () => {
      await server.kill('SIGKILL');
      server = await start();
    },
  };
}

async function describeNamespace(address: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: '1s' });
  try {
    await connection.withDeadline(Date.now() + 2000, () =>
      connection.workflowService.describeNamespace({ namespace: 'default' }),
    );
  } finally {
    await connection.close();
  }
}

import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.ts';
import { freePorts } from './free-ports.ts';
import type { ManagedProcess, Processes } from './processes.ts';
import { GiveUp, waitUntil } from './wait-until.ts';

export interface TemporalServer {
  readonly address: string;
  /** Where the UI listens; undefined when it was not asked for. */
  readonly ui: string | undefined;
  readonly dbFile: string;
  /** Of the process that now runs. */
  pid(): number;
  /** SIGKILL. Database and port stay. */
  kill(): Promise<void>;
  /** SIGKILL if it still runs, then starts it again on the same database and port and waits until it answers. */
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

// Without the first the dev server hands over at most 20 tasks a second and each activity costs 100 ms; the second saves a hop for each.
// The limits are those of a server that has other users; here a test run alone may reach them.
const DYNAMIC_CONFIG = [
  'history.transferProcessorMaxPollRPS=2000',
  'system.enableActivityEagerExecution=true',
  'frontend.rps=20000',
  'frontend.namespaceRPS=20000',
  'frontend.namespaceRPS.visibility=2000',
];

// SQLite by itself waits for the disk several times at each commit, and one commit stands in for what a production server does on its own database: bulk work
// took 2.2 times as long without these. A killed server has lost nothing; a power cut may lose the last moments, never the database.
const DURABILITY_PRAGMAS = ['journal_mode=wal', 'synchronous=normal'];

// A larger page cache, fewer checkpoints, and a garbage collector that starts later. Measured together only, with other work on the machine: of some 40 ms
// of CPU a resource they saved 1 in a bulk creation and 6 in a bulk deletion.
const CACHE_PRAGMAS = ['cache_size=-65536', 'wal_autocheckpoint=8000'];
const GARBAGE_COLLECTOR = { GOGC: '400' };

/** Temporal's dev server on an SQLite file. */
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
    // SIGKILL: its orderly end takes seconds and saves nothing, the database is in its file.
    const server = processes.start({ ...spec, stopSignal: 'SIGKILL' });
    await waitUntil({ what: `Temporal at ${address} ready`, timeoutMs: 60_000 }, async () => {
      if (!server.running()) throw new GiveUp(`Temporal has ended; the end of ${server.logFile}:\n${server.logTail()}`);
      await describeNamespace(address);
      return true;
    });
    return server;
  };
  let server = await start();
  return {
    address,
    ui: input.ui ? `http://127.0.0.1:${uiPort}` : undefined,
    dbFile,
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

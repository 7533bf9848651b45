import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import type { ManagedProcess, Processes } from '../../dev/processes.ts';
import { ensureProductionBinaries } from '../../dev/production-binaries.ts';
import { startRestartable, type TemporalServer, type TemporalServerInput } from '../../dev/temporal-server.ts';
import { GiveUp, waitUntil } from '../../dev/wait-until.ts';
import { makeCertificates, type CertificateFiles } from './certificates.ts';
import { startPostgreSql, type PostgreSql } from './postgresql.ts';

const NAMESPACE = 'azure-operator';
const GUIDE = join(import.meta.dirname, '../../docs/temporal.md');
/** The name in the server's certificate. */
const SERVER_NAME = 'temporal';
const HISTORY_SHARDS = 4;
const DYNAMIC_CONFIG = join(import.meta.dirname, '../../deploy/compose/dynamic-config.yaml');

export interface ProductionTemporal extends TemporalServer {
  readonly postgresql: PostgreSql;
  /** What clients present, and trust. */
  readonly certificates: CertificateFiles;
}

/**
 * Temporal's production server: its four services in one process, with PostgreSQL for state and visibility, and mutual
 * TLS at every port. The operator's namespace is made by the command in docs/temporal.md.
 */
export async function startProductionTemporal(
  processes: Processes,
  { binary: cli, directory, logDirectory }: TemporalServerInput,
): Promise<ProductionTemporal> {
  const { server: command, sqlTool } = await ensureProductionBinaries(() => undefined);
  const ports = await lowPorts(8);
  const postgresql = await startPostgreSql(processes, join(logDirectory, 'postgresql.log'));
  await createSchema(sqlTool, postgresql);
  const certificates = await makeCertificates(join(directory, 'tls'), {
    commonName: SERVER_NAME,
    names: [SERVER_NAME],
  });
  const folder = join(directory, 'temporal');
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'config.yaml');
  await writeFile(file, stringify(configuration({ ports, postgresql, certificates })));
  const address = `127.0.0.1:${String(ports[0])}`;
  const environment = clientEnvironment(certificates);
  const bash = async (commands: string): Promise<void> => {
    const PATH = `${dirname(cli)}:${String(process.env['PATH'])}`;
    const env = { ...process.env, PATH, ...environment, TEMPORAL_ADDRESS: address };
    await promisify(execFile)('bash', ['-euc', commands], { env });
  };
  const start = async (): Promise<ManagedProcess> => {
    const started = processes.start({
      name: 'temporal-server',
      command,
      args: ['--config-file', file, '--allow-no-auth', 'start'],
      cwd: folder,
      logFile: join(logDirectory, 'temporal-server.log'),
    });
    await waitUntil({ what: `Temporal at ${address} ready`, timeoutMs: 90_000 }, async () => {
      if (!started.running()) throw new GiveUp(`Temporal has exited: ${reasonIn(started.logTail())}`);
      await bash('temporal operator cluster health');
      return true;
    });
    return started;
  };
  const server = await startRestartable(start);
  const [, createNamespace = 'false'] = /```bash namespace\n([\s\S]*?)```/.exec(await readFile(GUIDE, 'utf8')) ?? [];
  await bash(createNamespace);
  return {
    address,
    environment: { ...environment, TEMPORAL_NAMESPACE: NAMESPACE },
    ui: undefined,
    dbFile: '',
    postgresql,
    certificates,
    ...server,
  };
}

/** The variables with which worker, watcher and Temporal's CLI connect. */
export function clientEnvironment({ ca, cert, key }: CertificateFiles): Record<string, string> {
  return {
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: ca,
    TEMPORAL_TLS_CLIENT_CERT_PATH: cert,
    TEMPORAL_TLS_CLIENT_KEY_PATH: key,
    TEMPORAL_TLS_SERVER_NAME: SERVER_NAME,
  };
}

/** The fatal line of Temporal's log, without its stack. */
function reasonIn(log: string): string {
  const fatal = log.split('\n').findLast((line) => line.includes('"fatal"')) ?? log;
  return fatal.slice(0, 500);
}

/**
 * Free ports that the system gives to nobody by itself. Temporal's schema keeps a port in a `smallint`, so one above
 * 32767 ends the server.
 */
async function lowPorts(count: number): Promise<number[]> {
  const first = 20_000 + Math.floor(Math.random() * 12_000);
  const candidates = Array.from({ length: 200 }, (_, index) => first + index);
  const free: number[] = [];
  for (const port of candidates) if (free.length < count && (await isFree(port))) free.push(port);
  return free;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

async function createSchema(sqlTool: string, { port, user }: PostgreSql): Promise<void> {
  for (const [database, schema] of [
    ['temporal', 'temporal'],
    ['temporal_visibility', 'visibility'],
  ] as const) {
    const target = ['--plugin', 'postgres12', '--ep', '127.0.0.1', '-p', String(port), '-u', user, '--db', database];
    const run = async (...args: string[]): Promise<void> => {
      await promisify(execFile)(sqlTool, [...target, ...args]);
    };
    await run('create');
    await run('setup-schema', '-v', '0.0');
    await run('update-schema', '--schema-name', `postgresql/v12/${schema}`);
  }
}

function configuration(input: {
  ports: readonly number[];
  postgresql: PostgreSql;
  certificates: CertificateFiles;
}): object {
  const { ports, postgresql, certificates } = input;
  const service = (index: number): object => ({
    rpc: { grpcPort: ports[2 * index], membershipPort: ports[2 * index + 1], bindOnLocalHost: true },
  });
  const store = (databaseName: string): object => ({
    sql: {
      pluginName: 'postgres12',
      databaseName,
      connectAddr: `127.0.0.1:${String(postgresql.port)}`,
      connectProtocol: 'tcp',
      user: postgresql.user,
      password: '',
      maxConns: 20,
      maxIdleConns: 20,
    },
  });
  return {
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: HISTORY_SHARDS,
      datastores: { default: store('temporal'), visibility: store('temporal_visibility') },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' }, tls: tlsOf(certificates) },
    services: { frontend: service(0), history: service(1), matching: service(2), worker: service(3) },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `127.0.0.1:${String(ports[0])}`,
        },
      },
    },
    publicClient: { hostPort: `127.0.0.1:${String(ports[0])}` },
    dynamicConfigClient: { filepath: DYNAMIC_CONFIG, pollInterval: '60s' },
  };
}

function tlsOf({ ca, cert, key }: CertificateFiles): object {
  const client = { serverName: SERVER_NAME, rootCaFiles: [ca] };
  const both = {
    server: { certFile: cert, keyFile: key, requireClientAuth: true, clientCaFiles: [ca] },
    client,
  };
  return { internode: both, frontend: both, systemWorker: { certFile: cert, keyFile: key, client } };
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { DefaultLogger, Runtime, type NativeConnection } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.ts';
import { ensureBinaries } from '../../dev/binaries.ts';
import { Processes } from '../../dev/processes.ts';
import { connectTemporal } from '../../worker/connect.ts';
import { makeCertificates } from '../durability/certificates.ts';
import {
  clientEnvironment,
  startProductionTemporal,
  type ProductionTemporal,
} from '../durability/production-temporal.ts';

/** `npm run test:temporal-cluster`: it builds Temporal's production server and needs PostgreSQL. */
describe('the worker and a Temporal with mutual TLS and SQL visibility', () => {
  const processes = new Processes();
  let directory: string;
  let temporal: ProductionTemporal;

  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    directory = await mkdtemp(join(tmpdir(), 'secured-temporal-'));
    const { temporal: binary } = await ensureBinaries(() => undefined);
    temporal = await startProductionTemporal(processes, { binary, directory, logDirectory: directory, ui: false });
  }, 900_000);

  afterAll(async () => {
    await processes.stop(2_000);
    await temporal?.postgresql.remove();
    await rm(directory, { recursive: true, force: true });
  }, 60_000);

  /** What the worker logs until it has connected, or for five seconds. */
  async function connect(environment: Readonly<Record<string, string>>): Promise<{
    readonly lines: readonly string[];
    readonly connection: NativeConnection | undefined;
  }> {
    const overrideEnvVars = { TEMPORAL_ADDRESS: temporal.address, ...temporal.environment, ...environment };
    const { connectionOptions, namespace = '' } = loadClientConnectConfig({ overrideEnvVars, disableFile: true });
    const lines: string[] = [];
    const say = (line: unknown): void => void lines.push(String(line));
    const log = { warn: say, info: say } as unknown as Parameters<typeof connectTemporal>[0]['log'];
    const connection = await connectTemporal(
      { log, stopping: AbortSignal.timeout(5_000) } as Parameters<typeof connectTemporal>[0],
      { options: connectionOptions, namespace, address: temporal.address },
    ).catch((error: unknown) => {
      lines.push(error instanceof Error ? error.message : 'no Error');
      return undefined;
    });
    return { lines, connection };
  }

  it('connects with its certificate, and registers its search attributes', async () => {
    const { lines, connection } = await connect({});
    expect(lines).toEqual([]);
    const namespace = temporal.environment?.['TEMPORAL_NAMESPACE'] ?? '';
    const { customAttributes } = await connection!.operatorService.listSearchAttributes({ namespace });
    expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(SEARCH_ATTRIBUTES.map(({ name }) => name)));
    await connection!.close();
  }, 60_000);

  it.each([
    {
      wrong: 'a certificate of another authority',
      names: ['TEMPORAL_TLS_CLIENT_CERT_PATH', 'TEMPORAL_TLS_CLIENT_KEY_PATH'],
    },
    { wrong: 'trust in another authority only', names: ['TEMPORAL_TLS_SERVER_CA_CERT_PATH'] },
  ])(
    'with $wrong it is refused, and says which settings to check',
    async ({ wrong, names }) => {
      const files = await makeCertificates(join(directory, wrong), { commonName: 'stranger', names: [] });
      const foreign = Object.entries(clientEnvironment(files)).filter(([name]) => names.includes(name));
      const { lines, connection } = await connect(Object.fromEntries(foreign));
      expect(connection).toBeUndefined();
      expect(lines[0]).toMatch(/TEMPORAL_ADDRESS.*TEMPORAL_TLS/);
      expect(lines.join('\n')).not.toContain('BEGIN');
    },
    60_000,
  );

  it('a namespace that is not there is named, with the command that makes it', async () => {
    const { lines } = await connect({ TEMPORAL_NAMESPACE: 'nobody-made-it' });
    expect(lines[0]).toMatch(/"nobody-made-it" does not exist.*temporal operator namespace create/);
  }, 60_000);

  it('keeps namespace and search attributes when server and database are killed', async () => {
    await Promise.all([temporal.kill(), temporal.postgresql.kill()]);
    await temporal.postgresql.start();
    await temporal.restart();
    const { lines, connection } = await connect({});
    expect(lines).toEqual([]);
    await connection!.close();
  }, 120_000);
});

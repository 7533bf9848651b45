import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import { ensureBinaries } from '../../dev/binaries.ts';
import { Processes } from '../../dev/processes.ts';
import { startTemporalServer } from '../../dev/temporal-server.ts';

export const TASK_QUEUE = 'worker-test';

/** A real Temporal server of the test's own, and workers in this process. */
export interface TestTemporal {
  readonly address: string;
  /** The CLI, which is the server too. */
  readonly cli: string;
  readonly client: Client;
  readonly connection: NativeConnection;
  /** A worker with the workflows of this file of `workflows/`; it runs until its own `stop` or that of all. */
  startWorker(file: string, options?: Partial<WorkerOptions>): Promise<{ stop(): Promise<void> }>;
  stop(): Promise<void>;
}

export async function startTestTemporal(): Promise<TestTemporal> {
  // The failures of workflow tasks are what these tests bring about.
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const directory = await mkdtemp(join(tmpdir(), 'worker-test-'));
  const processes = new Processes();
  const { temporal: cli } = await ensureBinaries(() => undefined);
  const { address } = await startTemporalServer(processes, {
    binary: cli,
    directory,
    logDirectory: directory,
    ui: false,
  });
  const connection = await NativeConnection.connect({ address });
  const client = new Client({ connection: await Connection.connect({ address }) });
  const workers: { stop(): Promise<void> }[] = [];
  return {
    address,
    cli,
    client,
    connection,
    startWorker: async (file, options) => {
      const workflowBundle = await bundleWorkflowCode({
        workflowsPath: join(import.meta.dirname, 'workflows', file),
        logger: new DefaultLogger('ERROR'),
      });
      const shared = { connection, taskQueue: TASK_QUEUE, workflowBundle, shutdownForceTime: '1s' } as const;
      const worker = await Worker.create({ ...shared, ...options });
      const ended = worker.run();
      const running = {
        stop: async () => {
          if (worker.getState() === 'RUNNING') worker.shutdown();
          await ended;
        },
      };
      workers.push(running);
      return running;
    },
    stop: async () => {
      await Promise.allSettled(workers.map((worker) => worker.stop()));
      await client.connection.close();
      await connection.close();
      await processes.stop(0);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ManagedProcess } from '../../dev/processes.ts';
import { waitFor } from '../support/environment.ts';
import { health } from '../support/metrics-text.ts';
import { startApiServerGate, startTcpGate, type TcpGate } from '../support/tcp-gate.ts';
import { startDurableStack, type DurableStack } from './durable-stack.ts';
import { resourceGroup } from './manifests.ts';

export const GROUP = 'health-rg';
const UNREADY_WITHIN_MS = 15_000;
export const READY_WITHIN_MS = 30_000;

/** A worker and a watcher whose ways to the API server and to Temporal can be cut. */
export interface HealthScene {
  readonly durable: DurableStack;
  readonly apiServer: TcpGate;
  readonly temporal: TcpGate;
  /** For processes that the test starts itself: their ways lead through the same gates. */
  readonly environment: Readonly<Record<string, string>>;
  /** The test may replace them. */
  readonly processes: Record<'worker' | 'watcher', ManagedProcess>;
  /** Waits until `/readyz` answers with this status, and with this text. */
  becomes(name: 'worker' | 'watcher', status: 200 | 503, text?: RegExp): Promise<void>;
  stop(): Promise<void>;
}

export async function startHealthScene(): Promise<HealthScene> {
  const durable = await startDurableStack();
  const kubeconfig = join(durable.stack.directory, 'cuttable-kubeconfig');
  const apiServer = await startApiServerGate(durable.stack.kubeconfig, kubeconfig);
  const temporal = await startTcpGate(durable.stack.temporalAddress);
  // At this level a process tells on which port it serves.
  const environment = { KUBECONFIG: kubeconfig, TEMPORAL_ADDRESS: temporal.address, LOG_LEVEL: 'debug' };
  const processes = { worker: durable.startWorker(environment), watcher: durable.startWatcher(environment) };
  await durable.kube.apply(resourceGroup(GROUP));
  await durable.ready(resourceGroup(GROUP), 60_000);
  return {
    durable,
    apiServer,
    temporal,
    environment,
    processes,
    becomes: async (name, status, text = /./) => {
      const address = await served(processes[name]);
      let last = { status: 0, text: '' };
      await waitFor(
        async () => {
          last = await health(address, '/readyz');
          return last.status === status && text.test(last.text);
        },
        status === 200 ? READY_WITHIN_MS : UNREADY_WITHIN_MS,
      ).catch((error: unknown) => {
        throw new Error(`${name}: wanted ${String(status)}, is ${String(last.status)}: ${last.text}`, { cause: error });
      });
    },
    stop: async () => {
      apiServer.close();
      temporal.close();
      await durable.stop();
    },
  };
}

/** Where a process serves its health, as soon as it does. */
export async function served(running: ManagedProcess): Promise<string> {
  return await waitFor(() => addressIn(running), 20_000);
}

export function addressOf(running: ManagedProcess): string {
  const address = addressIn(running);
  if (address === undefined) throw new Error(`${running.name} does not serve yet`);
  return address;
}

function addressIn({ logFile }: ManagedProcess): string | undefined {
  return /"address":"([^"]+)"[^\n]*serving \/livez/.exec(readFileSync(logFile, 'utf8'))?.[1];
}

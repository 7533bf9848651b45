import type { ManagedProcess } from '../../dev/processes.ts';
import { startDurableStack, type DurableStack } from './durable-stack.ts';
import { resourceGroup } from './manifests.ts';

export interface DurableOperator {
  readonly durable: DurableStack;
  readonly worker: ManagedProcess;
  readonly watcher: ManagedProcess;
}

/** The stack with a worker, a watcher and a resource group that is Ready. On failure nothing is left running. */
export async function startDurableOperator(group: string): Promise<DurableOperator> {
  const durable = await startDurableStack();
  try {
    const worker = durable.startWorker();
    const watcher = durable.startWatcher();
    await durable.kube.apply(resourceGroup(group));
    await durable.ready(resourceGroup(group), 30_000);
    return { durable, worker, watcher };
  } catch (error) {
    await durable.stop();
    throw error;
  }
}

import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { keyOf } from '../support/environment.ts';
import { startDurableStack, workflowIdOf } from './durable-stack.ts';
import { account, resourceGroup } from './manifests.ts';

// Records what `replay.test.ts` replays: the runs of resources that are created, become Ready, are updated, refused and deleted.
// Run by hand when the workflow has deliberately changed: node test/durability/record-histories.ts
const DIRECTORY = join(import.meta.dirname, '..', 'data', 'histories');

const durable = await startDurableStack();
try {
  durable.startWorker();
  durable.startWatcher();
  const group = resourceGroup('recorded-rg');
  const database = account('recorded-db', 'recorded-rg');
  // The account first, so that it waits for its owner.
  await durable.kube.apply(database);
  await durable.kube.apply(group);
  await durable.ready(database, 60_000);
  await durable.kube.apply(resourceGroup('recorded-rg', { updated: 'yes' }));
  await durable.kube.apply({ ...database, spec: { ...(database['spec'] as object), tags: { updated: 'yes' } } });
  await durable.ready(group);
  await durable.ready(database);
  const match = { method: 'PUT', path: '/recorded-failed\\?' };
  await durable.simulator('POST', '/faults', { match, status: 400, code: 'LocationNotAvailableForResourceGroup' });
  const failed = resourceGroup('recorded-failed');
  await durable.kube.apply(failed);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  for (const manifest of [database, group, failed]) {
    await durable.kube.delete(keyOf(manifest));
    await durable.gone(keyOf(manifest));
  }
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  for (const name of await readdir(DIRECTORY)) await rm(join(DIRECTORY, name));
  for (const manifest of [group, database, failed])
    await save(durable.client, workflowIdOf(manifest), manifest.metadata.name);
} finally {
  await durable.stop();
}

/** Every run of a workflow id, the oldest first. */
async function save(client: Client, workflowId: string, name: string): Promise<void> {
  const runs: { runId: string; startTime: Date }[] = [];
  for await (const run of client.workflow.list({ query: `WorkflowId = "${workflowId}"` })) runs.push(run);
  runs.sort((a, b) => a.startTime.getTime() - b.startTime.getTime());
  for (const [index, { runId }] of runs.entries()) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const file = join(DIRECTORY, `${name}-${index + 1}.json`);
    await writeFile(file, `${JSON.stringify({ workflowId, history: JSON.parse(historyToJSON(history)) }, null, 1)}\n`);
    process.stdout.write(`${file}: ${history.events?.length ?? 0} events\n`);
  }
}

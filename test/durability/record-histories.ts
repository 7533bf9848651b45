import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Manifest } from '../../dev/kube-api.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { startDurableStack, SUBSCRIPTION, workflowIdOf } from './durable-stack.ts';
import { account, resourceGroup } from './manifests.ts';

// Records what `replay.test.ts` replays: runs in every state that a release can meet in flight, and those that have ended. Each release has a folder of its own;
// recording adds to that of the present version and never deletes. Run by hand for a release: node test/durability/record-histories.ts
const ROOT = join(import.meta.dirname, '..', '..');
const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
const DIRECTORY = join(ROOT, 'test', 'data', 'histories', version);

const durable = await startDurableStack();
try {
  durable.startWorker();
  durable.startWatcher();
  await mkdir(DIRECTORY, { recursive: true });
  const group = resourceGroup('recorded-rg');
  const ready = account('recorded-ready', 'recorded-rg');
  // The account first, so that it waits for its owner before it goes on.
  await durable.kube.apply(ready);
  await shows(ready, 'WaitingForOwner');
  await durable.kube.apply(group);
  await durable.ready(ready, 60_000);
  await save(durable.client, ready, 'waited-then-ready');
  await save(durable.client, group, 'ready');

  await durable.kube.apply(account('recorded-waiting', 'no-such-group'));
  await shows(account('recorded-waiting', 'no-such-group'), 'WaitingForOwner');
  await save(durable.client, account('recorded-waiting', 'no-such-group'), 'waiting');

  await fault('recorded-backoff', 403, 'AuthorizationFailed', 20);
  const backoff = resourceGroup('recorded-backoff');
  await durable.kube.apply(backoff);
  await shows(backoff, 'AuthorizationFailed');
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  await save(durable.client, backoff, 'back-off');

  await fault('recorded-failed', 400, 'InvalidRequestContent', 1);
  const failed = resourceGroup('recorded-failed');
  await durable.kube.apply(failed);
  await ended(failed, 'FAILED');
  await save(durable.client, failed, 'failed');

  await durable.simulator('POST', `/subscriptions/${SUBSCRIPTION}`, { hold: true });
  const polling = account('recorded-polling', 'recorded-rg');
  await durable.kube.apply(polling);
  await polls(polling, 'pollProvisioning');
  await save(durable.client, polling, 'polling');
  await durable.kube.apply({ ...polling, spec: { ...(polling['spec'] as object), tags: { edited: 'yes' } } });
  await waitFor(async () => (await durable.pending(polling)).some(({ step }) => step === 'pollProvisioning'), 10_000);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  await save(durable.client, polling, 'interrupted');
  await durable.kube.delete(keyOf(ready));
  await polls(ready, 'pollDeletion');
  await save(durable.client, ready, 'deleting');
  await durable.simulator('POST', `/subscriptions/${SUBSCRIPTION}`, { hold: false });
  await durable.simulator('POST', '/operations/finish', { subscription: SUBSCRIPTION });
  await durable.gone(keyOf(ready), 60_000);
  await ended(ready, 'COMPLETED');
  await save(durable.client, ready, 'deleted');

  await durable.ready({ ...polling }, 60_000);
  await durable.simulator('POST', '/faults', {
    match: { method: 'DELETE', path: '/recorded-polling\\?' },
    operation: 'fail',
    code: 'ScopeLocked',
    message: 'There is a lock.',
  });
  await durable.kube.delete(keyOf(polling));
  await waitFor(async () => {
    const { count } = await durable.client.workflow.count('ErrorCode="ScopeLocked"');
    return count > 0;
  }, 30_000);
  await durable.client.workflow.getHandle(workflowIdOf(polling)).signal('retry');
  await durable.gone(keyOf(polling), 60_000);
  await ended(polling, 'COMPLETED');
  await save(durable.client, polling, 'setback-then-deleted');
} finally {
  await durable.stop();
}
process.exit(0);

async function fault(name: string, status: number, code: string, times: number): Promise<void> {
  await durable.simulator('POST', '/faults', { match: { method: 'PUT', path: `/${name}\\?` }, status, code, times });
}

async function shows(manifest: Manifest, reason: string): Promise<void> {
  await waitFor(async () => {
    const object = await durable.kube.get(keyOf(manifest));
    return object && readyOf(object)?.reason === reason;
  }, 60_000);
}

async function polls(manifest: Manifest, step: string): Promise<void> {
  await waitFor(async () => (await durable.pending(manifest)).some((pending) => pending.step === step), 30_000);
}

async function ended(manifest: Manifest, status: string): Promise<void> {
  const handle = durable.client.workflow.getHandle(workflowIdOf(manifest));
  await waitFor(async () => (await handle.describe().catch(() => undefined))?.status.name === status, 60_000);
}

/** The newest run of a resource. */
async function save(client: Client, manifest: Manifest, name: string): Promise<void> {
  const workflowId = workflowIdOf(manifest);
  const history = await client.workflow.getHandle(workflowId).fetchHistory();
  const file = join(DIRECTORY, `${name}.json`);
  await writeFile(file, `${JSON.stringify({ workflowId, history: JSON.parse(historyToJSON(history)) }, null, 1)}\n`);
  process.stdout.write(`${file}: ${history.events?.length ?? 0} events\n`);
}

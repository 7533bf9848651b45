import { setTimeout as sleep } from 'node:timers/promises';

import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { pino, type Logger } from 'pino';

import { loadKinds } from '../kinds/load.ts';
import { KubeError } from '../kube/errors.ts';
import { openTransport } from '../kube/transport.ts';
import { readConfig } from './config.ts';
import { Discovery, type DiscoveryDeps } from './discovery.ts';
import { CoalescingQueue } from './queue.ts';
import { signalChange, signalGone } from './signal.ts';
import { WatcherState } from './state.ts';

const CONCURRENCY = 20;
/** One kind that cannot be listed must not keep all the others waiting. */
const PATIENCE_MS = 15_000;

await main().catch((error: unknown) => {
  console.error(`watcher: ${error instanceof Error ? error.message : 'unknown error'}`);
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = pino({ name: 'watcher', level: config.logLevel });
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = Connection.lazy(connectionOptions);
  const client = new Client({ connection, namespace });
  const transport = await openTransport();

  let open = false;
  const queue = new CoalescingQueue({
    concurrency: CONCURRENCY,
    perSecond: 50,
    work: async (key) => {
      const news = state.news(key);
      if (!news) return;
      if (news.type === 'gone') await signalGone(client, news.ref, news.uid);
      else await signalChange(client, news.ref, news.change);
      state.markTold(key, news);
      log.info({ workflowId: key, ...(news.type === 'changed' ? news.change : { gone: true }) }, 'signalled');
    },
    onFailure: ({ key, failures, retryInMs, error }) =>
      log.warn({ workflowId: key, failures, retryInMs, error: nameOf(error) }, 'cannot signal the workflow; trying on'),
  });
  const kinds = loadKinds();
  const state = new WatcherState(kinds, (key) => {
    if (open) queue.add(key);
  });
  const discovery = new Discovery({ transport, kinds, state, onFault: faultLogger(log) }, config.targetNamespaces);

  const stop = untilSignal();
  const timer = new AbortController();
  const patience = sleep(PATIENCE_MS, undefined, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([discovery.start(), patience, stop]);
  timer.abort();
  open = true;
  for (const key of state.keys()) queue.add(key, { paced: true });
  log.info({ resources: [...state.keys()].length, targetNamespaces: config.targetNamespaces }, 'watching');

  log.info({ signal: await stop }, 'stopping');
  await discovery.stop();
  await queue.stop();
  await transport.close();
  await connection.close();
}

function faultLogger(log: Logger): DiscoveryDeps['onFault'] {
  return (what) =>
    ({ during, error, retryInMs }) =>
      log.warn({ what, during, retryInMs: Math.round(retryInMs), error: nameOf(error) }, 'cannot follow; trying on');
}

/** Only our own errors are trusted not to quote what they were given. */
function nameOf(error: unknown): string {
  if (error instanceof KubeError) return error.message;
  return error instanceof Error ? error.name : 'unknown error';
}

function untilSignal(): Promise<NodeJS.Signals> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  process.once('SIGTERM', resolve);
  process.once('SIGINT', resolve);
  return promise;
}

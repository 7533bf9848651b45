import { setTimeout as sleep } from 'node:timers/promises';

import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { pino, type Logger } from 'pino';

import { loadKinds } from '../kinds/load.ts';
import { kubeClientOn } from '../kube/client.ts';
import { KubeError } from '../kube/errors.ts';
import { LeaderLease } from '../kube/lease.ts';
import { holderIdentity, holderIsDead } from '../kube/lease-holder.ts';
import { openTransport, type Transport } from '../kube/transport.ts';
import { readConfig, type WatcherConfig } from './config.ts';
import { CredentialHolds } from './credential-holds.ts';
import { Discovery, type DiscoveryDeps } from './discovery.ts';
import { signalChange, signalGone } from './signal.ts';
import { WatcherState } from './state.ts';
import { Teller } from './teller.ts';

const LEASE = 'azure-temporal-operator-watcher';
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
  const kinds = loadKinds();
  const state = new WatcherState(
    kinds,
    (key) => teller.dirty(key),
    (key) => holds.check(key),
  );
  const teller = openTeller({ config, log, client, state, leads: () => lease.held });
  const isComplete = (): boolean => discovery.unlisted().length === 0;
  const holds = openHolds({ log, transport, state, leads: () => lease.held, isComplete });
  const lease = openLease({ config, log, transport, teller, holds });
  const onFault = faultLogger(log);
  const discovery = new Discovery({ transport, kinds, state, holds, onFault }, config.targetNamespaces);

  const stop = untilSignal();
  lease.start();
  await Promise.race([listAll(discovery, log), stop]);
  teller.listed();
  log.info({ resources: [...state.keys()].length, targetNamespaces: config.targetNamespaces }, 'watching');

  log.info({ signal: await stop }, 'stopping');
  // What is being told is told to its end before another may lead.
  await teller.stop();
  await holds.stop();
  await lease.stop();
  await discovery.stop();
  await transport.close();
  await connection.close();
}

interface Parts {
  readonly config: WatcherConfig;
  readonly log: Logger;
}

function openTeller({
  config,
  log,
  client,
  state,
  leads,
}: Parts & { client: Client; state: WatcherState; leads: () => boolean }): Teller {
  return new Teller({
    state,
    leads,
    syncPeriodMs: config.syncPeriodMs,
    pacePerSecond: config.pacePerSecond,
    concurrency: CONCURRENCY,
    tell: async (key, news) => {
      if (news.type === 'gone') await signalGone(client, news.ref, news.uid);
      else await signalChange(client, news.ref, news.change);
      const what = news.type === 'changed' ? { because: news.because, ...news.change } : { because: 'gone' };
      log.info({ workflowId: key, ...what }, 'signalled');
    },
    onFailure: ({ key, failures, retryInMs, error }) =>
      log.warn({ workflowId: key, failures, retryInMs, error: nameOf(error) }, 'cannot signal the workflow; trying on'),
  });
}

function openHolds({
  log,
  transport,
  state,
  leads,
  isComplete,
}: Pick<Parts, 'log'> & {
  transport: Transport;
  state: WatcherState;
  leads: () => boolean;
  isComplete: () => boolean;
}): CredentialHolds {
  return new CredentialHolds({
    kube: kubeClientOn(transport),
    leads,
    isComplete,
    needOf: (key) => state.credentialNeed(key),
    onReleased: (key) => log.info({ secret: key }, 'released: no resource needs this credential any more'),
    onFailure: ({ key, failures, retryInMs, error }) =>
      log.warn({ secret: key, failures, retryInMs, error: nameOf(error) }, 'cannot release the credential; trying on'),
  });
}

function openLease({
  config,
  log,
  transport,
  teller,
  holds,
}: Parts & { transport: Transport; teller: Teller; holds: CredentialHolds }): LeaderLease {
  const about = { lease: `${config.namespace}/${LEASE}` };
  return new LeaderLease(kubeClientOn(transport), {
    namespace: config.namespace,
    name: LEASE,
    identity: holderIdentity(),
    isDead: holderIsDead,
    onLeading: () => {
      log.info(about, 'leading');
      teller.lead();
      holds.checkAll();
    },
    onFollowing: ({ holder, led }) => {
      teller.follow();
      if (led) log.warn({ ...about, holder }, 'no longer leading: the lease could not be renewed in time or was taken');
      else if (holder !== undefined) log.info({ ...about, holder }, 'following: another watcher leads');
    },
    onFault: (error) => log.warn({ ...about, error: nameOf(error) }, 'cannot read or write the lease; trying on'),
  });
}

async function listAll(discovery: Discovery, log: Logger): Promise<void> {
  const { essentials, complete } = discovery.start();
  const timer = new AbortController();
  const patience = sleep(PATIENCE_MS, undefined, { signal: timer.signal })
    .then(() =>
      log.warn(
        { unlisted: discovery.unlisted() },
        'not everything is listed yet: namespaces, Secrets, ConfigMaps and CRDs are waited for, kinds are not',
      ),
    )
    .catch(() => undefined);
  await Promise.race([complete, Promise.all([essentials, patience])]);
  timer.abort();
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

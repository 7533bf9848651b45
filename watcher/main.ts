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
import { SignalSender } from './signal-sender.ts';

const LEASE = 'azure-temporal-operator-watcher';
const CONCURRENCY = 20;
/**
 * After this time the watcher starts without the kinds that are not listed: one that cannot be listed must not block
 * the others.
 */
const LIST_TIMEOUT_MS = 15_000;

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
  const kinds = loadKinds(config);
  const state = new WatcherState(
    kinds,
    (key) => sender.keyChanged(key),
    (key) => holds.check(key),
    { operatorNamespace: config.namespace },
  );
  const sender = createSender({ config, log, client, state, leads: () => lease.isLeader });
  const isComplete = (): boolean => discovery.unlisted().length === 0;
  const holds = createHolds({ log, transport, state, leads: () => lease.isLeader, isComplete });
  const lease = createLease({ config, log, transport, sender, holds });
  const onError = errorLogger(log);
  const discovery = new Discovery({ transport, kinds, state, holds, onError }, config);

  const stop = untilSignal();
  lease.start();
  await Promise.race([listAll(discovery, log), stop]);
  sender.listComplete();
  log.info({ resources: [...state.keys()].length, targetNamespaces: config.targetNamespaces }, 'watching');

  log.info({ signal: await stop }, 'stopping');
  // Wait for the signals that are being sent before another watcher may lead.
  await sender.stop();
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

function createSender({
  config,
  log,
  client,
  state,
  leads,
}: Parts & { client: Client; state: WatcherState; leads: () => boolean }): SignalSender {
  return new SignalSender({
    state,
    leads,
    syncPeriodMs: config.syncPeriodMs,
    pacePerSecond: config.pacePerSecond,
    concurrency: CONCURRENCY,
    send: async (key, signal) => {
      if (signal.type === 'gone') await signalGone(client, signal.ref, signal.uid);
      else await signalChange(client, signal.ref, signal.change);
      const what = signal.type === 'changed' ? { because: signal.because, ...signal.change } : { because: 'gone' };
      log.info({ workflowId: key, ...what }, 'signalled');
    },
    onFailure: ({ key, failures, retryInMs, error }) =>
      log.warn(
        { workflowId: key, failures, retryInMs, error: describeError(error) },
        'cannot signal the workflow; retrying',
      ),
  });
}

function createHolds({
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
    onReleased: (key) => log.info({ secret: key }, 'released the credential Secret: no resource needs it any more'),
    onFailure: ({ key, failures, retryInMs, error }) =>
      log.warn(
        { secret: key, failures, retryInMs, error: describeError(error) },
        'cannot release the credential Secret; retrying',
      ),
  });
}

function createLease({
  config,
  log,
  transport,
  sender,
  holds,
}: Parts & { transport: Transport; sender: SignalSender; holds: CredentialHolds }): LeaderLease {
  const about = { lease: `${config.namespace}/${LEASE}` };
  return new LeaderLease(kubeClientOn(transport), {
    namespace: config.namespace,
    name: LEASE,
    identity: holderIdentity(),
    isDead: holderIsDead,
    onLeading: () => {
      log.info(about, 'leading');
      sender.startLeading();
      holds.checkAll();
    },
    onFollowing: ({ holder, led }) => {
      sender.stopLeading();
      if (led)
        log.warn(
          { ...about, holder },
          'no longer leading: the Lease could not be renewed in time or another watcher took it',
        );
      else if (holder !== undefined) log.info({ ...about, holder }, 'following: another watcher leads');
    },
    onError: (error) => log.warn({ ...about, error: describeError(error) }, 'cannot read or write the Lease; retrying'),
  });
}

async function listAll(discovery: Discovery, log: Logger): Promise<void> {
  const { essentials, complete } = discovery.start();
  const timer = new AbortController();
  const timeout = sleep(LIST_TIMEOUT_MS, undefined, { signal: timer.signal })
    .then(() =>
      log.warn(
        { unlisted: discovery.unlisted() },
        'some collections are not listed yet; continuing when namespaces, Secrets, ConfigMaps and CRDs are listed',
      ),
    )
    .catch(() => undefined);
  await Promise.race([complete, Promise.all([essentials, timeout])]);
  timer.abort();
}

function errorLogger(log: Logger): DiscoveryDeps['onError'] {
  return (collection) =>
    ({ phase, error, retryInMs }) =>
      log.warn(
        { collection, phase, retryInMs: Math.round(retryInMs), error: describeError(error) },
        'cannot list or watch the collection; retrying',
      );
}

/** Only the message of a KubeError is logged: messages of other errors may quote secret values. */
function describeError(error: unknown): string {
  if (error instanceof KubeError) return error.message;
  return error instanceof Error ? error.name : 'unknown error';
}

function untilSignal(): Promise<NodeJS.Signals> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  process.once('SIGTERM', resolve);
  process.once('SIGINT', resolve);
  return promise;
}

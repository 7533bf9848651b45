import { setTimeout as sleep } from 'node:timers/promises';

import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { pino, type Logger } from 'pino';
import type { Registry } from 'prom-client';

import { loadKinds } from '../kinds/load.ts';
import { kubeClientOn } from '../kube/client.ts';
import { KubeError } from '../kube/errors.ts';
import { LeaderLease } from '../kube/lease.ts';
import { holderIdentity, holderIsDead } from '../kube/lease-holder.ts';
import { openTransport, type Transport } from '../kube/transport.ts';
import { watchEventLoop, type EventLoop } from '../process/event-loop.ts';
import { healthRoute, livenessChecks } from '../process/health.ts';
import { startHttpServer, type HttpServer } from '../process/http-server.ts';
import { metricsRoute } from '../process/metrics-route.ts';
import { createRegistry, eventLoopMetrics } from '../process/metrics.ts';
import { untilStopped } from '../process/stop-signal.ts';
import { readConfig, type WatcherConfig } from './config.ts';
import { CredentialHolds } from './credential-holds.ts';
import { Discovery, type DiscoveryDeps } from './discovery.ts';
import { watcherReadiness, type WatcherParts } from './health.ts';
import { watcherMetrics, type WatcherMetrics } from './metrics.ts';
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
/** How long a watcher that is told to stop waits for the signals that it is sending. */
const SIGNALS_END_MS = 4_000;

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
  const stop = untilStopped(() => log.error('the watcher has not stopped within 9 s; it is ended'));
  const registry = createRegistry();
  const eventLoop = startEventLoop(registry, log);
  // Without retries: a probe must not wait for them, and one that fires after the end would end the process.
  const probed = Connection.lazy({ ...connectionOptions, interceptors: [] });
  const parts: WatcherParts = { connection: probed, listed: false, leads: () => false, holder: undefined };
  // First of all: the probes must get an answer while the watcher waits for other servers.
  const server = await serve({ config, registry, eventLoop, parts, stopping: stop.signal, log });
  const transport = await openTransport();
  parts.kube = kubeClientOn(transport);
  const kinds = loadKinds(config);
  const metrics = watcherMetrics(registry, {
    leads: () => lease.isLeader,
    state: () => state,
    queue: () => sender.queue,
  });
  const state = new WatcherState(
    kinds,
    (key) => sender.keyChanged(key),
    (key) => holds.check(key),
    { operatorNamespace: config.namespace },
  );
  const sender = createSender({ config, log, client, state, metrics, leads: () => lease.isLeader });
  const isComplete = (): boolean => discovery.unlisted().length === 0;
  const holds = createHolds({ log, transport, state, leads: () => lease.isLeader, isComplete });
  const lease = createLease({ config, log, transport, sender, holds, parts });
  const onError = errorLogger(log, metrics);
  const onCorrected = metrics.corrected;
  const discovery = new Discovery({ transport, kinds, state, holds, onError, onCorrected }, config.targetNamespaces);
  parts.leads = () => lease.isLeader;
  parts.unlisted = () => discovery.unlisted();

  lease.start();
  await Promise.race([listAll(discovery, log), stop.received]);
  sender.listComplete();
  parts.listed = true;
  log.info({ resources: [...state.keys()].length, targetNamespaces: config.targetNamespaces }, 'watching');

  log.info({ signal: await stop.received }, 'stopping');
  // Wait for the signals that are being sent before another watcher may lead. It sends those that hang.
  await Promise.race([sender.stop(), sleep(SIGNALS_END_MS, undefined, { ref: false })]);
  await holds.stop();
  await lease.stop();
  await discovery.stop();
  await transport.close();
  await eventLoop.stop();
  await server?.close();
  await probed.close();
  await connection.close();
  // A signal that hangs would keep the process, or be tried again on the closed connection, which ends it with an error.
  process.exit(0);
}

/** Serves health and metrics; undefined when that is switched off. */
async function serve(
  input: Parts & { registry: Registry; eventLoop: EventLoop; parts: WatcherParts; stopping: AbortSignal },
): Promise<HttpServer | undefined> {
  const { config, registry, eventLoop, parts, stopping, log } = input;
  if (config.httpAddress === undefined) return undefined;
  const server = await startHttpServer(config.httpAddress, {
    '/livez': healthRoute('livez', livenessChecks(eventLoop)),
    '/readyz': healthRoute('readyz', watcherReadiness(parts, eventLoop, stopping)),
    '/metrics': metricsRoute(registry),
  });
  log.info({ address: server.address }, 'serving /livez, /readyz and /metrics');
  return server;
}

/** Measures the event loop. What a user notices is in the log too. */
function startEventLoop(registry: Registry, log: Logger): EventLoop {
  const record = eventLoopMetrics(registry);
  return watchEventLoop({
    name: 'watcher',
    onLag: (lag) => {
      record(lag);
      if (lag.max > 1) log.warn({ ...lag }, 'the event loop was blocked for more than 1 s; changes were seen late');
    },
    onWatchdogEnd: () => log.error('the watchdog ended: nothing ends this process if its event loop is blocked'),
  });
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
  metrics,
  leads,
}: Parts & {
  client: Client;
  state: WatcherState;
  metrics: WatcherMetrics;
  leads: () => boolean;
}): SignalSender {
  return new SignalSender({
    state,
    leads,
    syncPeriodMs: config.syncPeriodMs,
    pacePerSecond: config.pacePerSecond,
    concurrency: CONCURRENCY,
    send: async (key, signal) => {
      const because = signal.type === 'changed' ? signal.because : 'gone';
      try {
        if (signal.type === 'gone') await signalGone(client, signal.ref, signal.uid);
        else await signalChange(client, signal.ref, signal.change);
      } catch (error) {
        metrics.signalled(because, 'failed');
        throw error;
      }
      metrics.signalled(because, 'sent');
      const what = signal.type === 'changed' ? { because, ...signal.change } : { because };
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
  parts,
}: Parts & {
  transport: Transport;
  sender: SignalSender;
  holds: CredentialHolds;
  parts: WatcherParts;
}): LeaderLease {
  const about = { lease: `${config.namespace}/${LEASE}` };
  return new LeaderLease(kubeClientOn(transport), {
    namespace: config.namespace,
    name: LEASE,
    identity: holderIdentity(),
    isDead: holderIsDead,
    onLeading: () => {
      log.info(about, 'leading');
      parts.holder = undefined;
      sender.startLeading();
      holds.checkAll();
    },
    onFollowing: ({ holder, led }) => {
      parts.holder = holder;
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

function errorLogger(log: Logger, metrics: WatcherMetrics): DiscoveryDeps['onError'] {
  return (collection) =>
    ({ phase, error, retryInMs }) => {
      metrics.fault(collection, phase);
      log.warn(
        { collection, phase, retryInMs: Math.round(retryInMs), error: describeError(error) },
        'cannot list or watch the collection; retrying',
      );
    };
}

/** Only the message of a KubeError is logged: messages of other errors may quote secret values. */
function describeError(error: unknown): string {
  if (error instanceof KubeError) return error.message;
  return error instanceof Error ? error.name : 'unknown error';
}

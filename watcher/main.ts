import { setTimeout as sleep } from 'node:timers/promises';

import { Client, Connection } from '@temporalio/client';

import { kubeClientOn } from '../kube/client.ts';
import { openTransport } from '../kube/transport.ts';
import type { Logger } from '../process/log.ts';
import { createRegistry } from '../process/metrics.ts';
import { runProcess, type ProcessContext } from '../process/run-process.ts';
import { serveHealth } from '../process/serve.ts';
import { readTemporalSettings } from '../process/temporal-settings.ts';
import { readConfig } from './config.ts';
import type { Discovery } from './discovery.ts';
import { watcherReadiness, type WatcherHealth } from './health.ts';
import { createParts, LEASE, type Servers } from './parts.ts';
import { waitForCluster, waitForKinds, waitForTemporal } from './wait-for-servers.ts';

/**
 * After this time the watcher starts without the kinds that are not listed: one that cannot be listed must not block
 * the others.
 */
const LIST_TIMEOUT_MS = 15_000;
/** How long a watcher that is told to stop waits for the signals that it is sending. */
const SIGNALS_END_MS = 4_000;

/** `npm run watcher`: signals changes until SIGTERM or SIGINT. */
await runProcess('watcher', run);

async function run(context: ProcessContext): Promise<void> {
  const { stopping } = context;
  const config = readConfig(process.env);
  const place = readTemporalSettings();
  const lease = { namespace: config.namespace, name: LEASE };
  const registry = createRegistry();
  await using stack = new AsyncDisposableStack();
  const close = (it: { close(): Promise<void> }): Promise<void> => it.close();
  const connection = stack.adopt(Connection.lazy(place.options), close);
  // Without retries: a probe must not wait for them, and one that fires after the end would end the process.
  const probed = stack.adopt(Connection.lazy({ ...place.options, interceptors: [] }), close);
  const health: WatcherHealth = { temporal: place, connection: probed, listed: false, holder: undefined };
  stack.use(
    await serveHealth(context, {
      address: config.httpAddress,
      registry,
      readiness: (eventLoop) => watcherReadiness(health, eventLoop, stopping),
    }),
  );
  const transport = stack.adopt(await openTransport(), close);
  const kube = kubeClientOn(transport);
  health.kube = kube;
  await waitForTemporal(context, { connection, place });
  await waitForCluster(context, { kube, config, lease });
  const client = new Client({ connection, namespace: place.namespace });
  await watch(context, { config, transport, client, place, registry, health });
}

async function watch(context: ProcessContext, servers: Servers): Promise<void> {
  const { log, stopping } = context;
  const { config, health } = servers;
  const { state, sender, holds, lease, discovery } = createParts(log, servers);
  const stop = Promise.withResolvers<void>();
  stopping.addEventListener('abort', () => stop.resolve(), { once: true });
  if (stopping.aborted) stop.resolve();
  lease.start();
  await Promise.race([listAll(discovery, log), stop.promise]);
  sender.listComplete();
  health.listed = true;
  const { targetNamespaces } = config;
  log.info({ kinds: discovery.kindCount, resources: [...state.keys()].length, targetNamespaces }, 'watching');
  // Rejects only because the watcher stops.
  void waitForKinds(context, discovery).catch(() => undefined);
  await stop.promise;
  // Wait for the signals that are being sent before another watcher may lead. It sends those that hang.
  await Promise.race([sender.stop(), sleep(SIGNALS_END_MS, undefined, { ref: false })]);
  await holds.stop();
  await lease.stop();
  await discovery.stop();
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

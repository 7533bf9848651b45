import { setTimeout as sleep } from 'node:timers/promises';

import { Client, Connection } from '@temporalio/client';

import { kubeClientOn } from '../kube/client.ts';
import { openTransport } from '../kube/transport.ts';
import type { Logger } from '../process/log.ts';
import { runProcess, type ProcessContext } from '../process/run-process.ts';
import { readTemporalSettings } from '../process/temporal-settings.ts';
import { readConfig } from './config.ts';
import type { Discovery } from './discovery.ts';
import { createParts, LEASE, type Servers } from './parts.ts';
import { waitForCluster, waitForKinds, waitForTemporal } from './wait-for-servers.ts';

/**
 * After this time the watcher starts without the kinds that are not listed: one that cannot be listed must not block
 * the others.
 */
const LIST_TIMEOUT_MS = 15_000;

/** `npm run watcher`: signals changes until SIGTERM or SIGINT. */
await runProcess('watcher', run);

async function run(context: ProcessContext): Promise<void> {
  const config = readConfig(process.env);
  const place = readTemporalSettings();
  const lease = { namespace: config.namespace, name: LEASE };
  const connection = Connection.lazy(place.options);
  const transport = await openTransport();
  try {
    await waitForTemporal(context, { connection, place });
    await waitForCluster(context, { kube: kubeClientOn(transport), targetNamespaces: config.targetNamespaces, lease });
    await watch(context, { config, transport, client: new Client({ connection, namespace: place.namespace }), place });
  } finally {
    await transport.close();
    await connection.close();
  }
}

async function watch(context: ProcessContext, servers: Servers): Promise<void> {
  const { log, stopping } = context;
  const { config } = servers;
  const { state, sender, holds, lease, discovery } = createParts(log, servers);
  const stop = Promise.withResolvers<void>();
  stopping.addEventListener('abort', () => stop.resolve(), { once: true });
  if (stopping.aborted) stop.resolve();
  lease.start();
  await Promise.race([listAll(discovery, log), stop.promise]);
  sender.listComplete();
  const { targetNamespaces } = config;
  log.info({ kinds: discovery.kindCount, resources: [...state.keys()].length, targetNamespaces }, 'watching');
  // Rejects only because the watcher stops.
  void waitForKinds(context, discovery).catch(() => undefined);
  await stop.promise;
  // Wait for the signals that are being sent before another watcher may lead.
  await sender.stop();
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

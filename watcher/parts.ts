import type { Client } from '@temporalio/client';
import type { Registry } from 'prom-client';

import { loadKinds } from '../kinds/load.ts';
import { kubeClientOn } from '../kube/client.ts';
import type { KubeClient } from '../kube/contract.ts';
import { LeaderLease } from '../kube/lease.ts';
import { holderIdentity, holderIsDead } from '../kube/lease-holder.ts';
import type { Transport } from '../kube/transport.ts';
import type { Logger } from '../process/log.ts';
import type { TemporalPlace } from '../process/temporal-problem.ts';
import type { WatcherConfig } from './config.ts';
import { CredentialHolds } from './credential-holds.ts';
import { Discovery, type DiscoveryDeps } from './discovery.ts';
import type { WatcherHealth } from './health.ts';
import { watcherMetrics, type WatcherMetrics } from './metrics.ts';
import { signalChange, signalGone } from './signal.ts';
import { WatcherState } from './state.ts';
import { SignalSender, type SignalSenderOptions } from './signal-sender.ts';
import { createWatcherLog, type WatcherLog } from './watcher-log.ts';

/** The name of the Lease by which one watcher leads. */
export const LEASE = 'azure-temporal-operator-watcher';
/** How many signals are sent at the same time. */
const CONCURRENCY = 20;

/** What the watcher is connected to, and its settings. */
export interface Servers {
  readonly config: WatcherConfig;
  readonly transport: Transport;
  readonly client: Client;
  readonly place: TemporalPlace;
  readonly registry: Registry;
  /** For `/readyz`. */
  readonly health: WatcherHealth;
}

/** The parts of the watcher, which know each other. Nothing has started yet. */
export interface Parts {
  readonly state: WatcherState;
  readonly sender: SignalSender;
  readonly holds: CredentialHolds;
  readonly lease: LeaderLease;
  readonly discovery: Discovery;
}

export function createParts(log: Logger, servers: Servers): Parts {
  const { config, transport, client, place, registry, health } = servers;
  const kube = kubeClientOn(transport);
  const lines = createWatcherLog(log, { temporal: place, lease: `${config.namespace}/${LEASE}` });
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
  const sender: SignalSender = new SignalSender({
    state,
    leads: () => lease.isLeader,
    syncPeriodMs: config.syncPeriodMs,
    pacePerSecond: config.pacePerSecond,
    concurrency: CONCURRENCY,
    send: sendSignal({ client, metrics, lines }),
    onFailure: lines.cannotSignal,
  });
  const holds: CredentialHolds = new CredentialHolds({
    kube,
    leads: () => lease.isLeader,
    isComplete: () => discovery.unlisted().length === 0,
    needOf: (key) => state.credentialNeed(key),
    onReleased: lines.released,
    onFailure: lines.cannotRelease,
  });
  const lease: LeaderLease = createLease(kube, { config, health, lines, sender, holds });
  const onError: DiscoveryDeps['onError'] = (collection) => {
    const say = lines.cannotWatch(collection);
    return (fault) => {
      metrics.fault(collection, fault.phase);
      say(fault);
    };
  };
  const onCorrected = metrics.corrected;
  const deps = { transport, kinds, state, holds, onError, onCorrected };
  const discovery: Discovery = new Discovery(deps, config);
  health.leads = () => lease.isLeader;
  health.unlisted = () => discovery.unlisted();
  return { state, sender, holds, lease, discovery };
}

function sendSignal({
  client,
  metrics,
  lines,
}: {
  client: Client;
  metrics: WatcherMetrics;
  lines: WatcherLog;
}): SignalSenderOptions['send'] {
  return async (key, signal) => {
    const because = signal.type === 'changed' ? signal.because : 'gone';
    try {
      if (signal.type === 'gone') await signalGone(client, signal.ref, signal.uid);
      else await signalChange(client, signal.ref, signal.change);
    } catch (error) {
      metrics.signalled(because, 'failed');
      throw error;
    }
    metrics.signalled(because, 'sent');
    lines.signalled(key, signal);
  };
}

function createLease(
  kube: KubeClient,
  {
    config,
    health,
    lines,
    sender,
    holds,
  }: Pick<Servers, 'config' | 'health'> & Pick<Parts, 'sender' | 'holds'> & { lines: WatcherLog },
): LeaderLease {
  return new LeaderLease(kube, {
    namespace: config.namespace,
    name: LEASE,
    identity: holderIdentity(),
    isDead: holderIsDead,
    onLeading: () => {
      health.holder = undefined;
      lines.leading();
      sender.startLeading();
      holds.checkAll();
    },
    onFollowing: (now) => {
      health.holder = now.holder;
      sender.stopLeading();
      lines.following(now);
    },
    onError: lines.cannotLead,
  });
}

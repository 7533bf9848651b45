import type { Client } from '@temporalio/client';

import { loadKinds } from '../kinds/load.ts';
import { kubeClientOn } from '../kube/client.ts';
import { LeaderLease } from '../kube/lease.ts';
import { holderIdentity, holderIsDead } from '../kube/lease-holder.ts';
import type { Transport } from '../kube/transport.ts';
import type { Logger } from '../process/log.ts';
import type { TemporalPlace } from '../process/temporal-problem.ts';
import type { WatcherConfig } from './config.ts';
import { CredentialHolds } from './credential-holds.ts';
import { Discovery } from './discovery.ts';
import { signalChange, signalGone } from './signal.ts';
import { WatcherState } from './state.ts';
import { SignalSender } from './signal-sender.ts';
import { createWatcherLog } from './watcher-log.ts';

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
}

/** The parts of the watcher, which know each other. Nothing has started yet. */
export interface Parts {
  readonly state: WatcherState;
  readonly sender: SignalSender;
  readonly holds: CredentialHolds;
  readonly lease: LeaderLease;
  readonly discovery: Discovery;
}

export function createParts(log: Logger, { config, transport, client, place }: Servers): Parts {
  const kube = kubeClientOn(transport);
  const lines = createWatcherLog(log, { temporal: place, lease: `${config.namespace}/${LEASE}` });
  const kinds = loadKinds(config);
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
    send: async (key, signal) => {
      if (signal.type === 'gone') await signalGone(client, signal.ref, signal.uid);
      else await signalChange(client, signal.ref, signal.change);
      lines.signalled(key, signal);
    },
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
  const lease: LeaderLease = new LeaderLease(kube, {
    namespace: config.namespace,
    name: LEASE,
    identity: holderIdentity(),
    isDead: holderIsDead,
    onLeading: () => {
      lines.leading();
      sender.startLeading();
      holds.checkAll();
    },
    onFollowing: (now) => {
      sender.stopLeading();
      lines.following(now);
    },
    onError: lines.cannotLead,
  });
  const onError = lines.cannotWatch;
  const discovery: Discovery = new Discovery({ transport, kinds, state, holds, onError }, config.targetNamespaces);
  return { state, sender, holds, lease, discovery };
}

import { titleOf } from '../contract/resource-ref.ts';
import { KubeError } from '../kube/errors.ts';
import type { LeaseOptions } from '../kube/lease.ts';
import { kubeProblem } from '../kube/problem.ts';
import type { Logger } from '../process/log.ts';
import { onceAMinute } from '../process/once-a-minute.ts';
import { temporalProblem, type TemporalPlace } from '../process/temporal-problem.ts';
import type { CredentialHoldsOptions } from './credential-holds.ts';
import type { DiscoveryDeps } from './discovery.ts';
import type { SignalSenderOptions } from './signal-sender.ts';
import type { PendingSignal } from './state.ts';

type Failure = Parameters<SignalSenderOptions['onFailure']>[0];

/** The lines of the watcher: what each of its parts reports. A failure that lasts is said once a minute. */
export interface WatcherLog {
  signalled(key: string, signal: PendingSignal): void;
  readonly cannotSignal: SignalSenderOptions['onFailure'];
  readonly released: CredentialHoldsOptions['onReleased'];
  readonly cannotRelease: CredentialHoldsOptions['onFailure'];
  leading(): void;
  readonly following: LeaseOptions['onFollowing'];
  readonly cannotLead: LeaseOptions['onError'];
  readonly cannotWatch: DiscoveryDeps['onError'];
}

export function createWatcherLog(
  log: Logger,
  { temporal, lease }: { temporal: TemporalPlace; lease: string },
): WatcherLog {
  const isNew = onceAMinute();
  const describe = (error: unknown): string => temporalProblem(error, temporal) ?? describeKubeError(error);
  const failed = (fact: string, what: string, { key, failures, retryInMs, error }: Failure): void => {
    const why = describe(error);
    const fields = { ...(fact === 'signal' ? { workflowId: key } : { secret: key }), failures, retryInMs };
    log[isNew(`${fact} ${why}`) ? 'warn' : 'debug'](fields, `${what}: ${why}; retrying`);
  };
  return {
    signalled: (key, signal) => log[isResync(signal) ? 'debug' : 'info'](signalFields(key, signal), 'signalled'),
    cannotSignal: (failure) => failed('signal', 'cannot signal this workflow, and perhaps others', failure),
    released: (secret) => log.info({ secret }, 'released the credential Secret: no resource needs it any more'),
    cannotRelease: (failure) => failed('release', 'cannot release this credential Secret, and perhaps others', failure),
    leading: () => log.info({ lease }, 'leading'),
    following: ({ holder, led }) => {
      const lost = 'no longer leading: the Lease could not be renewed in time, or another watcher took it';
      if (led) log.warn({ lease, holder }, lost);
      else if (holder !== undefined) log.info({ lease, holder }, 'following: another watcher leads');
    },
    cannotLead: (error) => log.warn({ lease }, `cannot read or write the Lease: ${describe(error)}; retrying`),
    cannotWatch:
      (collection) =>
      ({ phase, error, retryInMs }) => {
        const why = describe(error);
        // That the API server cannot be reached is one fact, however many collections are watched.
        const fact = error instanceof KubeError && error.status === 0 ? error.reason : `${collection} ${why}`;
        // An expired version of a watch is listed anew at once: that is how watches work.
        const isRoutine = retryInMs === 0 && phase !== 'handler';
        const level = !isRoutine && isNew(fact) ? 'warn' : 'debug';
        log[level]({ collection, phase, retryInMs: Math.round(retryInMs) }, `cannot list or watch: ${why}; retrying`);
      },
  };
}

/** A resync finds mostly nothing; what it finds, the worker logs. */
function isResync(signal: PendingSignal): boolean {
  return signal.type === 'changed' && signal.because === 'resync';
}

function signalFields(workflowId: string, signal: PendingSignal): Record<string, unknown> {
  const about = { resource: titleOf(signal.ref), workflowId };
  if (signal.type === 'gone') return { ...about, because: 'gone', uid: signal.uid };
  const { uid, generation, deleting } = signal.change;
  return { ...about, because: signal.because, uid, generation, deleting };
}

/** Messages of other errors than our own may quote secret values. */
function describeKubeError(error: unknown): string {
  if (error instanceof KubeError) return kubeProblem(error) ?? error.message;
  return error instanceof Error ? error.name : 'unknown error';
}

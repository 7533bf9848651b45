import type { Change } from '../contract/signals.ts';

/**
 * Why the workflow of a resource is signalled. `changed`: its facts differ from those that the last reconcile handled.
 * `dependencies`: something changed that it may be waiting for or may have failed because of. `destination`: an object
 * that it exports to was deleted. `resync`: its resync is due.
 */
export type SignalReason = 'changed' | 'dependencies' | 'destination' | 'resync';

export interface SignalState {
  readonly change: Pick<Change, 'fingerprint' | 'dependencies'>;
  /** The facts that this process sent last; undefined when it has sent none. */
  readonly signalled: Pick<Change, 'fingerprint' | 'dependencies'> | undefined;
  /** The fingerprint that the last reconcile handled and stored. */
  readonly handledFingerprint: string | undefined;
  readonly ready: boolean;
  /** A resync is due. */
  readonly due: boolean;
  /** An object that the operator wrote for it does not exist any more. */
  readonly exportMissing: boolean;
}

/** Returns undefined when no signal is needed. */
export function reasonToSignal(state: SignalState): SignalReason | undefined {
  const { change, signalled, handledFingerprint, ready, due, exportMissing } = state;
  const isHandled = handledFingerprint === change.fingerprint;
  // Send an edit that was reverted too: the current fingerprint was handled before, but a run may be open for the edit.
  if (signalled ? signalled.fingerprint !== change.fingerprint : !isHandled) return 'changed';
  if (due) return 'resync';
  // Do not signal an open run about its own destinations: it is about to write them. If it does not, it is signalled
  // after it has ended.
  if (isHandled && exportMissing) return 'destination';
  // A change of dependencies matters to a run that waits and to a failed one, but not to a Ready resource.
  if (isHandled && ready) return undefined;
  return signalled && signalled.dependencies !== change.dependencies ? 'dependencies' : undefined;
}

import type { Change } from '../contract/signals.ts';

/**
 * Why a resource is told. `changed`: it wants something that no reconcile has dealt with. `dependencies`: something that it may wait for or has failed for
 * has changed. `destination`: an object that it exports to was deleted. `resync`: its turn has come.
 */
export type Reason = 'changed' | 'dependencies' | 'destination' | 'resync';

export interface Standing {
  readonly change: Pick<Change, 'fingerprint' | 'dependencies'>;
  /** What it was told last by this process; undefined: nothing yet. */
  readonly told: Pick<Change, 'fingerprint' | 'dependencies'> | undefined;
  /** The fingerprint that its last reconcile has dealt with. */
  readonly dealtWith: string | undefined;
  readonly ready: boolean;
  /** A resync is due. */
  readonly due: boolean;
  /** An object that was written for it is not there any more. */
  readonly exportMissing: boolean;
}

/** Undefined: it need not be told. */
export function reasonToTell(standing: Standing): Reason | undefined {
  const { change, told, dealtWith, ready, due, exportMissing } = standing;
  const isDealtWith = dealtWith === change.fingerprint;
  // Also where the present facts were dealt with once: a run may be open that was told others since.
  if (told ? told.fingerprint !== change.fingerprint : !isDealtWith) return 'changed';
  if (due) return 'resync';
  // A run that is open is told nothing of its own destinations: it is about to write them, or will be found to have missed one when it ends.
  if (isDealtWith && exportMissing) return 'destination';
  // What it depends on matters to a run that waits and to one that has failed, not to a resource that is Ready.
  if (isDealtWith && ready) return undefined;
  return told && told.dependencies !== change.dependencies ? 'dependencies' : undefined;
}

import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { ResourceRef } from './resource-ref.ts';

/**
 * What the watcher tells a resource's workflow: facts, not commands. Small enough to travel with every change, and free
 * of secret values.
 */
export interface Change {
  /** metadata.uid: a new uid under an old name is a new resource. */
  readonly uid: string;
  readonly generation: number;
  readonly deleting: boolean;
  /**
   * What the resource wants: generation, deletion, the annotations that change behaviour (its own and its namespace's)
   * and the resourceVersions of the Secrets and ConfigMaps that its spec names. A reconcile stores the fingerprint that
   * it has dealt with on the resource; the same one does not wake it.
   */
  readonly fingerprint: string;
  /**
   * The state of what the resource depends on but does not describe: its owner and references (exists, Ready, ARM id),
   * its credential Secrets, and which of its destinations are foreign objects. It matters only to a run that waits,
   * that is in a back-off, or that has failed.
   */
  readonly dependencies: string;
}

/** The resource, or something that it depends on, is not what it was. */
export const changed = defineSignal<[Change], 'changed'>('changed');
/** Try now, whatever the back-off says. */
export const retry = defineSignal<[], 'retry'>('retry');

/** Why an attempt at a step failed; undefined once an attempt went well again. */
export interface Trouble {
  readonly step: string;
  readonly attempt: number;
  readonly reason: string;
  readonly message: string;
}
/**
 * Sent by a step's own attempt. Temporal keeps the failures of attempts to itself; this makes them visible to the run,
 * its search attributes and its query.
 */
export const attemptFailed = defineSignal<[Trouble | null], 'attemptFailed'>('attemptFailed');

/** The answer to the `progress` query: how far the reconcile is. */
export interface Progress {
  readonly state: string;
  readonly step: string | null;
  readonly since: string;
  readonly generation: number;
  readonly azureResourceId: string | null;
  readonly waitingFor: string | null;
  readonly lastError: { readonly reason: string; readonly message: string } | null;
}
export const progress = defineQuery<Progress>('progress');

/**
 * The input of a run. A run keeps nothing for the next one: what outlives it stands on the resource
 * (`stored-state.ts`).
 */
export interface AzureResourceInput {
  readonly ref: ResourceRef;
  /** Given when a run that waits for long continues as new: what it was told last. */
  readonly told?: Change;
}

/** The result of a run that completed. */
export interface ReconcileResult {
  readonly state: 'Ready' | 'Deleted';
  readonly generation: number;
  readonly azureResourceId: string | null;
}

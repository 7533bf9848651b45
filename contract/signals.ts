import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { ResourceRef } from './resource-ref.ts';

/**
 * The facts that the watcher sends to a resource's workflow. They are facts, not commands, contain no secret value, and
 * are small enough to be sent with every change.
 */
export interface Change {
  /** metadata.uid: a new uid under an old name is a new resource. */
  readonly uid: string;
  readonly generation: number;
  readonly deleting: boolean;
  /**
   * Covers the desired state: generation, deletion, the annotations that change behaviour (on the resource and on its
   * namespace) and the resourceVersions of the Secrets and ConfigMaps that the spec refers to. A reconcile stores the
   * fingerprint that it handled on the resource; the same fingerprint does not start another reconcile.
   */
  readonly fingerprint: string;
  /**
   * Covers the dependencies: owner and references (exists, Ready, ARM id), credential Secrets, and which destinations
   * are foreign objects. A change matters only to a run that waits or is in a back-off, and to a resource whose run
   * failed.
   */
  readonly dependencies: string;
}

/** Sent by the watcher: the resource or one of its dependencies changed. */
export const changed = defineSignal<[Change], 'changed'>('changed');
/** Retry now, regardless of a back-off. */
export const retry = defineSignal<[], 'retry'>('retry');

/** Why an attempt at a step failed. */
export interface FailedAttempt {
  readonly step: string;
  readonly attempt: number;
  readonly reason: string;
  readonly message: string;
}
/**
 * Sent by the activity itself when an attempt fails; null when an attempt succeeds after that. Temporal does not report
 * failed attempts to the workflow; this signal makes them visible in the run, its search attributes and its query.
 */
export const attemptFailed = defineSignal<[FailedAttempt | null], 'attemptFailed'>('attemptFailed');

/** The answer to the query `progress`. */
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
 * The input of a run. A run keeps nothing for the next one: what must outlive it is stored on the resource
 * (`stored-state.ts`).
 */
export interface AzureResourceInput {
  readonly ref: ResourceRef;
  /** The last facts received; set only when a run that waits for long continues as new. */
  readonly told?: Change;
}

/** The result of a run that completed. */
export interface ReconcileResult {
  readonly state: 'Ready' | 'Deleted';
  readonly generation: number;
  readonly azureResourceId: string | null;
}

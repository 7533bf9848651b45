/**
 * The steps of a reconcile as the workflow sees them: what goes in, what comes out. Nothing here ever holds a secret
 * value: inputs and keys are named, versioned and fingerprinted; values that must cross from one step to the next
 * travel sealed.
 */
import type { Applied, ExportedObject, StepOrder } from './stored-state.ts';
import type { ResourceRef } from './resource-ref.ts';
import type { OwnReason } from '../azure/reasons.ts';
import type { JsonObject } from '../kinds/contract.ts';

export type { JsonObject, OwnReason };

/** What every step after the first needs to find its resource, in Kubernetes and in Azure. */
export interface Target {
  readonly ref: ResourceRef;
  readonly uid: string;
  readonly generation: number;
  readonly armId: string;
  readonly apiVersion: string;
}

/** Every step's input says also which step of which run it is, so that it never overwrites what a later one wrote. */
export interface Step {
  readonly order: StepOrder;
}

/** An input that was read, without its value. `fingerprint` is keyed: a guess cannot be checked against it. */
export interface InputFact {
  readonly path: string;
  readonly name: string;
  readonly key?: string;
  readonly resourceVersion: string;
  readonly fingerprint: string;
}

/** What a run waits for: a reason of the table, and a sentence. */
export interface Wait {
  readonly reason: OwnReason;
  readonly message: string;
}

/** What a reconcile is to do. */
export type Plan =
  | { readonly action: 'gone' }
  | ({ readonly action: 'wait'; readonly uid: string; readonly generation: number } & Wait)
  | { readonly action: 'detach'; readonly uid: string; readonly generation: number }
  /** `operation`: a deletion is running already. */
  | { readonly action: 'delete'; readonly target: Target; readonly operation: boolean }
  | {
      readonly action: 'apply' | 'observe';
      readonly target: Target;
      readonly inputs: readonly InputFact[];
      /** Whether the spec asks for Secrets or ConfigMaps, or an earlier one did. */
      readonly exports: boolean;
      /** An operation of an earlier run, or of a spec that has changed since, is running: it is followed first. */
      readonly operation: boolean;
    };

/**
 * Azure gave up for a reason that may pass: the reconcile starts again after the delay, or as soon as something
 * changes.
 */
export interface Setback {
  readonly result: 'failed';
  /** A reason of the table, or a code of ARM. */
  readonly reason: string;
  readonly message: string;
  readonly delayMs: number;
}

export type ApplyResult =
  /** Azure has taken this generation with these inputs. `status`: what it answers now. */
  | {
      readonly result: 'accepted';
      readonly status: JsonObject;
      /** Null for a resource that is only observed. */
      readonly applied: Applied | null;
      /** Wire paths that were sent once more and that Azure keeps as they are. */
      readonly kept: readonly string[];
    }
  /** Azure works on it; the operation stands on the resource. */
  | { readonly result: 'operation' }
  | Setback
  /** The resource was replaced or removed meanwhile: read it again. */
  | { readonly result: 'superseded' };

export type PollResult =
  | Exclude<ApplyResult, { result: 'operation' }>
  /** The operation is over, but it applied something other than what is wanted now, or something unknown: compare. */
  | { readonly result: 'ended' }
  /** The operation takes longer than usual: poll on with the patient options. */
  | { readonly result: 'running' };

export type DeleteResult =
  | { readonly result: 'gone' }
  | { readonly result: 'operation' }
  /** It cannot be deleted as things are; only a change helps. */
  | ({ readonly result: 'wait' } & Wait);

export type PollDeletionResult =
  | { readonly result: 'gone' }
  /** An operation is over, and the resource may still be there: delete again. */
  | { readonly result: 'again' }
  | { readonly result: 'running' }
  | Setback;

export interface Activities {
  /** Reads the resource and all it refers to, and claims it: finalizer and ARM id are stored before Azure is called. */
  resolveInputs(input: Step & { ref: ResourceRef }): Promise<Plan>;
  /**
   * Compares with Azure and sends the whole desired state if something differs. `failures`: how often Azure has given
   * up in this run, for the back-off.
   */
  createOrUpdate(input: Step & { target: Target; observe: boolean; failures: number }): Promise<ApplyResult>;
  /**
   * Follows the stored operation to its end, and compares once more. `patient`: the operation is old, so it may wait
   * for its turn in the poll budget.
   */
  pollProvisioning(input: Step & { target: Target; failures: number; patient: boolean }): Promise<PollResult>;
  /** Fetches what the spec wants exported. `sealed` can be opened by `writeSecrets` of the same workflow only. */
  fetchKeys(input: Step & { target: Target }): Promise<{ sealed: string }>;
  writeSecrets(input: Step & { target: Target; sealed: string }): Promise<{ exported: readonly ExportedObject[] }>;
  /** Writes the status, `Ready=True` and what is stored, in one request. */
  patchReady(
    input: Step & {
      target: Target;
      status: JsonObject;
      fingerprint: string | null;
      applied: Applied | null;
      exported: readonly ExportedObject[] | null;
    },
  ): Promise<void>;
  deleteResource(input: Step & { target: Target }): Promise<DeleteResult>;
  pollDeletion(input: Step & { target: Target; failures: number; patient: boolean }): Promise<PollDeletionResult>;
  releaseFinalizer(input: Step & { ref: ResourceRef; uid: string }): Promise<void>;
  /** `uid` is null when the resource could not be read at all. */
  reportFailure(
    input: Step & {
      ref: ResourceRef;
      uid: string | null;
      generation: number;
      fingerprint: string | null;
      reason: string;
      message: string;
    },
  ): Promise<void>;
}

/**
 * The inputs and results of the steps of a reconcile. They never contain a secret value: inputs and keys are identified
 * by name, version and fingerprint; values that must pass from one step to the next are sealed.
 */
import type { Applied, Claim, ExportedObject, StepOrder } from './stored-state.ts';
import type { ResourceRef } from './resource-ref.ts';
import type { OwnReason } from '../azure/reasons.ts';
import type { JsonObject } from '../kinds/contract.ts';

export type { JsonObject, OwnReason };

/** The Temporal server attempts a step again after at most so long, whatever delay the step asks for. */
export const LONGEST_RETRY_DELAY_MS = 2 * 60 * 60_000;

/** Identifies the resource, in Kubernetes and in Azure, for every step after the first. */
export interface Target {
  readonly ref: ResourceRef;
  readonly uid: string;
  readonly generation: number;
  readonly armId: string;
  readonly apiVersion: string;
  /** What `resolveInputs` accepted. Absent in runs of releases that did not have it. */
  readonly claim?: Claim;
}

/**
 * Part of every step's input: identifies the step and its run, so that a step never overwrites what a later step wrote.
 */
export interface Step {
  readonly order: StepOrder;
}

/**
 * An input that was read, without its value. `fingerprint` is keyed, so that nobody can verify a guessed value with it.
 */
export interface InputFact {
  readonly path: string;
  readonly name: string;
  readonly key?: string;
  readonly resourceVersion: string;
  readonly fingerprint: string;
}

/** What a run waits for: a reason of `azure/reasons.ts`, and a sentence for the user. */
export interface Wait {
  readonly reason: OwnReason;
  readonly message: string;
}

/** The result of `resolveInputs`: what the reconcile has to do. */
export type Plan =
  | { readonly action: 'gone' }
  | ({ readonly action: 'wait'; readonly uid: string; readonly generation: number } & Wait)
  | { readonly action: 'detach'; readonly uid: string; readonly generation: number }
  /** `operation`: a deletion is already running. */
  | { readonly action: 'delete'; readonly target: Target; readonly operation: boolean }
  | {
      readonly action: 'apply' | 'observe';
      readonly target: Target;
      readonly inputs: readonly InputFact[];
      /** Whether the spec exports Secrets or ConfigMaps, or an earlier one did. */
      readonly exports: boolean;
      /** An operation of an earlier run, or of an earlier spec, is running; it is followed first. */
      readonly operation: boolean;
    };

/**
 * Azure failed for a reason that may pass. The reconcile starts again after the delay, or as soon as something changes.
 */
export interface TemporaryFailure {
  readonly result: 'failed';
  /** A reason of `azure/reasons.ts`, or an error code of ARM. */
  readonly reason: string;
  readonly message: string;
  readonly delayMs: number;
}

export type ApplyResult =
  /** Azure accepted this generation with these inputs. `status`: the resource as Azure returns it now. */
  | {
      readonly result: 'accepted';
      readonly status: JsonObject;
      /** Null for a resource that is only observed (policy `skip`). */
      readonly applied: Applied | null;
      /** ARM property paths whose value Azure keeps although this reconcile sent another one once more. */
      readonly kept: readonly string[];
    }
  /** Azure is working on it; the operation is stored on the resource. */
  | { readonly result: 'operation' }
  | TemporaryFailure
  /** The resource was replaced or removed during the reconcile: read it again. */
  | { readonly result: 'superseded' };

export type PollResult =
  | Exclude<ApplyResult, { result: 'operation' }>
  /** The operation ended, but it applied another payload than the current one, or an unknown one: compare again. */
  | { readonly result: 'ended' }
  /** The operation takes longer than usual: continue with `patient: true`. */
  | { readonly result: 'running' };

export type DeleteResult =
  | { readonly result: 'gone' }
  | { readonly result: 'operation' }
  /** It cannot be deleted until something changes. */
  | ({ readonly result: 'wait' } & Wait);

export type PollDeletionResult =
  | { readonly result: 'gone' }
  /** An operation ended, and the resource may still exist: send the deletion again. */
  | { readonly result: 'again' }
  | { readonly result: 'running' }
  | TemporaryFailure;

export interface Activities {
  /**
   * Reads the resource and everything it refers to, and claims it: finalizer and ARM id are stored before Azure is
   * called.
   */
  resolveInputs(input: Step & { ref: ResourceRef }): Promise<Plan>;
  /**
   * Compares the desired state with Azure and sends all of it if something differs. `failures`: the number of temporary
   * failures in this run, for the back-off.
   */
  createOrUpdate(input: Step & { target: Target; observe: boolean; failures: number }): Promise<ApplyResult>;
  /**
   * Follows the stored operation to its end, then compares. `patient`: the operation is old, so its polls wait for
   * their turn in the poll budget.
   */
  pollProvisioning(input: Step & { target: Target; failures: number; patient: boolean }): Promise<PollResult>;
  /** Fetches the values that the spec exports. Only `writeSecrets` of the same workflow can open `sealed`. */
  fetchKeys(input: Step & { target: Target }): Promise<{ sealed: string }>;
  writeSecrets(input: Step & { target: Target; sealed: string }): Promise<{ exported: readonly ExportedObject[] }>;
  /** Writes the status, `Ready=True` and the stored state in one request. */
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
  /** `uid` is null when the resource could not be read. */
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

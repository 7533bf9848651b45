/**
 * The steps of a reconcile as the workflow sees them: what goes in, what comes out. Nothing here ever holds a secret value: inputs and keys are named,
 * versioned and fingerprinted; values that must cross from one step to the next travel sealed.
 */
import type { Applied, ExportedObject, ResourceRef } from '../workflows/signals.ts';
import type { JsonObject } from '../kinds/contract.ts';

export type { JsonObject };

/** What every step after the first needs to find its resource, in Kubernetes and in Azure. */
export interface Target {
  readonly ref: ResourceRef;
  readonly uid: string;
  readonly generation: number;
  readonly armId: string;
  readonly apiVersion: string;
}

/** An input that was read, without its value. `fingerprint` is keyed: a guess cannot be checked against it. */
export interface InputFact {
  readonly path: string;
  readonly name: string;
  readonly key?: string;
  readonly resourceVersion: string;
  readonly fingerprint: string;
}

/** What a reconcile is to do. */
export type Plan =
  | { readonly action: 'gone' }
  | { readonly action: 'wait'; readonly generation: number; readonly reason: string; readonly message: string }
  | { readonly action: 'detach'; readonly uid: string; readonly generation: number }
  | { readonly action: 'delete'; readonly target: Target }
  | {
      readonly action: 'apply' | 'observe';
      readonly target: Target;
      readonly inputs: readonly InputFact[];
      /** Whether the spec asks for Secrets or ConfigMaps. */
      readonly exports: boolean;
      /** Milliseconds until Azure is looked at again without a cause; null: never. */
      readonly resyncMs: number | null;
    };

export type ApplyResult =
  | { readonly result: 'unchanged' | 'done'; readonly status: JsonObject; readonly applied: Applied | null }
  | {
      readonly result: 'operation';
      readonly operation: string;
      readonly applied: Applied | null;
      /** The drifted fields that this PUT is to bring back, as paths of the payload. */
      readonly corrects?: readonly string[];
    }
  /** The resource was replaced or removed meanwhile: read it again. */
  | { readonly result: 'superseded' };

/** `failed`: Azure gave up on the operation for a reason that may pass; the desired state is sent again after the delay. */
export type PollResult =
  /** `settled`: of `corrects`, what Azure left as it has it. */
  | { readonly status: JsonObject; readonly settled?: readonly string[] }
  | { readonly failed: { readonly reason: string; readonly message: string; readonly delayMs: number } };

export interface Activities {
  /** Reads the resource and all it refers to, and claims it: finalizer and ARM id are stored before Azure is called. */
  resolveInputs(input: { ref: ResourceRef }): Promise<Plan>;
  /** Compares with Azure and sends the whole desired state if something differs. */
  createOrUpdate(input: { target: Target; applied?: Applied; observe?: boolean }): Promise<ApplyResult>;
  /** Follows an operation to its end; then the answer of one GET. */
  pollProvisioning(input: {
    target: Target;
    operation: string;
    failures: number;
    corrects?: readonly string[];
  }): Promise<PollResult>;
  /** Fetches what the spec wants exported. `sealed` can be opened by `writeSecrets` of the same workflow only. */
  fetchKeys(input: { target: Target }): Promise<{ sealed: string; fields: string[] }>;
  writeSecrets(input: {
    target: Target;
    sealed?: string;
    previous: readonly ExportedObject[];
  }): Promise<{ written: ExportedObject[] }>;
  /** Writes the status and `Ready=True`. */
  patchReady(input: { target: Target; status: JsonObject }): Promise<void>;
  /** `wait`: it cannot be deleted as things are. */
  deleteResource(input: {
    target: Target;
  }): Promise<{ operation?: string; wait?: { reason: string; message: string } }>;
  pollDeletion(input: { target: Target; operation: string }): Promise<void>;
  releaseFinalizer(input: { ref: ResourceRef; uid: string }): Promise<void>;
  reportFailure(input: { ref: ResourceRef; generation: number; reason: string; message: string }): Promise<void>;
}

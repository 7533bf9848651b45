/**
 * The state that outlives a run. It is stored on the resource, in an object of its own inside `status`, and is written
 * in one request with the condition. So a terminated or failed run, or the loss of Temporal's database, causes no
 * second PUT and leaves no orphaned resource in Azure.
 */

/** The name of the object inside `status`. No kind has a status field of this name; a test checks all kinds. */
export const STORED_STATE = 'azureTemporalOperator';

export interface StoredState {
  /**
   * The uid of the resource that this state belongs to. When a backup was restored under another uid, the state is
   * ignored.
   */
  readonly uid: string;
  /**
   * `Change.fingerprint` that the last reconcile handled: the resource became Ready, or the reconcile failed and only a
   * change can help.
   */
  readonly fingerprint?: string;
  /** The payload that Azure accepted last. */
  readonly applied?: Applied;
  /** The digest of an update that was sent and not answered: Azure may have either this payload or still `applied`. */
  readonly sending?: string;
  /** An operation that Azure accepted and whose end was not observed yet. */
  readonly operation?: StoredOperation;
  /** The destination objects that were written. One that the spec no longer names is cleaned up by this list. */
  readonly exported?: readonly ExportedObject[];
  /** What the operator accepted when it claimed the resource, as of the last run that wrote the status. */
  readonly claim?: Claim;
  /** The workflow id of the resource that manages the same resource in Azure. This one waits until that one lets go. */
  readonly blockedBy?: string;
  /** Azure refused every PUT so far, and the resource did not exist: `azureName` and `owner` may still be changed. */
  readonly refused?: true;
  /** The workflow id, for people: `kubectl get -o wide` shows it. Absent in the state of earlier releases. */
  readonly workflowId?: string;
  /**
   * ISO 8601, for people: when a step that failed, or the reconcile, is attempted again. Absent if that is soon, and if
   * nothing is planned.
   */
  readonly nextAttempt?: string;
  /** The step that wrote this state. A write of an earlier step never replaces it. */
  readonly order: StepOrder;
}

/**
 * Orders the steps of all runs of one resource: by the time at which the workflow scheduled them (the Temporal server's
 * clock, in ms since the epoch), then by their number in the run. The start of the run would not do: a run that was
 * reset keeps the start of the run that it was copied from.
 */
export interface StepOrder {
  readonly scheduledAt: number;
  readonly step: number;
}

/**
 * What the operator accepted when it claimed the resource. The annotations that say the same can be edited by users;
 * this cannot.
 */
export interface Claim {
  /** Keyed, of uid and ARM id. */
  readonly digest: string;
  readonly credential: ClaimedCredential;
  /** The uid of the Lease by which the resource holds its ARM id. Absent if it only observes. */
  readonly lease?: string;
}

/** The credential that a resource is managed with. */
export interface ClaimedCredential {
  /** `namespace/name` of its Secret, or `global`. */
  readonly from: string;
  /** The annotation `credential-from` at that time. */
  readonly annotation?: string;
}

/** What Azure accepted, as keyed digests: no value can be recovered from them. */
export interface Applied {
  readonly generation: number;
  readonly apiVersion: string;
  /** Covers the api-version and the whole payload, including secret values. */
  readonly digest: string;
  /**
   * The baseline: the properties in which Azure's answer, read right after it accepted the payload, differed from the
   * payload. ARM property path -> digest of Azure's value. While Azure keeps that value, the difference is not drift.
   */
  readonly settled?: Readonly<Record<string, string>>;
}

export interface StoredOperation {
  readonly method: 'PUT' | 'DELETE';
  /** The operation with its signed URL, sealed. */
  readonly sealed: string;
  /** ISO 8601: when Azure accepted it, or when it was first observed. */
  readonly since: string;
  /** The generation that was sent; 0 for an operation that somebody else started and that this operator joined. */
  readonly generation: number;
  readonly apiVersion: string;
  /** `Applied.digest` of the payload; null for a joined operation, whose payload is not known. */
  readonly digest: string | null;
  /** The resource did not exist before: everything that exists now was created by this operation. */
  readonly creates: boolean;
}

/** A destination object that an earlier run wrote. */
export interface ExportedObject {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly name: string;
}

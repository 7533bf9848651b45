/**
 * What outlives a run. It stands on the resource, in an object of its own inside `status`, and is written together with
 * the condition in one request. So a terminated run, a failed one or a lost Temporal database costs no second PUT and
 * leaves no orphan.
 */

/** The name of the object inside `status`. No kind's status has a field of this name; a test checks all kinds. */
export const STORED_STATE = 'azureTemporalOperator';

export interface StoredState {
  /**
   * The resource that this is about: a backup may restore a status under another uid. Under another uid, everything
   * below is void.
   */
  readonly uid: string;
  /**
   * `Change.fingerprint` that the last reconcile has dealt with: it ended Ready, or it failed and only a change can
   * help.
   */
  readonly fingerprint?: string;
  /** What Azure accepted last. */
  readonly applied?: Applied;
  /**
   * The digest of an update that was put on the wire and has no answer yet: whether Azure has it or still `applied` is
   * not known.
   */
  readonly sending?: string;
  /** An operation that Azure has accepted and whose end was not seen yet. */
  readonly operation?: StoredOperation;
  /** The destination objects that were written, so that a dropped one can be cleaned. */
  readonly exported?: readonly ExportedObject[];
  /**
   * Azure has refused every PUT so far, and nothing of that name existed: `azureName` and `owner` may still be changed.
   */
  readonly refused?: true;
  /** Which step wrote this. A write for an earlier step never replaces it. */
  readonly order: StepOrder;
}

/**
 * Orders the steps of all runs of one resource: by the time at which the workflow asked for them (the Temporal
 * server's, in ms since the epoch), then by their number in the run. Not by the start of the run: one that was reset
 * keeps the start of the run that it is a copy of.
 */
export interface StepOrder {
  readonly scheduledAt: number;
  readonly step: number;
}

/** What Azure has accepted, as keyed digests: no value can be read from them. */
export interface Applied {
  readonly generation: number;
  readonly apiVersion: string;
  /** Over the api-version and the whole payload, secret values included. */
  readonly digest: string;
  /**
   * The baseline: where Azure's own answer, read right after it accepted the payload, differs from it. Wire path ->
   * digest of Azure's value. As long as Azure shows that same value there it is no drift.
   */
  readonly settled?: Readonly<Record<string, string>>;
}

export interface StoredOperation {
  readonly method: 'PUT' | 'DELETE';
  /** The operation itself, its signed URL included, sealed. */
  readonly sealed: string;
  /** ISO 8601: when Azure accepted it, or when it was first seen. */
  readonly since: string;
  /** The generation that was sent; 0 when somebody else's operation was joined. */
  readonly generation: number;
  readonly apiVersion: string;
  /** `Applied.digest` of what was sent; null when the operation was joined and nobody knows what it applies. */
  readonly digest: string | null;
  /** The resource did not exist before: whatever exists now was made by this operation. */
  readonly creates: boolean;
}

/** A destination object that an earlier run wrote. */
export interface ExportedObject {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly name: string;
}

/**
 * What the other rooms may expect of `azure/`: one ARM client for all kinds and api-versions. It never retries
 * (Temporal does), bounds every request in time, sends the bearer token to the configured ARM host only, and throws
 * nothing but `ArmError`.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/**
 * A long-running operation that ARM has accepted. The URL is opaque and signed: it is a secret, sealed before it leaves
 * an activity, never logged. `resource`: there was no URL; the resource's own provisioningState tells.
 */
export interface Operation {
  readonly style: 'azure-async' | 'location' | 'resource';
  readonly method: 'PUT' | 'DELETE';
  readonly url?: string;
  /** Milliseconds since the epoch before which ARM asked not to be polled. Absent: ARM gave no Retry-After. */
  readonly notBefore?: number;
}

export interface ArmAnswer {
  readonly status: number;
  /** The parsed body; undefined where it was empty or not JSON. */
  readonly body: JsonObject | undefined;
  /** x-ms-request-id, for messages. */
  readonly requestId: string | undefined;
  /** What to follow before the call counts as done; undefined when it is done already. */
  readonly operation: Operation | undefined;
  /**
   * For `ifMatch`, as Azure wrote it. Only that of a GET at rest is worth keeping: the end of an operation changes it.
   * Undefined: the type has none.
   */
  readonly etag: string | undefined;
}

/**
 * Where a running operation stands after one poll. Compare `done` with `===`: `'lost'` is neither. `lost`: Azure knows
 * nothing of it any more (404 or 410 on what a PUT started, or on the resource where that is what is polled). It may
 * have ended either way, so the resource must be compared again. A type that is not visible while it is created answers
 * so for a while.
 */
export type PollAnswer =
  | {
      readonly done: false;
      /** ARM's own word, e.g. `InProgress`, `Dequeued`. */ readonly state: string;
      readonly retryAfterMs: number | undefined;
    }
  /** `body`: the resource, where the poll itself returned it (style `location`). */
  | { readonly done: true; readonly body: JsonObject | undefined }
  | { readonly done: 'lost' };

/** Where a resource is in ARM, and in which api-version it is spoken of. */
export interface ArmAddress {
  /** Full ARM id, starting with `/`. */
  readonly id: string;
  readonly apiVersion: string;
  /** OData, for a list. */
  readonly filter?: string;
}

interface CallOptions {
  /** Ends the wait, not what ARM has accepted. */
  readonly signal?: AbortSignal;
}

/** One running operation, as the poll budget knows it. */
export interface PolledOperation {
  /** Names the operation in this process, such as the ARM id with the method. */
  readonly key: string;
  /** The ARM type of the resource. Operations of one type and method are taken to last about as long as each other. */
  readonly type: string;
  readonly method: 'PUT' | 'DELETE';
  /** Milliseconds since the epoch: when Azure accepted it, or when it was first seen. */
  readonly startedAt: number;
  /** Milliseconds since the epoch before which Azure asked not to be polled. It is always obeyed. */
  readonly notBefore?: number | undefined;
}

/**
 * Who polls next. All polls of a subscription in this process share its read budget: often while operations are young
 * or few, more seldom when they are old and many, and at once when others of the kind have ended at that age.
 */
export interface PollBudget {
  /**
   * Returns when this operation may be polled, once; call it before every poll and poll at once. How long that takes
   * has no limit: end it with the signal.
   * @throws ArmError `RequestAborted`
   */
  turn(operation: PolledOperation, signal?: AbortSignal): Promise<void>;
  /** The last poll said that it is over, whatever the outcome. Others of the kind and age are polled soon after. */
  ended(operation: PolledOperation): void;
  /** Nobody here waits for it any more, because it is followed elsewhere or later. It may come back. */
  left(key: string): void;
  /** About how many milliseconds `turn` would take now. */
  expectedWaitMs(operation: PolledOperation): number;
}

export interface ArmClient {
  readonly subscriptionId: string;
  /** Shared by all clients of the subscription in this process. */
  readonly polls: PollBudget;
  /** The resource, or undefined when ARM answers 404 in any of its forms. */
  get(at: ArmAddress, options?: CallOptions): Promise<ArmAnswer | undefined>;
  /** HEAD, for the few kinds that have no GET. */
  head(at: ArmAddress, options?: CallOptions): Promise<boolean>;
  /**
   * With `ifMatch` only if the resource is still as it was read: else `ArmError` with status 412 and code
   * `PreconditionFailed`, and nothing is written.
   */
  put(
    at: ArmAddress,
    body: JsonObject,
    options?: CallOptions & {
      readonly ifMatch?: string | undefined;
      /** Values in the body that no error may quote, besides those under names that speak of secrets. */
      readonly secrets?: readonly string[];
    },
  ): Promise<ArmAnswer>;
  /** Undefined when it was gone already (404). */
  delete(at: ArmAddress, options?: CallOptions): Promise<ArmAnswer | undefined>;
  /**
   * One poll, after `polls.turn`. Throws `ArmError` when the operation failed (`operationFailed` true) or the poll
   * itself did.
   */
  poll(operation: Operation, at: ArmAddress, options?: CallOptions): Promise<PollAnswer>;
  /** POST `<id>/<action>`, no body. */
  action(at: ArmAddress, action: string, options?: CallOptions): Promise<JsonObject>;
}

/** How soon to try again after a failure. `Throttled` waits what Azure said; who else waits is the limiter's. */
export type RetryClass = 'Fast' | 'Slow' | 'VerySlow' | 'Throttled' | 'Fatal';
export type Severity = 'Info' | 'Warning' | 'Error';

/**
 * The interface of `azure/` for the other folders: one ARM client for all kinds and api-versions. It never retries
 * (Temporal does), limits the time of every request, sends the bearer token only to the configured ARM host, and throws
 * only `ArmError`.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/**
 * A long-running operation that ARM accepted. The URL is opaque and signed: it is a secret, sealed before it leaves an
 * activity, and never logged. Style `resource`: ARM returned no URL; poll the resource's own provisioningState.
 */
export interface Operation {
  readonly style: 'azure-async' | 'location' | 'resource';
  readonly method: 'PUT' | 'DELETE';
  readonly url?: string;
  /** The earliest time of the next poll by ARM's Retry-After, in ms since the epoch. Absent: ARM sent none. */
  readonly notBefore?: number;
}

export interface ArmAnswer {
  readonly status: number;
  /** The parsed body; undefined when it was empty or not JSON. */
  readonly body: JsonObject | undefined;
  /** The header x-ms-request-id, for error messages. */
  readonly requestId: string | undefined;
  /** The operation to follow until the call is complete; undefined when it is complete already. */
  readonly operation: Operation | undefined;
  /**
   * The ETag for `ifMatch`, as Azure sent it. Use only that of a GET while no operation runs, since the end of an
   * operation changes it. Undefined: the type has none.
   */
  readonly etag: string | undefined;
}

/**
 * The state of an operation after one poll. Compare `done` with `===`, because `'lost'` is truthy. `lost`: Azure does
 * not know the operation (404 or 410 on the operation of a PUT, or on the resource where that is polled). It may have
 * succeeded or failed, so the resource must be compared again. A type that is not visible while it is created answers
 * like this for a while.
 */
export type PollAnswer =
  | {
      readonly done: false;
      /** ARM's status, such as `InProgress` or `Dequeued`. */
      readonly state: string;
      readonly retryAfterMs: number | undefined;
    }
  /** `body`: the resource, when the poll itself returned it (style `location`). */
  | { readonly done: true; readonly body: JsonObject | undefined }
  | { readonly done: 'lost' };

/** The address of a resource in ARM, with the api-version to use. */
export interface ArmAddress {
  /** Full ARM id, starting with `/`. */
  readonly id: string;
  readonly apiVersion: string;
  /** An OData filter, for a list. */
  readonly filter?: string;
}

interface CallOptions {
  /** Stops the wait. It does not stop an operation that ARM accepted. */
  readonly signal?: AbortSignal;
}

/** A running operation, as the poll budget needs it. */
export interface PolledOperation {
  /** Identifies the operation in this process, such as the ARM id with the method. */
  readonly key: string;
  /** The ARM type of the resource. Operations of the same type and method are assumed to take about the same time. */
  readonly type: string;
  readonly method: 'PUT' | 'DELETE';
  /** When Azure accepted the operation, or when it was first observed, in ms since the epoch. */
  readonly startedAt: number;
  /** The earliest time of the next poll by Azure's Retry-After, in ms since the epoch. Always obeyed. */
  readonly notBefore?: number | undefined;
}

/**
 * Schedules the polls of a subscription in this process, which share its read budget. It polls often while operations
 * are young or few, less often when they are old and many, and at once when other operations of the same type ended at
 * that age.
 */
export interface PollBudget {
  /**
   * Resolves when this operation may be polled once. Call it before every poll, and poll at once. The wait has no time
   * limit: end it with the signal.
   * @throws ArmError `RequestAborted`
   */
  waitForTurn(operation: PolledOperation, signal?: AbortSignal): Promise<void>;
  /**
   * Records that the last poll found the operation ended, whatever its outcome. Operations of the same type and age are
   * polled soon after.
   */
  ended(operation: PolledOperation): void;
  /**
   * Records that this caller stopped following the operation, because it is followed elsewhere or later. It may return.
   */
  leave(key: string): void;
  /** The estimated wait of `waitForTurn` now, in ms. */
  expectedWaitMs(operation: PolledOperation): number;
}

export interface ArmClient {
  readonly subscriptionId: string;
  /** Shared by all clients of the subscription in this process. */
  readonly polls: PollBudget;
  /** Returns the resource; undefined when ARM answers 404 in any of its forms. */
  get(at: ArmAddress, options?: CallOptions): Promise<ArmAnswer | undefined>;
  /** HEAD, for the few types that have no GET. */
  head(at: ArmAddress, options?: CallOptions): Promise<boolean>;
  /**
   * With `ifMatch`, the PUT only succeeds if the resource did not change since it was read. Otherwise it throws
   * `ArmError` with status 412 and code `PreconditionFailed`, and nothing is written.
   */
  put(
    at: ArmAddress,
    body: JsonObject,
    options?: CallOptions & {
      readonly ifMatch?: string | undefined;
      /** Values in the body that no error may quote, in addition to those under property names that suggest secrets. */
      readonly secrets?: readonly string[];
    },
  ): Promise<ArmAnswer>;
  /** Undefined when it did not exist (404). `query`: parameters besides the api-version. */
  delete(
    at: ArmAddress,
    options?: CallOptions & {
      readonly query?: Readonly<Record<string, string>> | undefined;
      readonly ifMatch?: string | undefined;
    },
  ): Promise<ArmAnswer | undefined>;
  /**
   * Polls once; call `polls.waitForTurn` before. Throws `ArmError` when the operation failed (`operationFailed` true)
   * or the poll itself did.
   */
  poll(operation: Operation, at: ArmAddress, options?: CallOptions): Promise<PollAnswer>;
  /** POST `<id>/<action>`, without a body unless one is given. It does not wait for an operation that the action starts. */
  action(
    at: ArmAddress,
    action: string,
    options?: CallOptions & { readonly body?: JsonObject | undefined },
  ): Promise<JsonObject>;
}

/**
 * How soon to retry after a failure. `Throttled` waits as long as Azure asked; the limiter decides which other requests
 * wait.
 */
export type RetryClass = 'Fast' | 'Slow' | 'VerySlow' | 'Throttled' | 'Fatal';
export type Severity = 'Info' | 'Warning' | 'Error';

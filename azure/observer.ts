/** ARM limits the reads, writes and deletes of a subscription separately. */
export type MethodClass = 'read' | 'write' | 'delete';

/**
 * What the ARM client tells whoever measures it. It is told neither URLs nor bodies. The functions must be fast, and
 * must not throw.
 */
export interface ArmObserver {
  requestEnded(this: void, request: EndedRequest): void;
  turnEnded(this: void, turn: EndedTurn): void;
  /** Azure throttled: the whole class of the subscription, or the requests for one resource type. */
  throttled(this: void, throttling: { readonly which: MethodClass; readonly scope: 'subscription' | 'type' }): void;
  /** A header said how many more requests Azure would accept now. */
  remaining(
    this: void,
    quota: { readonly subscriptionId: string; readonly which: MethodClass; readonly remaining: number },
  ): void;
}

export interface EndedRequest {
  readonly method: string;
  /** Provider and resource type in lower case, as of `typeOfRequest`. */
  readonly type: string;
  /** A number: Azure's answer. `none`: no answer. `aborted`: the caller stopped waiting. */
  readonly status: number | 'none' | 'aborted';
  /** From sending the request, without the wait in the limiter. */
  readonly durationMs: number;
}

/** The wait of a request in the limiter. `refused`: it would have been too long, so the request was not sent. */
interface EndedTurn {
  readonly which: MethodClass;
  readonly outcome: 'sent' | 'refused' | 'aborted';
  readonly waitedMs: number;
}

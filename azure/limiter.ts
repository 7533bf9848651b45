import { Gate, type Pass } from './gate.ts';
import { Quota } from './quota.ts';
import { typeOfRequest } from './azure-id.ts';
import type { ArmObserver, MethodClass } from './observer.ts';

/** ARM's documented token buckets: capacity in tokens, refill in tokens per second. */
const BUCKETS = {
  read: { capacity: 250, refill: 25 },
  write: { capacity: 200, refill: 10 },
  delete: { capacity: 200, refill: 10 },
} as const;
/** The limits of a provider are not known; this is only the upper bound of the rate after a refusal. */
const PROVIDER_BUCKET = { capacity: 100, refill: 10 } as const;
/**
 * ARM asks for pauses of seconds, and refills its buckets continuously. Whatever it asks for, one request tests the
 * limit after a minute: a longer pause of the whole subscription would turn one wrong answer into an outage.
 */
const MAX_PAUSE_MS = 60_000;
/**
 * Providers ask for pauses of minutes (Compute: up to half an hour for its own limits). Only requests for that type
 * wait, and one request tests the limit after ten minutes.
 */
const MAX_PAUSE_OF_TYPE_MS = 10 * 60_000;
/** The number of throttled types to keep; above it, idle ones are discarded. */
const MAX_TYPES = 200;

/** A request. `url`: absolute, or an ARM id. `poll`: a poll, for which the poll budget has taken the token. */
export interface LimitedRequest {
  readonly method: string;
  readonly url: string;
  readonly poll?: boolean | undefined;
}

/** The part of an answer that the limiter learns from. `header` takes a lower-case name. */
export interface LimitedAnswer {
  readonly status: number;
  readonly code?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly header?: (name: string) => string | undefined;
}

/** The permission to send one request. */
export interface Turn {
  /** Reports Azure's answer. */
  answered(answer: LimitedAnswer): void;
}

/** Who measures the limiter, and of which subscription it is. */
export interface ObservedSubscription {
  readonly observer: ArmObserver;
  readonly subscriptionId: string;
}

interface Sent {
  readonly key: string;
  readonly which: MethodClass;
  readonly type: Gate | undefined;
  readonly typePass: Pass | undefined;
  readonly pass: Pass;
}

interface Told {
  readonly which: MethodClass;
  readonly throttled: boolean;
  readonly refused: boolean;
  readonly remaining: number | undefined;
}

function methodClass(method: string): MethodClass {
  if (method === 'GET' || method === 'HEAD') return 'read';
  return method === 'DELETE' ? 'delete' : 'write';
}

/**
 * Limits the requests of one subscription in this process. When ARM throttles the subscription, all requests of that
 * method class wait. When a provider throttles, only requests of that class for that resource type wait.
 */
export class Limiter {
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #classes: Readonly<Record<MethodClass, Gate>>;
  readonly #types = new Map<string, Gate>();
  readonly #observed: ObservedSubscription | undefined;

  constructor(
    options: { now?: () => number; random?: () => number; observed?: ObservedSubscription | undefined } = {},
  ) {
    this.#observed = options.observed;
    this.#now = options.now ?? Date.now;
    this.#random = options.random ?? Math.random;
    this.#classes = { read: this.#gateOf('read'), write: this.#gateOf('write'), delete: this.#gateOf('delete') };
  }

  /** The gate of all reads of the subscription, which polls share. */
  get reads(): Gate {
    return this.#classes.read;
  }

  /**
   * Resolves when the caller may send. The signal must also abort when the request ends, as that of `withDeadline`
   * does, so that a request without an answer is not waited for.
   * @throws ArmError 429 `SubscriptionRequestsThrottled`, or `TooManyRequests` for a type, when the wait would be
   * longer than 5 s; `RequestAborted`
   */
  async waitForTurn(request: LimitedRequest, signal?: AbortSignal): Promise<Turn> {
    const which = methodClass(request.method);
    const startedAt = this.#now();
    const ended = (outcome: 'sent' | 'refused' | 'aborted'): void =>
      this.#observed?.observer.turnEnded({ which, outcome, waitedMs: Math.max(0, this.#now() - startedAt) });
    try {
      const turn = await this.#turnOf(request, which, signal);
      ended('sent');
      return turn;
    } catch (error) {
      ended(signal?.aborted === true ? 'aborted' : 'refused');
      throw error;
    }
  }

  async #turnOf(request: LimitedRequest, which: MethodClass, signal: AbortSignal | undefined): Promise<Turn> {
    const key = `${which} ${typeOfRequest(request.method, request.url)}`;
    const all = this.#classes[which];
    for (;;) {
      const type = this.#types.get(key);
      const typePass = await type?.enter(signal, false);
      const drop = (): void => {
        if (typePass !== undefined) type?.dropped(typePass);
      };
      const pass = await all.enter(signal, request.poll ?? false).catch((error: unknown) => {
        drop();
        throw error;
      });
      const end = (): void => {
        all.dropped(pass);
        drop();
      };
      if (this.#types.get(key) === type) {
        if (signal?.aborted === true) end();
        else signal?.addEventListener('abort', end, { once: true });
        return { answered: (answer) => this.#handleAnswer(answer, { key, which, type, typePass, pass }) };
      }
      // The type was throttled for the first time while this request waited: wait at its new gate too.
      end();
    }
  }

  #handleAnswer(answer: LimitedAnswer, { key, which, type, typePass, pass }: Sent): void {
    const all = this.#classes[which];
    const throttled = answer.status === 429 && ofSubscription(answer);
    const refused = !throttled && (answer.status === 429 || overloaded(answer));
    const remaining = remainingOf(answer, which);
    this.#tell({ which, throttled, refused, remaining });
    if (type === undefined || typePass === undefined) {
      if (refused) this.#pauseType(key, which, pass.sentAt, answer);
    } else if (refused) type.refused(typePass, answer.retryAfterMs);
    else type.accepted(typePass, undefined);
    if (throttled) all.refused(pass, answer.retryAfterMs);
    else all.accepted(pass, remaining, refused);
  }

  #tell({ which, throttled, refused, remaining }: Told): void {
    if (this.#observed === undefined) return;
    const { observer, subscriptionId } = this.#observed;
    if (throttled || refused) observer.throttled({ which, scope: throttled ? 'subscription' : 'type' });
    if (remaining !== undefined) observer.remaining({ subscriptionId, which, remaining });
  }

  /** Creates the gate of a type at its first refusal, and closes it. */
  #pauseType(key: string, which: MethodClass, sentAt: number, answer: LimitedAnswer): void {
    const gate = this.#types.get(key) ?? this.#gateOf(which, key.slice(which.length + 1));
    this.#types.set(key, gate);
    gate.close(sentAt, answer.retryAfterMs);
    if (this.#types.size <= MAX_TYPES) return;
    for (const [name, other] of this.#types) if (other.idle) this.#types.delete(name);
  }

  #gateOf(which: MethodClass, type?: string): Gate {
    const now = this.#now;
    const whose = type === undefined ? `${which} requests of this subscription` : `${which} requests for ${type}`;
    return new Gate({
      quota: new Quota({ ...(type === undefined ? BUCKETS[which] : PROVIDER_BUCKET), now }),
      maxPauseMs: type === undefined ? MAX_PAUSE_MS : MAX_PAUSE_OF_TYPE_MS,
      code: type === undefined ? 'SubscriptionRequestsThrottled' : 'TooManyRequests',
      message: `Azure throttles ${whose}; the request was not sent and is retried later.`,
      now,
      random: this.#random,
    });
  }
}

function ofSubscription(answer: LimitedAnswer): boolean {
  return answer.code?.toLowerCase() === 'subscriptionrequeststhrottled';
}

/** A 503 with Retry-After means that the provider throttles; without it, that one request failed. */
function overloaded(answer: LimitedAnswer): boolean {
  return answer.status === 503 && answer.retryAfterMs !== undefined;
}

/** The remaining quota: the lower value of the newer and the older headers. */
function remainingOf({ header }: LimitedAnswer, which: MethodClass): number | undefined {
  const values = [`subscription-global-${which}s`, `subscription-${which}s`]
    .map((name) => header?.(`x-ms-ratelimit-remaining-${name}`))
    .filter((value) => value !== undefined && /^\d+$/.test(value))
    .map(Number);
  return values.length === 0 ? undefined : Math.min(...values);
}

import { Gate, type Pass } from './gate.ts';
import { Quota } from './quota.ts';
import { typeOfRequest } from './azure-id.ts';

/** ARM counts reads, writes and deletes of a subscription apart. */
export type MethodClass = 'read' | 'write' | 'delete';

/** ARM's own buckets: tokens, and tokens per second. */
const BUCKETS = {
  read: { capacity: 250, refill: 25 },
  write: { capacity: 200, refill: 10 },
  delete: { capacity: 200, refill: 10 },
} as const;
/** A provider's limits are not known: this is only where the growth after a refusal ends. */
const PROVIDER_BUCKET = { capacity: 100, refill: 10 } as const;
/**
 * ARM asks for seconds. It refills its buckets all the time, so whatever it asks for, after a minute one request may
 * ask again; a longer pause of everything would turn one odd answer into an outage.
 */
const LONGEST_PAUSE_MS = 60_000;
/**
 * Providers ask for minutes and mean it (Compute: up to half an hour for its own limits); only that type waits, and one
 * request looks after ten.
 */
const LONGEST_PAUSE_OF_TYPE_MS = 10 * 60_000;
/** Types that were refused once, before the idle ones are forgotten. */
const MOST_TYPES = 200;

/** What a request is about. `url`: absolute, or an ARM id. `poll`: the poll budget has paid for it. */
export interface LimitedRequest {
  readonly method: string;
  readonly url: string;
  readonly poll?: boolean | undefined;
}

/** What the limiter learns from an answer. `header`: by lower-case name. */
export interface LimitedAnswer {
  readonly status: number;
  readonly code?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly header?: (name: string) => string | undefined;
}

/** A request that may be sent. */
export interface Turn {
  /** Azure has answered. */
  heard(answer: LimitedAnswer): void;
}

interface Sent {
  readonly key: string;
  readonly which: MethodClass;
  readonly type: Gate | undefined;
  readonly typePass: Pass | undefined;
  readonly pass: Pass;
}

function methodClass(method: string): MethodClass {
  if (method === 'GET' || method === 'HEAD') return 'read';
  return method === 'DELETE' ? 'delete' : 'write';
}

/**
 * One per subscription and process. When ARM refuses for the subscription, all requests of that class wait; when a
 * provider refuses, only requests of that class about that resource type do.
 */
export class Limiter {
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #classes: Readonly<Record<MethodClass, Gate>>;
  readonly #types = new Map<string, Gate>();

  constructor(options: { now?: () => number; random?: () => number } = {}) {
    this.#now = options.now ?? Date.now;
    this.#random = options.random ?? Math.random;
    this.#classes = { read: this.#gateOf('read'), write: this.#gateOf('write'), delete: this.#gateOf('delete') };
  }

  /** What all reads of the subscription pass through; polls share it. */
  get reads(): Gate {
    return this.#classes.read;
  }

  /**
   * Returns when the caller may send. The signal must also fire when the request is over, as that of `withDeadline`
   * does: a request that never answers is then not waited for.
   * @throws ArmError 429 `SubscriptionRequestsThrottled`, or `TooManyRequests` of a type, when that is more than 5 s
   * away; `RequestAborted`
   */
  async turn(request: LimitedRequest, signal?: AbortSignal): Promise<Turn> {
    const which = methodClass(request.method);
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
        return { heard: (answer) => this.#hear(answer, { key, which, type, typePass, pass }) };
      }
      // While this one waited, the type was refused for the first time.
      end();
    }
  }

  #hear(answer: LimitedAnswer, { key, which, type, typePass, pass }: Sent): void {
    const all = this.#classes[which];
    const throttled = answer.status === 429 && ofSubscription(answer);
    const refused = !throttled && (answer.status === 429 || overloaded(answer));
    if (type === undefined || typePass === undefined) {
      if (refused) this.#pauseType(key, which, pass.sentAt, answer);
    } else if (refused) type.refused(typePass, answer.retryAfterMs);
    else type.accepted(typePass, undefined);
    if (throttled) all.refused(pass, answer.retryAfterMs);
    else all.accepted(pass, remainingOf(answer, which), refused);
  }

  /** The first refusal of a type makes its gate. */
  #pauseType(key: string, which: MethodClass, sentAt: number, answer: LimitedAnswer): void {
    const gate = this.#types.get(key) ?? this.#gateOf(which, key.slice(which.length + 1));
    this.#types.set(key, gate);
    gate.close(sentAt, answer.retryAfterMs);
    if (this.#types.size <= MOST_TYPES) return;
    for (const [name, other] of this.#types) if (other.idle) this.#types.delete(name);
  }

  #gateOf(which: MethodClass, type?: string): Gate {
    const now = this.#now;
    const whose = type === undefined ? `${which} requests of this subscription` : `${which} requests for ${type}`;
    return new Gate({
      quota: new Quota({ ...(type === undefined ? BUCKETS[which] : PROVIDER_BUCKET), now }),
      longestPauseMs: type === undefined ? LONGEST_PAUSE_MS : LONGEST_PAUSE_OF_TYPE_MS,
      code: type === undefined ? 'SubscriptionRequestsThrottled' : 'TooManyRequests',
      message: `Azure throttles ${whose}; nothing was sent.`,
      now,
      random: this.#random,
    });
  }
}

function ofSubscription(answer: LimitedAnswer): boolean {
  return answer.code?.toLowerCase() === 'subscriptionrequeststhrottled';
}

/** A 503 that names a time is a throttle of its provider; any other is a failure of one request. */
function overloaded(answer: LimitedAnswer): boolean {
  return answer.status === 503 && answer.retryAfterMs !== undefined;
}

/** The lower of what the newer and the older headers say is left. */
function remainingOf({ header }: LimitedAnswer, which: MethodClass): number | undefined {
  const values = [`subscription-global-${which}s`, `subscription-${which}s`]
    .map((name) => header?.(`x-ms-ratelimit-remaining-${name}`))
    .filter((value) => value !== undefined && /^\d+$/.test(value))
    .map(Number);
  return values.length === 0 ? undefined : Math.min(...values);
}

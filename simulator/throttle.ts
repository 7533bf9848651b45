import { asObject, type Json, type JsonObject } from './json.ts';
import { errorReply, type Reply } from './reply.ts';

type Class = 'reads' | 'writes' | 'deletes';
const CLASSES: readonly Class[] = ['reads', 'writes', 'deletes'];

interface Bucket {
  readonly capacity: number;
  /** Tokens per second. */
  readonly refill: number;
  level: number;
  at: number;
}

/** The token buckets of ARM, for the subscriptions that a test sets some for. A refused request takes no token. */
export class Throttle {
  readonly #buckets = new Map<string, Partial<Record<Class, Bucket>>>();

  /** `{"reads": [250, 25], …}`: tokens, and tokens per second. Each bucket starts full; null removes all buckets. */
  change(subscription: string, buckets: Json, now: number): void {
    const key = subscription.toLowerCase();
    if (buckets === null) {
      this.#buckets.delete(key);
      return;
    }
    const given = asObject(buckets);
    const changed: Partial<Record<Class, Bucket>> = { ...this.#buckets.get(key) };
    for (const name of CLASSES) {
      const pair = given[name];
      const [capacity, refill] = Array.isArray(pair) ? pair : [];
      if (typeof capacity === 'number' && typeof refill === 'number') {
        changed[name] = { capacity, refill, level: capacity, at: now };
      }
    }
    this.#buckets.set(key, changed);
  }

  /** The buckets of the subscription, for the answer of the control API. */
  of(subscription: string): JsonObject | undefined {
    const buckets = this.#buckets.get(subscription.toLowerCase());
    if (buckets === undefined) return undefined;
    const shown: JsonObject = {};
    for (const [name, { capacity, refill }] of Object.entries(buckets)) shown[name] = [capacity, refill];
    return shown;
  }

  /** Accepts or refuses one request; undefined if the subscription has no bucket for it. */
  take(request: ThrottledRequest): { readonly headers: Record<string, string>; readonly refusal?: Reply } | undefined {
    const { method, subscription, now } = request;
    const name = classOf(method);
    const bucket = this.#buckets.get(subscription.toLowerCase())?.[name];
    if (bucket === undefined) return undefined;
    bucket.level = Math.min(bucket.capacity, bucket.level + ((now - bucket.at) * bucket.refill) / 1_000);
    bucket.at = now;
    if (bucket.level < 1) return { headers: {}, refusal: refusalOf(name, bucket, request) };
    bucket.level -= 1;
    return { headers: { [`x-ms-ratelimit-remaining-subscription-global-${name}`]: String(Math.floor(bucket.level)) } };
  }
}

export interface ThrottledRequest {
  readonly method: string;
  readonly subscription: string;
  readonly now: number;
}

function classOf(method: string): Class {
  if (method === 'GET' || method === 'HEAD') return 'reads';
  return method === 'DELETE' ? 'deletes' : 'writes';
}

function refusalOf(name: Class, bucket: Bucket, { subscription }: ThrottledRequest): Reply {
  const seconds = Math.max(1, Math.ceil((1 - bucket.level) / bucket.refill));
  const message = `Number of '${name.slice(0, -1)}' requests for subscription '${subscription}' actor '' exceeded. Please try again after '${seconds}' seconds.`;
  return {
    ...errorReply('gateway', 429, 'SubscriptionRequestsThrottled', message),
    headers: { 'retry-after': String(seconds) },
  };
}

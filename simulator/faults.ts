import { asObject, asString, type Json, type JsonObject } from './json.ts';

/** Something that goes wrong with matching requests. */
export interface Fault {
  readonly method: string | undefined;
  /** Matched against path and query. */
  readonly path: RegExp;
  /** How many more requests it hits. */
  remaining: number;
  readonly status: number | undefined;
  readonly code: string;
  readonly message: string;
  readonly retryAfter: string | undefined;
  /** Cuts the connection before or after the request was carried out. */
  readonly reset: 'before' | 'after' | undefined;
  readonly delayMs: number;
  /** The request is accepted, but the operation it starts fails with code and message. */
  readonly failOperation: boolean;
}

/** Faults in the order in which they were asked for; each request meets the first that matches. */
export class Faults {
  #faults: Fault[] = [];

  add(wish: JsonObject): void {
    const match = asObject(wish['match']);
    const reset = wish['reset'];
    this.#faults.push({
      method: typeof match['method'] === 'string' ? match['method'].toUpperCase() : undefined,
      path: new RegExp(asString(match['path']), 'i'),
      remaining: numberOf(wish['times'], 1),
      status: typeof wish['status'] === 'number' ? wish['status'] : undefined,
      code: asString(wish['code'], 'InternalServerError'),
      message: asString(wish['message'], 'The simulator was told to fail.'),
      retryAfter:
        wish['retryAfter'] === undefined || wish['retryAfter'] === null ? undefined : String(wish['retryAfter']),
      reset: reset === 'before' || reset === 'after' ? reset : undefined,
      delayMs: numberOf(wish['delayMs'], 0),
      failOperation: wish['operation'] === 'fail',
    });
  }

  clear(): void {
    this.#faults = [];
  }

  /** Forgets the faults in whose path pattern this text stands: those of one subscription, for tests that run beside each other. */
  forget(text: string): void {
    this.#faults = this.#faults.filter(({ path }) => !path.source.includes(text));
  }

  /** The fault for this request, used up by one. */
  take(method: string, path: string): Fault | undefined {
    const fault = this.#faults.find(
      (candidate) => (candidate.method === undefined || candidate.method === method) && candidate.path.test(path),
    );
    if (fault === undefined) return undefined;
    fault.remaining -= 1;
    if (fault.remaining <= 0) this.#faults = this.#faults.filter((candidate) => candidate !== fault);
    return fault;
  }
}

function numberOf(value: Json | undefined, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}

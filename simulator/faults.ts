import { asObject, asString, type Json, type JsonObject } from './json.ts';

/** A fault for matching requests. */
export interface Fault {
  readonly method: string | undefined;
  /** Matched against path and query. */
  readonly path: RegExp;
  /** How many more requests it applies to. */
  remaining: number;
  readonly status: number | undefined;
  readonly code: string;
  readonly message: string;
  readonly retryAfter: string | undefined;
  /** Closes the connection before or after the request is processed. */
  readonly reset: 'before' | 'after' | undefined;
  readonly delayMs: number;
  /** The request is accepted, but the operation it starts fails with code and message. */
  readonly failOperation: boolean;
}

/** Faults in the order in which they were added. The first that matches a request applies to it. */
export class Faults {
  #faults: Fault[] = [];

  add(given: JsonObject): void {
    const match = asObject(given['match']);
    const reset = given['reset'];
    this.#faults.push({
      method: typeof match['method'] === 'string' ? match['method'].toUpperCase() : undefined,
      path: new RegExp(asString(match['path']), 'i'),
      remaining: numberOf(given['times'], 1),
      status: typeof given['status'] === 'number' ? given['status'] : undefined,
      code: asString(given['code'], 'InternalServerError'),
      message: asString(given['message'], 'A fault was injected into the simulator.'),
      retryAfter:
        given['retryAfter'] === undefined || given['retryAfter'] === null ? undefined : String(given['retryAfter']),
      reset: reset === 'before' || reset === 'after' ? reset : undefined,
      delayMs: numberOf(given['delayMs'], 0),
      failOperation: given['operation'] === 'fail',
    });
  }

  clear(): void {
    this.#faults = [];
  }

  /**
   * Removes the faults whose path pattern contains this text, such as those of one subscription, for tests that run
   * side by side.
   */
  forget(text: string): void {
    this.#faults = this.#faults.filter(({ path }) => !path.source.includes(text));
  }

  /** The fault for this request; reduces the number of requests that the fault still applies to. */
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

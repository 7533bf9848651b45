import { setTimeout as sleep } from 'node:timers/promises';
import { ArmError } from './arm-error.ts';

/** ARM counts reads, writes and deletes of a subscription apart. */
export type MethodClass = 'read' | 'write' | 'delete';

/** A caller sleeps this long at most; a longer wait is Temporal's, where it survives a restart and holds no slot. */
const LONGEST_WAIT_MS = 5_000;
/** What a 429 without Retry-After is taken to ask for. */
const DEFAULT_PAUSE_MS = 5_000;

export function methodClass(method: string): MethodClass {
  if (method === 'GET' || method === 'HEAD') return 'read';
  return method === 'DELETE' ? 'delete' : 'write';
}

/** One per subscription and process: when Azure has said "not before", nobody on the subscription sends. */
export class Limiter {
  readonly #until = new Map<MethodClass, number>();
  readonly #now: () => number;

  constructor(options: { now?: () => number } = {}) {
    this.#now = options.now ?? Date.now;
  }

  /** Learns from an answer: a 429, or a 503 with a Retry-After. */
  note(method: string, status: number, retryAfterMs: number | undefined): void {
    if (status !== 429 && !(status === 503 && retryAfterMs !== undefined)) return;
    const until = this.#now() + (retryAfterMs ?? DEFAULT_PAUSE_MS);
    const which = methodClass(method);
    // Answers arrive out of order: an earlier, shorter one must not end the pause.
    this.#until.set(which, Math.max(until, this.#until.get(which) ?? 0));
  }

  /** Milliseconds until this class may send again; 0 when it may. */
  remainingMs(method: string): number {
    return Math.max(0, (this.#until.get(methodClass(method)) ?? 0) - this.#now());
  }

  /**
   * Returns when the caller may send.
   * @throws ArmError `SubscriptionRequestsThrottled` at once when that is more than 5 s away.
   */
  async turn(method: string, signal?: AbortSignal): Promise<void> {
    for (let wait = this.remainingMs(method); wait > 0; wait = this.remainingMs(method)) {
      if (wait > LONGEST_WAIT_MS) {
        throw new ArmError({
          status: 429,
          code: 'SubscriptionRequestsThrottled',
          message: `Azure throttles ${methodClass(method)} requests of this subscription; nothing was sent.`,
          retryAfterMs: wait,
        });
      }
      await sleep(wait, undefined, signal === undefined ? {} : { signal });
    }
  }
}

import { setTimeout as realSleep } from 'node:timers/promises';
import { jest } from '@jest/globals';

/** A token bucket as ARM has it, for a whole subscription whoever asks. Time is that of the fake timers. */
export class AzureBucket {
  level: number;
  #at = Date.now();
  readonly #capacity: number;
  readonly #refill: number;

  constructor(capacity: number, refill: number) {
    this.#capacity = capacity;
    this.#refill = refill;
    this.level = capacity;
  }

  /** Whether the request is let through. */
  take(): boolean {
    const now = Date.now();
    this.level = Math.min(this.#capacity, this.level + ((now - this.#at) * this.#refill) / 1_000);
    this.#at = now;
    if (this.level < 1) return false;
    this.level -= 1;
    return true;
  }
}

/** A sequence of numbers from 0 to 1 that is the same in every run. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Lets fake time pass until the work is done. */
export async function simulate<T>(work: () => Promise<T>): Promise<T> {
  let over = false;
  const result = work().finally(() => (over = true));
  result.catch(() => {});
  while (!over) {
    await jest.advanceTimersByTimeAsync(1_000);
    await realSleep(0);
  }
  return result;
}

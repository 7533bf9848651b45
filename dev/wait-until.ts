import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks `probe` until it answers something other than undefined.
 * @throws Error with `what` and the last error of the probe when `timeoutMs` has passed.
 */
export async function waitUntil<T>(
  input: { what: string; timeoutMs: number; intervalMs?: number; signal?: AbortSignal },
  probe: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const deadline = Date.now() + input.timeoutMs;
  let last = '';
  for (;;) {
    input.signal?.throwIfAborted();
    try {
      const answer = await probe();
      if (answer !== undefined) return answer;
    } catch (error) {
      if (error instanceof GiveUp) throw error;
      last = error instanceof Error ? error.message : String(error);
    }
    if (Date.now() >= deadline) {
      throw new Error(`${input.what}: not within ${input.timeoutMs / 1000} s${last === '' ? '' : ` (${last})`}`);
    }
    await sleep(input.intervalMs ?? 50);
  }
}

/** Thrown by a probe that knows that waiting longer is of no use. */
export class GiveUp extends Error {
  override readonly name = 'GiveUp';
}

import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Calls `probe` until it returns something other than undefined.
 * @throws Error with `what` and the probe's last error after `timeoutMs`; `GiveUp` at once
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
      throw new Error(`${input.what}: timed out after ${input.timeoutMs / 1000} s${last === '' ? '' : ` (${last})`}`);
    }
    await sleep(input.intervalMs ?? 50);
  }
}

/** A probe throws this when waiting longer cannot help. */
export class GiveUp extends Error {
  override readonly name = 'GiveUp';
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from './log.ts';
import { onceAMinute } from './once-a-minute.ts';

export interface WaitForOptions<T> {
  readonly log: Pick<Logger, 'warn' | 'info'>;
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /** What is waited for, to follow "waiting for". */
  readonly what: string;
  /** Resolves when it is there. */
  readonly attempt: () => Promise<T>;
  /**
   * Why an attempt failed, and what to do about it; undefined if waiting does not help, such as for a wrong setting. It
   * is logged: it must not quote an error of a client.
   */
  readonly explain: (error: unknown) => string | undefined;
  /** The pause between two attempts, in ms. */
  readonly retryMs?: number;
  /** How often the same line is logged at most, in ms. */
  readonly repeatMs?: number;
}

/**
 * Waits for something that may come up later than this process. A process that ended instead would be started again and
 * again, with ever longer pauses, and would hide what is missing.
 * @throws the reason of the signal when it aborts; the attempt's error if waiting for it does not help
 */
export async function waitFor<T>({ log, signal, what, attempt, explain, ...times }: WaitForOptions<T>): Promise<T> {
  const { retryMs = 1_000, repeatMs } = times;
  const isNew = onceAMinute(repeatMs);
  const since = performance.now();
  for (let failures = 0; ; failures += 1) {
    signal.throwIfAborted();
    try {
      const result = await attempt();
      if (failures > 0) log.info(`${what}: there after ${String(Math.round((performance.now() - since) / 1000))} s`);
      return result;
    } catch (error) {
      const why = explain(error);
      if (why === undefined) throw error;
      if (isNew(why)) log.warn(`waiting for ${what}: ${why}`);
    }
    await sleep(retryMs, undefined, { signal }).catch(() => undefined);
  }
}

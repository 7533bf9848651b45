/** What a deadline aborts with. One error: a signal that aborts without one makes another each time, with a stack trace. */
const ENDED = Object.assign(new Error('the request was aborted'), { name: 'AbortError' });

export interface Deadline {
  /** Aborts when the time is over, or when the caller's signal does. */
  readonly signal: AbortSignal;
  /** Whether the time was over first. */
  readonly timedOut: boolean;
  /** Call it when the work has ended, however it ended. */
  end(): void;
}

/**
 * A time limit for one request. `AbortSignal.timeout` would keep its timer, and make an error, long after the request has
 * ended: with hundreds of requests a second that took a thirtieth of the worker's time.
 */
export function startDeadline(timeoutMs: number, caller?: AbortSignal): Deadline {
  const ending = new AbortController();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = !ending.signal.aborted;
    ending.abort(ENDED);
  }, timeoutMs);
  const abort = (): void => ending.abort(ENDED);
  if (caller?.aborted === true) abort();
  caller?.addEventListener('abort', abort, { once: true });
  return {
    signal: ending.signal,
    get timedOut() {
      return timedOut;
    },
    end: () => {
      clearTimeout(timer);
      caller?.removeEventListener('abort', abort);
    },
  };
}

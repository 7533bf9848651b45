import { abortedError, ArmError, normalizeArmError } from './arm-error.ts';

/** One error: a signal that aborts without one makes another each time, with a stack trace. */
const ENDED = Object.assign(new Error('aborted'), { name: 'AbortError' });

/**
 * Runs one call to Azure with a time limit. Work that ignores the signal, as some credentials do, is abandoned.
 * @throws ArmError only: `RequestTimeout` at the limit, `RequestAborted` when the caller's signal aborted
 */
export async function withDeadline<T>(
  limits: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { timeoutMs, signal } = limits;
  const ending = new AbortController();
  const end = (): void => ending.abort(ENDED);
  const timer = setTimeout(end, timeoutMs);
  if (signal?.aborted === true) end();
  signal?.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([work(ending.signal), aborted(ending.signal)]);
  } catch (error) {
    if (signal?.aborted === true && !(error instanceof ArmError)) {
      throw abortedError();
    }
    throw normalizeArmError(error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
    // Releases the other side of the race; the call has ended.
    end();
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = (): void => reject(ENDED);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

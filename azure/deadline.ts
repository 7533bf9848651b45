import { ArmError, normalizeArmError, ownError } from './arm-error.ts';

/**
 * Runs one call to Azure with a limit in time. Work that ignores the signal, as a credential may, is abandoned.
 * @throws ArmError only: `RequestTimeout` at the limit, `RequestAborted` when the caller's signal ended it.
 */
export async function withDeadline<T>(
  limits: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { timeoutMs, signal } = limits;
  const ending = new AbortController();
  const end = (): void => ending.abort();
  const timer = setTimeout(end, timeoutMs);
  if (signal?.aborted === true) end();
  signal?.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([work(ending.signal), aborted(ending.signal)]);
  } catch (error) {
    if (signal?.aborted === true && !(error instanceof ArmError)) {
      throw ownError('RequestAborted', 'The wait for Azure was ended by us.');
    }
    throw normalizeArmError(error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
    // Ends the other side of the race; the call is over by now.
    end();
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = (): void => reject(Object.assign(new Error('aborted'), { name: 'AbortError' }));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

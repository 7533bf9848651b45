/** Reads the signal anew: after an `await` the compiler still takes it for what it was before. */
export function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

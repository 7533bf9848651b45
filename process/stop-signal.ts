/** Kubernetes waits 30 s by default; whoever stops a process by hand does not want to wait that long. */
const MOST_MS = 9_000;

export interface Stop {
  /** Aborts at the first SIGTERM or SIGINT. */
  readonly signal: AbortSignal;
  /** The signal that came. */
  readonly received: Promise<NodeJS.Signals>;
}

/**
 * Watches for SIGTERM and SIGINT. The process then has 9 s to end by itself: what waits for a server that does not answer
 * must not delay it further. A second signal of the same kind ends it at once.
 * @param onLate called just before the process is ended that way; it exits with code 1
 */
export function untilStopped(onLate: () => void): Stop {
  const stopping = new AbortController();
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    resolve(signal);
    setTimeout(() => {
      onLate();
      process.exit(1);
    }, MOST_MS).unref();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  return { signal: stopping.signal, received: promise };
}

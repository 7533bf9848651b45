import { Worker } from 'node:worker_threads';

export interface WatchdogOptions {
  /** The name of the process in its last line. */
  readonly name: string;
  /** After so many periods without a sign of life the process is killed. */
  readonly missed?: number;
  readonly everyMs?: number;
  /** The format of its line in the log. */
  readonly format?: 'json' | 'text';
  /** The thread ended: nothing watches the event loop any more. */
  readonly onError?: () => void;
}

/**
 * Liveness: kills the process when its event loop is blocked for a minute, so that whatever started it starts it again.
 * A blocked event loop can neither notice nor report it, so a thread watches it. Periods are counted instead of time: a
 * process that was stopped, on a machine that slept or in a debugger, is not killed when it continues.
 *
 * @returns a function that ends the watch
 */
export function startWatchdog({
  name,
  missed = 60,
  everyMs = 1_000,
  format = 'json',
  onError = () => undefined,
}: WatchdogOptions): () => Promise<void> {
  const beats = new Int32Array(new SharedArrayBuffer(4));
  const timer = setInterval(() => Atomics.add(beats, 0, 1), everyMs / 2);
  timer.unref();
  const thread = new Worker(new URL('./watchdog-thread.mjs', import.meta.url), {
    name: 'watchdog',
    workerData: { name, beats, missed, everyMs, format },
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1 },
  });
  thread.on('error', onError);
  thread.unref();
  return async () => {
    clearInterval(timer);
    await thread.terminate();
  };
}

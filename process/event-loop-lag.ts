import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** How late the event loop was in a period, in seconds. Below 0.02 it is free. */
export interface Lag {
  readonly p99: number;
  readonly max: number;
}

interface LagDependencies {
  /** Called once a period, with a new measurement. */
  readonly record: (lag: Lag) => void;
  readonly everyMs?: number;
}

/** Measures until the signal. Costs less than 0.1 % of a core: Node measures in its own code. */
export async function measureEventLoopLag(
  { record, everyMs = 10_000 }: LagDependencies,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const resolution = 20;
  const histogram = monitorEventLoopDelay({ resolution });
  histogram.enable();
  // The histogram has the time between two ticks; what exceeds the resolution is the lag.
  const seconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - resolution) / 1_000;
  try {
    for (;;) {
      await sleep(everyMs, undefined, { signal, ref: false });
      // Without a tick there is no number: a minimum above the maximum.
      if (histogram.count > 0) record({ p99: seconds(histogram.percentile(99)), max: seconds(histogram.max) });
      histogram.reset();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    histogram.disable();
  }
}

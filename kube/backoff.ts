export interface BackoffTiming {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * The delay in ms after `failures` failures in a row. It doubles up to the maximum; random jitter takes off up to half,
 * so that many clients do not retry at the same moment.
 */
export function backoffMs(failures: number, timing: BackoffTiming): number {
  const full = Math.min(timing.maxMs, timing.firstMs * 2 ** Math.min(failures, 20));
  return full / 2 + (Math.random() * full) / 2;
}

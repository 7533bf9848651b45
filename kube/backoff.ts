export interface BackoffTiming {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** The nth delay in a row: doubles up to the maximum, between half and full so that many clients do not come back at once. */
export function backoffMs(failures: number, timing: BackoffTiming): number {
  const full = Math.min(timing.maxMs, timing.firstMs * 2 ** Math.min(failures, 20));
  return full / 2 + (Math.random() * full) / 2;
}

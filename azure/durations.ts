import type { PolledOperation } from './contract.ts';

/** The number of remembered ends for each type and method. The newest are the most relevant. */
const MAX_ENDS = 32;
const MAX_TYPES = 500;
/** The weight, counted in ends, of the possibility that an operation takes longer than all observed ones. */
const OUTLASTS = 0.1;
/** How much later than the agreed range of the others an operation may end. */
const TOLERANCE_MS = 3_000;

/** An operation ended at an age between the two (ms): it was still running at `low` and had ended at `high`. */
interface End {
  readonly low: number;
  readonly high: number;
}

/**
 * Records how long operations of each type and method took in this process, to estimate which running operations may
 * have ended.
 */
export class Durations {
  readonly #byKind = new Map<string, { ends: End[]; estimate: readonly End[] }>();

  /**
   * @param low the age in ms at the last poll that found it running
   * @param high the age in ms at the poll that found it ended
   */
  add(operation: PolledOperation, low: number, high: number): void {
    const kind = kindOf(operation);
    const ends = [...(this.#byKind.get(kind)?.ends ?? []), { low, high: Math.max(high, low + 1) }].slice(-MAX_ENDS);
    this.#byKind.set(kind, { ends, estimate: estimateOf(ends) });
    const oldest = this.#byKind.keys().next().value;
    if (this.#byKind.size > MAX_TYPES && oldest !== undefined) this.#byKind.delete(oldest);
  }

  /**
   * The probability that an operation that was running at age `from` has ended at age `to` (ms). Undefined without data
   * about its type and method.
   */
  endedBetween(operation: PolledOperation, from: number, to: number): number | undefined {
    const recorded = this.#byKind.get(kindOf(operation));
    if (recorded === undefined) return undefined;
    let between = 0;
    let later = 0;
    for (const { low, high } of recorded.estimate) {
      if (high <= from) continue;
      const after = high - (low > from ? low : from);
      later += after / (high - low);
      if (low >= to) continue;
      between += (high > to ? after - (high - (low > to ? low : to)) : after) / (high - low);
    }
    return between / (later + OUTLASTS);
  }
}

/**
 * When the ranges of most ends overlap, their intersection is a narrow estimate: one was running at 598 s, another had
 * ended at 601 s. Otherwise each end counts for itself.
 */
function estimateOf(ends: readonly End[]): readonly End[] {
  const lows = ends.map(({ low }) => low).sort((one, other) => one - other);
  const highs = ends.map(({ high }) => high).sort((one, other) => one - other);
  // Leave out the extremes: a single operation that ended early or late must not spoil the estimate.
  const low = lows[Math.ceil(lows.length * 0.8) - 1] ?? 0;
  const high = highs[Math.floor(highs.length * 0.2)] ?? 0;
  return low < high ? [{ low, high: high + TOLERANCE_MS }] : ends;
}

function kindOf({ type, method }: PolledOperation): string {
  return `${method} ${type.toLowerCase()}`;
}

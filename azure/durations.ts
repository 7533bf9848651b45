import type { PolledOperation } from './contract.ts';

/** Ends that are remembered of each type and method. The newest say most. */
const MOST_ENDS = 32;
const MOST_TYPES = 500;
/** The weight of the possibility that an operation outlasts all that were seen, counted in ends. */
const OUTLASTS = 0.1;
/** How far the end of an operation may lie behind what the others agree on. */
const TOLERANCE_MS = 3_000;

/** An operation ended at an age between the two (ms): it still ran at `low`, it was over at `high`. */
interface End {
  readonly low: number;
  readonly high: number;
}

/**
 * How long operations of each type and method have taken in this process, to guess which of those that run may have
 * ended.
 */
export class Durations {
  readonly #byKind = new Map<string, { ends: End[]; guess: readonly End[] }>();

  /** @param low age in ms at the last poll that said "running" */
  add(operation: PolledOperation, low: number, high: number): void {
    const kind = kindOf(operation);
    const ends = [...(this.#byKind.get(kind)?.ends ?? []), { low, high: Math.max(high, low + 1) }].slice(-MOST_ENDS);
    this.#byKind.set(kind, { ends, guess: guessOf(ends) });
    const oldest = this.#byKind.keys().next().value;
    if (this.#byKind.size > MOST_TYPES && oldest !== undefined) this.#byKind.delete(oldest);
  }

  /**
   * The probability that an operation that ran at age `from` is over at age `to` (ms). Undefined: nothing is known of
   * the kind.
   */
  endedBetween(operation: PolledOperation, from: number, to: number): number | undefined {
    const known = this.#byKind.get(kindOf(operation));
    if (known === undefined) return undefined;
    let between = 0;
    let later = 0;
    for (const { low, high } of known.guess) {
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
 * Where all ends agree, they narrow each other: one was still running at 598 s, another over at 601 s. Where they
 * differ, each stands for itself.
 */
function guessOf(ends: readonly End[]): readonly End[] {
  const lows = ends.map(({ low }) => low).sort((one, other) => one - other);
  const highs = ends.map(({ high }) => high).sort((one, other) => one - other);
  // Not the very last: one that ended early or late by itself must not spoil the guess.
  const low = lows[Math.ceil(lows.length * 0.8) - 1] ?? 0;
  const high = highs[Math.floor(highs.length * 0.2)] ?? 0;
  return low < high ? [{ low, high: high + TOLERANCE_MS }] : ends;
}

function kindOf({ type, method }: PolledOperation): string {
  return `${method} ${type.toLowerCase()}`;
}

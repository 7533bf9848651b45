/** What is not Ready is told again at least so often, whatever the period. */
const UNSETTLED_MS = 3_600_000;

export interface ResyncOptions {
  /** Undefined: what is Ready is never told again. */
  readonly periodMs: number | undefined;
  readonly isSettled: (key: string) => boolean;
  /** @default Math.random */
  readonly random?: () => number;
}

/**
 * When each resource is to be told again: a period (± 10 %) after it was told last. What was lost (a workflow that was terminated, Temporal's database) and
 * what has failed starts again so. Times are in ms since the epoch.
 */
export class Resync {
  readonly #options: Required<ResyncOptions>;
  readonly #turns = new Map<string, { readonly since: number; readonly jitter: number }>();

  constructor(options: ResyncOptions) {
    this.#options = { random: Math.random, ...options };
  }

  /** How often to ask for what is due. */
  get tickMs(): number {
    return Math.min(5_000, Math.max(100, this.#periodMs(false) / 100));
  }

  /** It was told: its period begins. */
  told(key: string, now: number): void {
    this.#turns.set(key, { since: now, jitter: 0.9 + this.#options.random() / 5 });
  }

  /** Nobody knows when it was told last: its turn comes at some time within a period. */
  spread(key: string, now: number): void {
    const periodMs = this.#periodMs(this.#options.isSettled(key));
    const since = Number.isFinite(periodMs) ? now - this.#options.random() * periodMs : now;
    this.#turns.set(key, { since, jitter: 1 });
  }

  has(key: string): boolean {
    return this.#turns.has(key);
  }

  forget(key: string): void {
    this.#turns.delete(key);
  }

  /** Whose turn has come. */
  due(now: number): string[] {
    const due: string[] = [];
    for (const [key, { since, jitter }] of this.#turns) {
      // The cheap question first: nobody's turn comes sooner than that of what is not Ready.
      if (now < since + this.#periodMs(false) * jitter) continue;
      if (now >= since + this.#periodMs(this.#options.isSettled(key)) * jitter) due.push(key);
    }
    return due;
  }

  #periodMs(settled: boolean): number {
    const periodMs = this.#options.periodMs ?? Number.POSITIVE_INFINITY;
    return settled ? periodMs : Math.min(periodMs, UNSETTLED_MS);
  }
}

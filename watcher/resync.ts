/** Resources that are not Ready are signalled at least this often, whatever the period. */
const NOT_READY_PERIOD_MS = 3_600_000;

export interface ResyncOptions {
  /** Undefined: Ready resources are never resynced. */
  readonly periodMs: number | undefined;
  /** Whether the resource is Ready and its current facts are handled. */
  readonly isUpToDate: (key: string) => boolean;
  /** @default Math.random */
  readonly random?: () => number;
}

/**
 * Schedules the resync of each resource: one period (± 10 %) after its last signal. The resync restarts runs that were
 * lost (a terminated workflow, a lost Temporal database) and runs that failed. Times are in ms since the epoch.
 */
export class Resync {
  readonly #options: Required<ResyncOptions>;
  readonly #schedule = new Map<string, { readonly since: number; readonly jitter: number }>();

  constructor(options: ResyncOptions) {
    this.#options = { random: Math.random, ...options };
  }

  /** How often to call `due`. */
  get tickMs(): number {
    return Math.min(5_000, Math.max(100, this.#periodMs(false) / 100));
  }

  /** Starts the period of a resource that was signalled. */
  recordSignal(key: string, now: number): void {
    this.#schedule.set(key, { since: now, jitter: 0.9 + this.#options.random() / 5 });
  }

  /** Schedules a resource whose last signal is not known at a random time within one period. */
  spread(key: string, now: number): void {
    const periodMs = this.#periodMs(this.#options.isUpToDate(key));
    const since = Number.isFinite(periodMs) ? now - this.#options.random() * periodMs : now;
    this.#schedule.set(key, { since, jitter: 1 });
  }

  has(key: string): boolean {
    return this.#schedule.has(key);
  }

  forget(key: string): void {
    this.#schedule.delete(key);
  }

  /** Keys of the resources whose resync is due. */
  due(now: number): string[] {
    const due: string[] = [];
    for (const [key, { since, jitter }] of this.#schedule) {
      // Cheap check first: no resource is due earlier than one that is not Ready.
      if (now < since + this.#periodMs(false) * jitter) continue;
      if (now >= since + this.#periodMs(this.#options.isUpToDate(key)) * jitter) due.push(key);
    }
    return due;
  }

  #periodMs(upToDate: boolean): number {
    const periodMs = this.#options.periodMs ?? Number.POSITIVE_INFINITY;
    return upToDate ? periodMs : Math.min(periodMs, NOT_READY_PERIOD_MS);
  }
}

/** How long a refusal, or a header with the level, proves that the bucket is as small as assumed. */
const PROVEN_MS = 15 * 60_000;
/** The number of accepted requests beyond the assumed bucket that disproves it. Far fewer requests are in flight. */
const DISPROVED_BY = 50;
/** The lowest rate in tokens per second. With a lower one it would take minutes to notice that Azure has recovered. */
const MIN_REFILL = 0.1;
/**
 * The minimum time between two header values from which the refill is computed. Closer together, the rounding of the
 * header would be as large as the difference.
 */
const HEADER_MS = 2_000;
/** How fast a reduced refill grows back: the part of the documented refill that is added per second. */
const GROWTH = 0.004;

const MARGIN = 0.02;
const SAME_REFUSAL_MS = 1_000;

export interface QuotaOptions {
  /** Tokens in a full bucket. */
  readonly capacity: number;
  /** Tokens per second that are added. */
  readonly refill: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * An estimate of one token bucket of Azure. It starts with the documented values and is corrected by observations. A
 * header with the remaining quota shows the level and, over time, this process's share of the refill. A refusal shows
 * that the bucket is empty, and two refusals show how much was added between them. Requests accepted beyond the assumed
 * level show that the bucket is larger.
 */
export class Quota {
  readonly #options: QuotaOptions;
  #level: number;
  #refill: number;
  #at: number;
  #provenUntil = 0;
  /**
   * When the bucket was last known to be empty; undefined when it has been full since then, which ends the measurement.
   */
  #emptyAt: number | undefined;
  #accepted = 0;
  /** No rate was measured since the last refusal: the rate starts low and grows with each success. */
  #slowStart = false;
  #grownAt = 0;
  #header: { readonly at: number; readonly remaining: number } | undefined;
  #acceptedSinceHeader = 0;
  #highestRemaining = 0;

  constructor(options: QuotaOptions) {
    this.#options = options;
    this.#level = options.capacity;
    this.#refill = options.refill;
    this.#at = options.now();
  }

  get capacity(): number {
    return this.#options.capacity;
  }

  /** Tokens per second. */
  get refill(): number {
    return this.#refill;
  }

  /** Tokens; negative when more was sent than the assumed bucket holds. */
  get level(): number {
    const now = this.#options.now();
    this.#level = Math.min(this.capacity, this.#level + (this.#refill * Math.max(0, now - this.#at)) / 1_000);
    this.#at = now;
    if (this.#level >= this.capacity) this.#emptyAt = undefined;
    return this.#level;
  }

  /** Whether Azure showed recently that this bucket exists. Otherwise it is only documented. */
  get proven(): boolean {
    return this.#options.now() < this.#provenUntil;
  }

  /** Milliseconds until the bucket holds `level` tokens. */
  msUntil(level: number): number {
    return Math.max(0, ((level - this.level) / this.#refill) * 1_000);
  }

  /** Takes a token for a request that is sent. */
  take(): void {
    this.#level = this.level - 1;
  }

  /** Tokens to leave in the bucket when Azure is known to refuse, because requests overtake each other on their way. */
  get margin(): number {
    return this.capacity * MARGIN;
  }

  /** Call it when a pause ends. The refill during the pause is unknown, so the bucket starts with one token. */
  restart(): void {
    this.#level = 1 + this.margin;
    this.#at = this.#options.now();
  }

  /**
   * Records an accepted request. `remaining`: the remaining quota by a header. `inFlight`: requests without an answer.
   */
  accepted(remaining: number | undefined, inFlight: number): void {
    this.#accepted += 1;
    this.#acceptedSinceHeader += 1;
    this.#grow();
    // A larger number belongs to another bucket, such as that of all clients of the subscription.
    if (remaining !== undefined && remaining <= this.capacity) this.#headerSaid(remaining, inFlight);
    if (this.proven || this.level + inFlight > -DISPROVED_BY) return;
    this.#refill *= 2;
    this.#level = this.capacity;
  }

  /** Records a refusal of a request that was sent after the last refusal was known. */
  refused(): void {
    const now = this.#options.now();
    // Too close to the last refusal to measure the refill.
    if (this.#emptyAt !== undefined && now - this.#emptyAt < SAME_REFUSAL_MS) return;
    const measured = this.level < this.capacity && this.#emptyAt !== undefined;
    if (measured && this.#emptyAt !== undefined) {
      // The bucket was empty then and is empty now, so the requests accepted in between equal the refill.
      const rate = (this.#accepted * 1_000) / (now - this.#emptyAt);
      this.#refill = Math.min(this.#refill * 0.95, Math.max(this.#refill / 5, rate * 0.95, MIN_REFILL));
    } else {
      this.#refill = Math.max(this.#refill / 5, MIN_REFILL);
    }
    this.#slowStart = !measured;
    this.#provenUntil = now + PROVEN_MS;
    this.#level = 0;
    this.#emptyAt = now;
    this.#accepted = 0;
    this.#header = undefined;
  }

  #grow(): void {
    const now = this.#options.now();
    const documented = this.#options.refill;
    if (this.#refill < documented) {
      const seconds = Math.min(now - this.#grownAt, 1_000) / 1_000;
      const grown = this.#slowStart ? this.#refill * 1.1 : this.#refill + documented * GROWTH * seconds;
      this.#refill = Math.min(documented, grown);
    }
    this.#grownAt = now;
  }

  #headerSaid(remaining: number, inFlight: number): void {
    const now = this.#options.now();
    this.#provenUntil = now + PROVEN_MS;
    this.#level = remaining - inFlight;
    this.#at = now;
    this.#highestRemaining = Math.max(this.#highestRemaining, remaining);
    const before = this.#header;
    if (before !== undefined && now - before.at < HEADER_MS) return;
    // A full bucket does not show its refill.
    const full = this.#highestRemaining - 2;
    if (before !== undefined && before.remaining < full && remaining < full) {
      const rate = ((remaining - before.remaining + this.#acceptedSinceHeader) * 1_000) / (now - before.at);
      this.#refill = Math.max(MIN_REFILL, (this.#refill + Math.max(0, rate)) / 2);
    }
    this.#header = { at: now, remaining };
    this.#acceptedSinceHeader = 0;
  }
}

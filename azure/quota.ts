/** For how long a refusal, or a header that tells the level, proves that the bucket is as small as we believe. */
const PROVEN_MS = 15 * 60_000;
/** Answers beyond what the assumed bucket could pay for that prove it wrong. Requests on the wire are far fewer. */
const DISPROVED_BY = 50;
/** Per second: a rate never falls lower, or it would take minutes to notice that Azure has recovered. */
const LOWEST_REFILL = 0.1;
/**
 * A level is read from headers at this distance to learn the refill: closer, the rounding of the header is as large as
 * what it tells.
 */
const HEADER_MS = 2_000;
/** How fast a measured refill grows again, as a part of the documented one, each second. */
const GROWTH = 0.004;

const MARGIN = 0.02;
const SAME_REFUSAL_MS = 1_000;

export interface QuotaOptions {
  /** Tokens in a full bucket. */
  readonly capacity: number;
  /** Tokens that come back, per second. */
  readonly refill: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * What is believed of one token bucket of Azure. It starts as documented and is corrected by what Azure shows: a
 * remaining-quota header tells the level and, over time, what is refilled for us (what other clients take is not); a
 * refusal says that the bucket is empty, and two of them how much came back between; answers that the bucket could not
 * have paid for say that it is larger.
 */
export class Quota {
  readonly #options: QuotaOptions;
  #level: number;
  #refill: number;
  #at: number;
  #provenUntil = 0;
  /** When it was last known to be empty; undefined when it has been full since, which ends the measurement. */
  #emptyAt: number | undefined;
  #accepted = 0;
  /** Nothing was measured since the last refusal: the rate starts low and grows with each success. */
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

  /** Tokens; below zero when more was sent than the assumed bucket holds. */
  get level(): number {
    const now = this.#options.now();
    this.#level = Math.min(this.capacity, this.#level + (this.#refill * Math.max(0, now - this.#at)) / 1_000);
    this.#at = now;
    if (this.#level >= this.capacity) this.#emptyAt = undefined;
    return this.#level;
  }

  /** Whether Azure has shown lately that there is such a bucket. Else it is only documented. */
  get proven(): boolean {
    return this.#options.now() < this.#provenUntil;
  }

  /** Milliseconds until the bucket holds so many tokens. */
  msUntil(level: number): number {
    return Math.max(0, ((level - this.level) / this.#refill) * 1_000);
  }

  /** A request goes out. */
  take(): void {
    this.#level = this.level - 1;
  }

  /**
   * What is left in the bucket where Azure is known to refuse, because requests overtake each other on their way; in
   * tokens.
   */
  get margin(): number {
    return this.capacity * MARGIN;
  }

  /** A pause ends: what came back meanwhile is not counted, because nobody knows how much. One token is there. */
  restart(): void {
    this.#level = 1 + this.margin;
    this.#at = this.#options.now();
  }

  /**
   * A request was let through. `remaining`: what a header says is left. `inFlight`: requests that are not answered yet.
   */
  accepted(remaining: number | undefined, inFlight: number): void {
    this.#accepted += 1;
    this.#acceptedSinceHeader += 1;
    this.#grow();
    // A larger number is about another bucket, such as that of all clients of the subscription.
    if (remaining !== undefined && remaining <= this.capacity) this.#headerSaid(remaining, inFlight);
    if (this.proven || this.level + inFlight > -DISPROVED_BY) return;
    this.#refill *= 2;
    this.#level = this.capacity;
  }

  /** A request was refused that was sent after the last refusal was known. */
  refused(): void {
    const now = this.#options.now();
    // Too close to the last refusal to say anything of the refill.
    if (this.#emptyAt !== undefined && now - this.#emptyAt < SAME_REFUSAL_MS) return;
    const measured = this.level < this.capacity && this.#emptyAt !== undefined;
    if (measured && this.#emptyAt !== undefined) {
      // Empty then and empty now: what was let through between is what came back.
      const rate = (this.#accepted * 1_000) / (now - this.#emptyAt);
      this.#refill = Math.min(this.#refill * 0.95, Math.max(this.#refill / 5, rate * 0.95, LOWEST_REFILL));
    } else {
      this.#refill = Math.max(this.#refill / 5, LOWEST_REFILL);
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
    // A full bucket does not show what it is refilled with.
    const full = this.#highestRemaining - 2;
    if (before !== undefined && before.remaining < full && remaining < full) {
      const rate = ((remaining - before.remaining + this.#acceptedSinceHeader) * 1_000) / (now - before.at);
      this.#refill = Math.max(LOWEST_REFILL, (this.#refill + Math.max(0, rate)) / 2);
    }
    this.#header = { at: now, remaining };
    this.#acceptedSinceHeader = 0;
  }
}

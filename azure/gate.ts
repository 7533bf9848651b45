import { abortedError, ArmError } from './arm-error.ts';
import type { Quota } from './quota.ts';

/** The maximum wait in this process. Temporal does longer waits, where they survive a restart and occupy no slot. */
const MAX_WAIT_MS = 5_000;
/** The pause after a refusal without Retry-After. */
const DEFAULT_PAUSE_MS = 5_000;
/**
 * The number of requests in flight before Azure has answered any; every second success allows one more. Without this
 * limit, a burst would only learn about a refusal when all its requests were refused.
 */
const FIRST_WINDOW = 5;
const WINDOW_GROWTH = 0.5;
/** How long a request waits for the answers of others while nothing indicates that Azure throttles. */
const WINDOW_WAIT_MS = 1_000;
/** The pause between two requests that waited for the same event. */
const SPACING_MS = 4;

export interface GateOptions {
  readonly quota: Quota;
  /** The maximum pause. After it, one request tests whether Azure still refuses. */
  readonly maxPauseMs: number;
  /** The error code for a caller that would have to wait too long. */
  readonly code: 'SubscriptionRequestsThrottled' | 'TooManyRequests';
  readonly message: string;
  readonly now: () => number;
  readonly random: () => number;
}

/** A request in flight, until it is reported as accepted, refused or dropped. */
export interface Pass {
  readonly sentAt: number;
}

/** What other requests must know about the polls that pass through the same gate. */
export interface PollDemand {
  /** The tokens to leave in the bucket for urgent polls. */
  readonly tokens: () => number;
  /** Whether many long operations are followed. */
  readonly crowded: () => boolean;
}

interface Waiter {
  readonly since: number;
  readonly prepaid: boolean;
  readonly enter: (pass: Pass) => void;
  readonly refuse: (error: ArmError) => void;
}

/**
 * The gate for all requests that share one limit of Azure. It is open until Azure refuses a request. Then it closes for
 * a pause; after that, one request tests the limit, and the others follow one by one at the rate that the quota has
 * learned.
 */
export class Gate {
  readonly quota: Quota;
  readonly #options: GateOptions;
  readonly #waiting: Waiter[] = [];
  readonly #passes = new Set<Pass>();
  #polls: PollDemand = { tokens: () => 0, crowded: () => false };
  #until = 0;
  #refusedAt = 0;
  #probing = false;
  #probe: Pass | undefined;
  #window = FIRST_WINDOW;
  #nextAt = 0;
  /** The latest time at which a dismissed caller was told to come back. */
  #promisedUntil = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
    this.quota = options.quota;
  }

  /** Registers the polls that share this limit, so that other requests leave tokens for them. */
  share(polls: PollDemand): void {
    this.#polls = polls;
  }

  /**
   * Whether requests are limited by the quota. A bucket that is only documented is not enforced, except when a refusal
   * would delay many polls.
   */
  get enforced(): boolean {
    return this.quota.proven || this.#polls.crowded();
  }

  /**
   * Milliseconds until a prepaid request may pass; while a test request is in flight, the ms after which to check
   * again.
   */
  closedMs(): number {
    const rest = Math.max(0, this.#until - this.#options.now());
    return rest === 0 && this.#probe !== undefined ? 50 : rest;
  }

  /** Whether the gate can be discarded: no request waits or is in flight, and Azure did not refuse one recently. */
  get idle(): boolean {
    return (
      this.#waiting.length === 0 && this.#passes.size === 0 && this.#until < this.#options.now() && !this.quota.proven
    );
  }

  /**
   * Resolves when the caller may send. `prepaid`: a poll whose token the poll budget has already taken.
   * @throws ArmError the error of `GateOptions` when the wait would be longer than 5 s, with a different time to come
   * back for each caller; `RequestAborted`
   */
  enter(signal: AbortSignal | undefined, prepaid: boolean): Promise<Pass> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        const at = this.#waiting.indexOf(waiter);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(abortedError());
        this.#pump();
      };
      const waiter: Waiter = {
        since: this.#options.now(),
        prepaid,
        enter: (pass) => {
          signal?.removeEventListener('abort', abort);
          resolve(pass);
        },
        refuse: (error) => {
          signal?.removeEventListener('abort', abort);
          reject(error);
        },
      };
      if (signal?.aborted === true) return abort();
      if (!prepaid && this.#expectedMs(this.#waiting.length) > MAX_WAIT_MS) return reject(this.#refusal());
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.push(waiter);
      this.#pump();
    });
  }

  /**
   * Reports that this limit let the request pass. `remaining`: the remaining quota by a header. `refused`: another
   * limit behind this one refused it.
   */
  accepted(pass: Pass, remaining: number | undefined, refused = false): void {
    if (!this.#passes.delete(pass)) return;
    if (!refused) this.#window += WINDOW_GROWTH;
    // A request that was sent before the refusal says nothing about the time after it.
    if (pass.sentAt >= this.#refusedAt) {
      this.quota.accepted(remaining, this.#passes.size);
      if (this.#probe === pass) this.#probing = false;
    }
    if (this.#probe === pass) this.#probe = undefined;
    this.#pump();
  }

  /** Reports that Azure refused the request. */
  refused(pass: Pass, retryAfterMs: number | undefined): void {
    if (!this.#passes.delete(pass)) return;
    if (this.#probe === pass) this.#probe = undefined;
    this.close(pass.sentAt, retryAfterMs);
  }

  /** Closes the gate because Azure refused a request that was sent at `sentAt`. */
  close(sentAt: number, retryAfterMs: number | undefined): void {
    const now = this.#options.now();
    const pause = Math.min(retryAfterMs ?? DEFAULT_PAUSE_MS, this.#options.maxPauseMs);
    // A burst is refused as a whole; count it as one refusal.
    if (sentAt >= this.#refusedAt) {
      this.quota.refused();
      this.#refusedAt = now + 1;
    }
    this.#window = FIRST_WINDOW;
    // Answers arrive out of order: a shorter pause from an earlier request must not end the current one.
    this.#until = Math.max(this.#until, now + pause);
    this.#probing = true;
    this.#pump();
  }

  /** Reports that the request ended without an answer. */
  dropped(pass: Pass): void {
    if (!this.#passes.delete(pass)) return;
    if (this.#probe === pass) this.#probe = undefined;
    this.#pump();
  }

  #pump(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (;;) {
      const now = this.#options.now();
      this.#dismiss(now);
      // A poll has its token already, so it must not queue behind reads that wait for theirs.
      const first = this.#waiting.find(({ prepaid }) => prepaid) ?? this.#waiting[0];
      if (first === undefined) return;
      const wait = this.#waitMs(first, now);
      if (wait <= 0) {
        this.#waiting.splice(this.#waiting.indexOf(first), 1);
        this.#send(first, now);
        continue;
      }
      const untilDismissal = Math.max(0, first.since + MAX_WAIT_MS - now) + 1;
      // Timers use whole milliseconds; round up, because a timer that fires too early has to be set again.
      this.#timer = setTimeout(() => this.#pump(), Math.ceil(Math.min(wait, untilDismissal)));
      return;
    }
  }

  #send(waiter: Waiter, now: number): void {
    const pass: Pass = { sentAt: now };
    if (this.#probing) {
      this.#probe = pass;
      this.quota.restart();
    }
    if (!waiter.prepaid) this.quota.take();
    this.#passes.add(pass);
    this.#nextAt = now + SPACING_MS * (0.5 + this.#options.random());
    waiter.enter(pass);
  }

  /**
   * Milliseconds that the first in the queue has to wait; Infinity while it depends on the answer to a test request.
   */
  #waitMs(waiter: Waiter, now: number): number {
    if (now < this.#until) return this.#until - now;
    if (this.#probing) return this.#probe === undefined ? 0 : Number.POSITIVE_INFINITY;
    if (waiter.prepaid) return 0;
    const waited = now - waiter.since;
    const { quota } = this;
    const tokens = 1 + this.#polls.tokens();
    if (this.enforced)
      return Math.max(this.#nextAt - now, quota.msUntil(tokens + quota.margin) * (0.9 + 0.2 * this.#options.random()));
    // Nothing indicates that Azure would refuse: wait briefly for the answers of others, then send.
    if (this.#passes.size < this.#window) return 0;
    return waited >= WINDOW_WAIT_MS ? this.#nextAt - now : WINDOW_WAIT_MS - waited;
  }

  #dismiss(now: number): void {
    while (this.#waiting[0] !== undefined && now - this.#waiting[0].since > MAX_WAIT_MS) {
      this.#waiting.shift()?.refuse(this.#refusal());
    }
  }

  #expectedMs(ahead: number): number {
    const rest = Math.max(0, this.#until - this.#options.now());
    if (!this.enforced) return rest;
    const short =
      ahead + 1 + this.quota.margin - (rest > 0 || this.#probing ? 1 + this.quota.margin : this.quota.level);
    return rest + Math.max(0, (short / this.quota.refill) * 1_000);
  }

  /** Each caller gets a different time, so that callers do not come back together. */
  #refusal(): ArmError {
    const now = this.#options.now();
    const earliest = Math.max(this.#promisedUntil, now + this.#expectedMs(this.#waiting.length));
    this.#promisedUntil = earliest + (1_000 / this.quota.refill) * (0.5 + this.#options.random());
    const { code, message, maxPauseMs } = this.#options;
    // With very many callers the last would wait for hours; beyond twice the maximum pause, spread them at random
    // instead.
    const wait = earliest - now;
    const retryAfterMs = Math.ceil(wait <= 2 * maxPauseMs ? wait : maxPauseMs * (1 + this.#options.random()));
    return new ArmError({ status: 429, code, message, retryAfterMs });
  }
}

import { ArmError, ownError } from './arm-error.ts';
import type { Quota } from './quota.ts';

/**
 * A caller waits here this long at most; a longer wait is Temporal's, where it survives a restart and holds no slot.
 */
const LONGEST_WAIT_MS = 5_000;
/** What a refusal without Retry-After is taken to ask for. */
const DEFAULT_PAUSE_MS = 5_000;
/**
 * Requests that may be on the wire before Azure has answered any; every second success allows one more. Otherwise a
 * burst learns of a refusal only when all of it is refused.
 */
const FIRST_WINDOW = 5;
const WINDOW_GROWTH = 0.5;
/** For how long a request waits for the answers of others, when nothing says that Azure throttles. */
const WINDOW_WAIT_MS = 1_000;
/** Between two requests that waited for the same thing. */
const SPACING_MS = 4;

export interface GateOptions {
  readonly quota: Quota;
  /** A pause is never longer: after it, one request asks whether it is over. */
  readonly longestPauseMs: number;
  /** What a caller is told that would have to wait for too long. */
  readonly code: 'SubscriptionRequestsThrottled' | 'TooManyRequests';
  readonly message: string;
  readonly now: () => number;
  readonly random: () => number;
}

/** A request on its way. It is over when it was heard of or dropped. */
export interface Pass {
  readonly sentAt: number;
}

/** What other requests must know of the polls that pass through the same gate. */
export interface PollsInPlay {
  /** Tokens to leave in the bucket for urgent ones. */
  readonly tokens: () => number;
  /** Many long operations are followed. */
  readonly crowded: () => boolean;
}

interface Waiter {
  readonly since: number;
  readonly prepaid: boolean;
  readonly enter: (pass: Pass) => void;
  readonly refuse: (error: ArmError) => void;
}

/**
 * What requests that share one limit of Azure pass through. Open until Azure refuses; then closed for a while; then one
 * request goes first, and after it the others one by one, at the rate that the quota has learned.
 */
export class Gate {
  readonly quota: Quota;
  readonly #options: GateOptions;
  readonly #waiting: Waiter[] = [];
  readonly #passes = new Set<Pass>();
  #polls: PollsInPlay = { tokens: () => 0, crowded: () => false };
  #until = 0;
  #refusedAt = 0;
  #probing = false;
  #probe: Pass | undefined;
  #window = FIRST_WINDOW;
  #nextAt = 0;
  /** Up to when callers were told to come back. */
  #promisedUntil = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
    this.quota = options.quota;
  }

  /** Polls share the limit: other requests leave room for them. */
  share(polls: PollsInPlay): void {
    this.#polls = polls;
  }

  /**
   * Whether the quota is kept to. A bucket that is only documented is tried out, except where a refusal would hold up
   * many polls.
   */
  get kept(): boolean {
    return this.quota.proven || this.#polls.crowded();
  }

  /** Milliseconds until a request that is paid for may go; while a first one is on its way, when to ask again. */
  closedMs(): number {
    const rest = Math.max(0, this.#until - this.#options.now());
    return rest === 0 && this.#probe !== undefined ? 50 : rest;
  }

  /** Nothing is under way, and Azure has not refused lately: the gate can be forgotten. */
  get idle(): boolean {
    return (
      this.#waiting.length === 0 && this.#passes.size === 0 && this.#until < this.#options.now() && !this.quota.proven
    );
  }

  /**
   * Returns when the caller may send. `prepaid`: a poll, for which the poll budget has taken the token.
   * @throws ArmError the typed refusal, with a time to come back that differs for each caller, when that is more than 5
   * s away; `RequestAborted`.
   */
  enter(signal: AbortSignal | undefined, prepaid: boolean): Promise<Pass> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        const at = this.#waiting.indexOf(waiter);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(ownError('RequestAborted', 'The wait for Azure was ended by us.'));
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
      if (!prepaid && this.#expectedMs(this.#waiting.length) > LONGEST_WAIT_MS) return reject(this.#refusal());
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.push(waiter);
      this.#pump();
    });
  }

  /**
   * Azure let it through here. `remaining`: what a header says is left. `refused`: by another limit behind this one.
   */
  accepted(pass: Pass, remaining: number | undefined, refused = false): void {
    if (!this.#passes.delete(pass)) return;
    if (!refused) this.#window += WINDOW_GROWTH;
    // An answer to what was sent before the refusal says nothing of the time after it.
    if (pass.sentAt >= this.#refusedAt) {
      this.quota.accepted(remaining, this.#passes.size);
      if (this.#probe === pass) this.#probing = false;
    }
    if (this.#probe === pass) this.#probe = undefined;
    this.#pump();
  }

  /** Azure refused it. */
  refused(pass: Pass, retryAfterMs: number | undefined): void {
    if (!this.#passes.delete(pass)) return;
    if (this.#probe === pass) this.#probe = undefined;
    this.close(pass.sentAt, retryAfterMs);
  }

  /** Azure refused a request that was sent then. */
  close(sentAt: number, retryAfterMs: number | undefined): void {
    const now = this.#options.now();
    const pause = Math.min(retryAfterMs ?? DEFAULT_PAUSE_MS, this.#options.longestPauseMs);
    // A burst is refused as a whole: that is one refusal.
    if (sentAt >= this.#refusedAt) {
      this.quota.refused();
      this.#refusedAt = now + 1;
    }
    this.#window = FIRST_WINDOW;
    // Answers arrive out of order: an earlier, shorter one must not end the pause.
    this.#until = Math.max(this.#until, now + pause);
    this.#probing = true;
    this.#pump();
  }

  /** It ended without an answer. */
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
      // A poll has its token already: it must not stand behind reads that wait for theirs.
      const first = this.#waiting.find(({ prepaid }) => prepaid) ?? this.#waiting[0];
      if (first === undefined) return;
      const wait = this.#waitMs(first, now);
      if (wait <= 0) {
        this.#waiting.splice(this.#waiting.indexOf(first), 1);
        this.#send(first, now);
        continue;
      }
      const patience = Math.max(0, first.since + LONGEST_WAIT_MS - now) + 1;
      // Timers are whole milliseconds, and one that fires early finds that it has to wait for another.
      this.#timer = setTimeout(() => this.#pump(), Math.ceil(Math.min(wait, patience)));
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

  /** Milliseconds that the first in the queue has to wait; Infinity when something must happen first. */
  #waitMs(waiter: Waiter, now: number): number {
    if (now < this.#until) return this.#until - now;
    if (this.#probing) return this.#probe === undefined ? 0 : Number.POSITIVE_INFINITY;
    if (waiter.prepaid) return 0;
    const waited = now - waiter.since;
    const { quota } = this;
    const tokens = 1 + this.#polls.tokens();
    if (this.kept)
      return Math.max(this.#nextAt - now, quota.msUntil(tokens + quota.margin) * (0.9 + 0.2 * this.#options.random()));
    // Nothing shows that Azure would refuse: wait a little for the answers of others, then go.
    if (this.#passes.size < this.#window) return 0;
    return waited >= WINDOW_WAIT_MS ? this.#nextAt - now : WINDOW_WAIT_MS - waited;
  }

  #dismiss(now: number): void {
    while (this.#waiting[0] !== undefined && now - this.#waiting[0].since > LONGEST_WAIT_MS) {
      this.#waiting.shift()?.refuse(this.#refusal());
    }
  }

  #expectedMs(ahead: number): number {
    const rest = Math.max(0, this.#until - this.#options.now());
    if (!this.kept) return rest;
    const short =
      ahead + 1 + this.quota.margin - (rest > 0 || this.#probing ? 1 + this.quota.margin : this.quota.level);
    return rest + Math.max(0, (short / this.quota.refill) * 1_000);
  }

  /** Each caller gets a time of its own: those that come back must not collide. */
  #refusal(): ArmError {
    const now = this.#options.now();
    const earliest = Math.max(this.#promisedUntil, now + this.#expectedMs(this.#waiting.length));
    this.#promisedUntil = earliest + (1_000 / this.quota.refill) * (0.5 + this.#options.random());
    const { code, message, longestPauseMs } = this.#options;
    // With very many callers the last would wait for hours: from there on they spread over the longest pause.
    const wait = earliest - now;
    const retryAfterMs = Math.ceil(wait <= 2 * longestPauseMs ? wait : longestPauseMs * (1 + this.#options.random()));
    return new ArmError({ status: 429, code, message, retryAfterMs });
  }
}

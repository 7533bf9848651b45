import { abortedError } from './arm-error.ts';
import type { PollBudget, PolledOperation } from './contract.ts';
import { Durations } from './durations.ts';
import type { Gate } from './gate.ts';

/**
 * Without Retry-After, the interval between polls grows with the age of the operation: polls at 0, 0.5, 1.5, 3.5, 6.5 s
 * and then every 3 s.
 */
const FIRST_INTERVAL_MS = 500;
const MAX_INTERVAL_MS = 3_000;
/** From this probability on, an operation is treated as probably ended. */
const PROBABLY_ENDED = 0.3;
/** Below this probability, an operation is treated as running, and others are polled first. */
const PROBABLY_RUNNING = 0.02;
/**
 * The part of a full bucket that must be left for a poll to be allowed. What stays in the bucket is for other reads,
 * and for the moment in which many operations end. Steady polls may only use the refill; the first poll of a new
 * operation may use a part of the stock; an operation that has probably ended may use nearly all of it.
 */
const STEADY = 0.8;
const FIRST = 0.25;
const URGENT = 0.05;
/** A poll that is late gets access to more and more of the stock; at this many rounds it counts as urgent. */
const OVERDUE_ROUNDS = 1.5;
/** The delay that does not count as late. */
const GRACE_MS = 1_000;
const NEW_MS = 10_000;
/**
 * With more old operations than this, polling each every 3 s is impossible, and a refusal would delay the discovery of
 * many ends.
 */
const CROWD = 75;
const OLD_MS = 60_000;
/** The pause between two polls, in which an answer can still stop the next one. */
const SPACING_MS = 5;
/** How long an operation that left is remembered, so that it keeps its place when it returns. */
const AWAY_MS = 10 * 60_000;
const MAX_TIMER_MS = 1_000;

interface Entry {
  operation: PolledOperation;
  /** The time of the last poll in this process, in ms since the epoch. */
  polledAt: number | undefined;
  /** The time of the poll before the last one. */
  polledBefore: number | undefined;
  /**
   * Random weight, so that operations that started together are not polled together: then the first end is discovered
   * soon.
   */
  weight: number;
  /** The earliest time of the next poll, in ms since the epoch. Set by `waitForTurn`. */
  dueAt: number;
  grant: (() => void) | undefined;
  /** Since when nobody in this process waits for it, in ms since the epoch. */
  awaySince: number | undefined;
}

/** The poll budget of one subscription in this process. Its polls take tokens from the quota of all reads. */
export class SharedPollBudget implements PollBudget {
  readonly #reads: Gate;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #entries = new Map<string, Entry>();
  readonly #durations = new Durations();
  #urgent = 0;
  #crowdedUntil = 0;
  #nextAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #wakeAt = Number.POSITIVE_INFINITY;

  constructor(reads: Gate, options: { now?: () => number; random?: () => number } = {}) {
    this.#reads = reads;
    this.#now = options.now ?? Date.now;
    this.#random = options.random ?? Math.random;
    const crowded = (): boolean => this.#now() < this.#crowdedUntil;
    reads.share({
      tokens: () => (this.#urgent > 0 || crowded() ? URGENT * reads.quota.capacity + this.#urgent : 0),
      crowded,
    });
  }

  waitForTurn(operation: PolledOperation, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry = this.#entry(operation);
      const abort = (): void => {
        entry.grant = undefined;
        reject(abortedError());
        this.#pump();
      };
      if (signal?.aborted === true) return abort();
      signal?.addEventListener('abort', abort, { once: true });
      entry.grant = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      // The pump then checks every waiting operation, so one that is due later needs no timer of its own.
      entry.dueAt = dueAt(operation, entry.polledAt);
      if (entry.dueAt < this.#wakeAt) this.#wake(entry.dueAt - this.#now());
    });
  }

  ended(operation: PolledOperation): void {
    const entry = this.#entries.get(operation.key);
    this.#entries.delete(operation.key);
    const { startedAt } = operation;
    // An operation that had ended at the first poll here tells nothing about durations, unless it had just started.
    const before = entry?.polledBefore ?? startedAt;
    const at = entry?.polledAt ?? this.#now();
    if (entry?.polledBefore !== undefined || at - startedAt < NEW_MS) {
      this.#durations.add(operation, Math.max(0, before - startedAt), Math.max(0, at - startedAt));
    }
    this.#pump();
  }

  leave(key: string): void {
    const now = this.#now();
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.awaySince = now;
    for (const [other, { awaySince }] of this.#entries) {
      if (awaySince !== undefined && now - awaySince > AWAY_MS) this.#entries.delete(other);
    }
    this.#pump();
  }

  expectedWaitMs(operation: PolledOperation): number {
    const now = this.#now();
    const entry = this.#entries.get(operation.key);
    const rest = Math.max(this.#reads.closedMs(), dueAt(operation, entry?.polledAt) - now);
    if (this.#endProbability(operation, entry?.polledAt, now) >= PROBABLY_ENDED) return rest;
    return Math.max(rest, entry?.polledAt === undefined ? 0 : entry.polledAt + this.#roundMs() - now);
  }

  #entry(operation: PolledOperation): Entry {
    const found = this.#entries.get(operation.key);
    // With another start time, it is another operation on the same resource.
    if (found !== undefined && found.operation.startedAt === operation.startedAt) {
      found.operation = operation;
      found.awaySince = undefined;
      return found;
    }
    const entry: Entry = {
      operation,
      polledAt: undefined,
      polledBefore: undefined,
      weight: 1,
      dueAt: 0,
      grant: undefined,
      awaySince: undefined,
    };
    this.#entries.set(operation.key, entry);
    return entry;
  }

  /** The time to poll every operation once at the refill rate of the quota. */
  #roundMs(): number {
    return Math.max(MAX_INTERVAL_MS, (this.#entries.size / this.#reads.quota.refill) * 1_000);
  }

  #endProbability(operation: PolledOperation, polledAt: number | undefined, now: number): number {
    const from = polledAt === undefined ? 0 : polledAt - operation.startedAt;
    return this.#durations.endedBetween(operation, from, now - operation.startedAt) ?? PROBABLY_RUNNING;
  }

  #pump(): void {
    clearTimeout(this.#timer);
    this.#wakeAt = Number.POSITIVE_INFINITY;
    const now = this.#now();
    const { entry, inMs } = this.#next(now);
    const wait = Math.max(this.#reads.closedMs(), this.#nextAt - now, inMs);
    if (entry !== undefined && wait <= 0) {
      this.#grant(entry, now);
      this.#nextAt = now + SPACING_MS * (0.5 + this.#random());
      this.#wake(SPACING_MS);
    } else if (wait !== Number.POSITIVE_INFINITY) this.#wake(wait);
  }

  #wake(ms: number): void {
    clearTimeout(this.#timer);
    const delay = Math.min(MAX_TIMER_MS, Math.max(0, Math.ceil(ms)));
    this.#wakeAt = this.#now() + delay;
    this.#timer = setTimeout(() => this.#pump(), delay);
  }

  #grant(entry: Entry, now: number): void {
    const { grant } = entry;
    entry.grant = undefined;
    entry.polledBefore = entry.polledAt;
    entry.polledAt = now;
    entry.weight = 0.75 + this.#random() / 2;
    this.#reads.quota.take();
    grant?.();
  }

  /**
   * Returns the most urgent operation that may be polled and for which the bucket holds enough; otherwise the ms until
   * there may be one.
   */
  #next(now: number): { entry: Entry | undefined; inMs: number } {
    const { level, capacity, refill } = this.#reads.quota;
    const round = this.#roundMs();
    let best: { entry: Entry; rank: number } | undefined;
    let inMs = Number.POSITIVE_INFINITY;
    let leastMissing = Number.POSITIVE_INFINITY;
    this.#urgent = 0;
    let old = 0;
    for (const entry of this.#entries.values()) {
      if (now - entry.operation.startedAt > OLD_MS) old += 1;
      if (entry.grant === undefined) continue;
      if (entry.dueAt > now) {
        if (entry.dueAt - now < inMs) inMs = entry.dueAt - now;
        continue;
      }
      const { part, rank } = this.#priorityOf(entry, now, round);
      if (part <= URGENT) this.#urgent += 1;
      const missing = part * capacity - level;
      if (missing > 0) leastMissing = missing < leastMissing ? missing : leastMissing;
      else if (best === undefined || rank > best.rank) best = { entry, rank };
    }
    // Their ends cause other reads; enforce the documented quota for those too.
    if (old > CROWD) this.#crowdedUntil = now + OLD_MS;
    inMs = Math.min(inMs, (leastMissing / refill) * 1_000);
    return best === undefined ? { entry: undefined, inMs } : { entry: best.entry, inMs: 0 };
  }

  #priorityOf(entry: Entry, now: number, round: number): { part: number; rank: number } {
    const { operation, polledAt, weight, dueAt } = entry;
    const { startedAt } = operation;
    const ended = this.#endProbability(operation, polledAt, now);
    const since = now - (polledAt ?? startedAt);
    if (ended >= PROBABLY_ENDED) {
      // If nothing indicates that Azure would refuse, and few long operations could suffer from a refusal, do not delay
      // the discovery of an end.
      const part = this.#reads.enforced ? URGENT : Number.NEGATIVE_INFINITY;
      return { part, rank: 1_000_000 + ended * since };
    }
    const interval = polledAt === undefined ? FIRST_INTERVAL_MS : intervalMs(polledAt - startedAt);
    const rank = ((since / interval) * weight) / (ended < PROBABLY_RUNNING ? 3 : 1);
    if (polledAt === undefined && ended >= PROBABLY_RUNNING && now - startedAt < NEW_MS) return { part: FIRST, rank };
    // A poll is late when it waits for longer than a round. A wait for Retry-After does not count.
    const late = now - (dueAt > startedAt ? dueAt : startedAt) - (round - MAX_INTERVAL_MS) - GRACE_MS;
    const share = late <= 0 ? 0 : Math.min(1, late / (OVERDUE_ROUNDS * round));
    return { part: STEADY - (STEADY - URGENT) * share, rank };
  }
}

function intervalMs(age: number): number {
  const interval = FIRST_INTERVAL_MS + age;
  return interval > MAX_INTERVAL_MS ? MAX_INTERVAL_MS : Math.max(FIRST_INTERVAL_MS, interval);
}

function dueAt({ startedAt, notBefore }: PolledOperation, polledAt: number | undefined): number {
  if (polledAt === undefined) return notBefore ?? 0;
  return Math.max(polledAt + intervalMs(polledAt - startedAt), notBefore ?? 0);
}

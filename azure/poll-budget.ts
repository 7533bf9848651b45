import { ownError } from './arm-error.ts';
import type { PollBudget, PolledOperation } from './contract.ts';
import { Durations } from './durations.ts';
import type { Gate } from './gate.ts';

/**
 * Without a Retry-After the time between two polls grows with the age, so that they come at 0, 0.5, 1.5, 3.5, 6.5 s and
 * then every 3 s.
 */
const FIRST_INTERVAL_MS = 500;
const LONGEST_INTERVAL_MS = 3_000;
/** From this probability on an operation is taken to be over. */
const SUSPECT = 0.3;
/** Below this it is taken to run, and others go before it. */
const SURELY_RUNNING = 0.02;
/**
 * Parts of a full bucket that must be there for a poll. What stays pays for other reads, and for the moment in which
 * many operations end: steady polls live on the refill alone, the first poll of a new operation on a part of the stock,
 * and what has probably ended on nearly all of it.
 */
const STEADY = 0.8;
const FIRST = 0.25;
const URGENT = 0.05;
/** A poll that is late by so many rounds takes from the stock too, as if it were urgent; before, by and by. */
const OVERDUE_ROUNDS = 1.5;
/** So late every poll may be. */
const GRACE_MS = 1_000;
const NEW_MS = 10_000;
/** So many old operations cannot all be polled every 3 s: a refusal would make many ends late. */
const CROWD = 75;
const OLD_MS = 60_000;
/** Between two polls: what answers in the meantime can still stop the next. */
const SPACING_MS = 5;
/** An operation that left is remembered this long, so that it comes back in its place. */
const AWAY_MS = 10 * 60_000;
const LOOK_AGAIN_MS = 1_000;

interface Entry {
  operation: PolledOperation;
  /** ms since the epoch; undefined before the first poll in this process. */
  polledAt: number | undefined;
  /** The poll before that. */
  polledBefore: number | undefined;
  /** Spreads the order, so that operations that began together are not polled together: the first end shows soon. */
  weight: number;
  /** ms since the epoch: it is not polled earlier. Set when it begins to wait. */
  dueAt: number;
  grant: (() => void) | undefined;
  /** Since when nobody here waits for it. */
  awaySince: number | undefined;
}

/** The budget of one subscription in this process. It takes from the same quota as all other reads. */
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

  turn(operation: PolledOperation, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry = this.#entry(operation);
      const abort = (): void => {
        entry.grant = undefined;
        reject(ownError('RequestAborted', 'The wait for Azure was ended by us.'));
        this.#pump();
      };
      if (signal?.aborted === true) return abort();
      signal?.addEventListener('abort', abort, { once: true });
      entry.grant = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      // Every operation that waits is looked at then; one that is due later needs no look now.
      entry.dueAt = dueAt(operation, entry.polledAt);
      if (entry.dueAt < this.#wakeAt) this.#wake(entry.dueAt - this.#now());
    });
  }

  ended(operation: PolledOperation): void {
    const entry = this.#entries.get(operation.key);
    this.#entries.delete(operation.key);
    const { startedAt } = operation;
    // An operation that was over when it was first polled here says nothing, unless it had just begun.
    const before = entry?.polledBefore ?? startedAt;
    const at = entry?.polledAt ?? this.#now();
    if (entry?.polledBefore !== undefined || at - startedAt < NEW_MS) {
      this.#durations.add(operation, Math.max(0, before - startedAt), Math.max(0, at - startedAt));
    }
    this.#pump();
  }

  left(key: string): void {
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
    if (this.#probablyOver(operation, entry?.polledAt, now) >= SUSPECT) return rest;
    return Math.max(rest, entry?.polledAt === undefined ? 0 : entry.polledAt + this.#roundMs() - now);
  }

  #entry(operation: PolledOperation): Entry {
    const found = this.#entries.get(operation.key);
    // Another start is another operation on the same resource.
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

  /** How long it takes to poll every operation once, at the rate that the quota is refilled. */
  #roundMs(): number {
    return Math.max(LONGEST_INTERVAL_MS, (this.#entries.size / this.#reads.quota.refill) * 1_000);
  }

  #probablyOver(operation: PolledOperation, polledAt: number | undefined, now: number): number {
    const from = polledAt === undefined ? 0 : polledAt - operation.startedAt;
    return this.#durations.endedBetween(operation, from, now - operation.startedAt) ?? SURELY_RUNNING;
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
    const delay = Math.min(LOOK_AGAIN_MS, Math.max(0, Math.ceil(ms)));
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
   * The most urgent of those that may be polled and for which there is enough in the bucket; else in how many
   * milliseconds there may be one.
   */
  #next(now: number): { entry: Entry | undefined; inMs: number } {
    const { level, capacity, refill } = this.#reads.quota;
    const round = this.#roundMs();
    let best: { entry: Entry; rank: number } | undefined;
    let inMs = Number.POSITIVE_INFINITY;
    let shortest = Number.POSITIVE_INFINITY;
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
      const short = part * capacity - level;
      if (short > 0) shortest = short < shortest ? short : shortest;
      else if (best === undefined || rank > best.rank) best = { entry, rank };
    }
    // Their ends bring other reads with them, for which the bucket is not tried out either.
    if (old > CROWD) this.#crowdedUntil = now + OLD_MS;
    inMs = Math.min(inMs, (shortest / refill) * 1_000);
    return best === undefined ? { entry: undefined, inMs } : { entry: best.entry, inMs: 0 };
  }

  #priorityOf(entry: Entry, now: number, round: number): { part: number; rank: number } {
    const { operation, polledAt, weight, dueAt } = entry;
    const { startedAt } = operation;
    const over = this.#probablyOver(operation, polledAt, now);
    const since = now - (polledAt ?? startedAt);
    if (over >= SUSPECT) {
      // Where nothing shows that Azure would refuse, and few long operations could suffer from it, the end of a short
      // one is not held up.
      const part = this.#reads.kept ? URGENT : Number.NEGATIVE_INFINITY;
      return { part, rank: 1_000_000 + over * since };
    }
    const interval = polledAt === undefined ? FIRST_INTERVAL_MS : intervalMs(polledAt - startedAt);
    const rank = ((since / interval) * weight) / (over < SURELY_RUNNING ? 3 : 1);
    if (polledAt === undefined && over >= SURELY_RUNNING && now - startedAt < NEW_MS) return { part: FIRST, rank };
    // A round takes as long as it takes; what waits for longer is overdue. A Retry-After is no delay of ours.
    const late = now - (dueAt > startedAt ? dueAt : startedAt) - (round - LONGEST_INTERVAL_MS) - GRACE_MS;
    const share = late <= 0 ? 0 : Math.min(1, late / (OVERDUE_ROUNDS * round));
    return { part: STEADY - (STEADY - URGENT) * share, rank };
  }
}

function intervalMs(age: number): number {
  const interval = FIRST_INTERVAL_MS + age;
  return interval > LONGEST_INTERVAL_MS ? LONGEST_INTERVAL_MS : Math.max(FIRST_INTERVAL_MS, interval);
}

function dueAt({ startedAt, notBefore }: PolledOperation, polledAt: number | undefined): number {
  if (polledAt === undefined) return notBefore ?? 0;
  return Math.max(polledAt + intervalMs(polledAt - startedAt), notBefore ?? 0);
}

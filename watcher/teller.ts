import { CoalescingQueue, type QueueOptions } from './queue.ts';
import { Resync } from './resync.ts';
import type { News, WatcherState } from './state.ts';

/** What another watcher has had to tell for so long was told, by it or by a third one. */
const TOLD_BY_OTHERS_MS = 60_000;

export interface TellerOptions {
  readonly state: WatcherState;
  /** Delivers it; a throw means: again, later, for ever. */
  readonly tell: (key: string, news: News) => Promise<void>;
  /** Whether this watcher leads at this very moment. */
  readonly leads: () => boolean;
  readonly syncPeriodMs: number | undefined;
  readonly pacePerSecond: number;
  readonly concurrency: number;
  readonly onFailure: QueueOptions['onFailure'];
}

/** Tells what is to be told, once everything was listed and while this watcher leads. While another one leads, it keeps in mind what is new. */
export class Teller {
  readonly #options: TellerOptions;
  readonly #queue: CoalescingQueue;
  readonly #resync: Resync;
  /** What came up while another led, and when; oldest first. */
  readonly #followed = new Map<string, number>();
  #listed = false;
  #leading = false;
  #ticking: NodeJS.Timeout | undefined;

  constructor(options: TellerOptions) {
    this.#options = options;
    const { state, concurrency, pacePerSecond, onFailure } = options;
    this.#queue = new CoalescingQueue({
      concurrency,
      perSecond: pacePerSecond,
      onFailure,
      work: (key) => this.#work(key),
    });
    this.#resync = new Resync({ periodMs: options.syncPeriodMs, isSettled: (key) => state.isSettled(key) });
  }

  /** There may be news of this key. */
  dirty(key: string): void {
    if (!this.#listed) return;
    if (this.#leading) {
      this.#queue.add(key);
      if (!this.#resync.has(key)) this.#resync.spread(key, Date.now());
    } else this.#follow(key);
  }

  /** All that is there is known. Before, a Secret only seems to be absent. */
  listed(): void {
    this.#listed = true;
    // What needs no telling is kept in mind as told from here on.
    for (const key of this.#options.state.keys()) this.#options.state.news(key);
    if (this.#leading) this.#begin();
  }

  lead(): void {
    this.#leading = true;
    if (this.#listed) this.#begin();
  }

  follow(): void {
    this.#leading = false;
    clearInterval(this.#ticking);
    for (const key of this.#queue.clear()) this.#follow(key);
  }

  async stop(): Promise<void> {
    clearInterval(this.#ticking);
    await this.#queue.stop();
  }

  #begin(): void {
    const { state } = this.#options;
    this.#forgetOld();
    const now = Date.now();
    for (const key of state.keys()) this.#resync.spread(key, now);
    for (const key of new Set([...this.#followed.keys(), ...state.keys()]))
      if (state.news(key)) this.#queue.add(key, { paced: true });
    this.#followed.clear();
    clearInterval(this.#ticking);
    this.#ticking = setInterval(() => this.#tick(), this.#resync.tickMs);
  }

  #tick(): void {
    const now = Date.now();
    for (const key of this.#resync.due(now)) {
      if (!this.#options.state.has(key)) {
        this.#resync.forget(key);
        continue;
      }
      // From here on the queue sees to it that it is told.
      this.#resync.told(key, now);
      this.#options.state.setDue(key);
      this.#queue.add(key, { paced: true });
    }
  }

  async #work(key: string): Promise<void> {
    const { state, leads, tell } = this.#options;
    if (!leads()) {
      this.#follow(key);
      return;
    }
    const news = state.news(key);
    if (!news) return;
    await tell(key, news);
    state.markTold(key, news);
    if (news.type === 'gone') this.#resync.forget(key);
    else this.#resync.told(key, Date.now());
  }

  #follow(key: string): void {
    this.#followed.delete(key);
    this.#followed.set(key, Date.now());
    this.#forgetOld();
  }

  #forgetOld(): void {
    const old = Date.now() - TOLD_BY_OTHERS_MS;
    for (const [key, since] of this.#followed) {
      if (since > old) return;
      this.#followed.delete(key);
      this.#options.state.assumeTold(key);
    }
  }
}

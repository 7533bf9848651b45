import { CoalescingQueue, type QueueOptions } from './queue.ts';
import { Resync } from './resync.ts';
import type { PendingSignal, WatcherState } from './state.ts';

/** A change that another watcher had this long to signal counts as signalled by that watcher. */
const HANDLED_BY_LEADER_MS = 60_000;

export interface SignalSenderOptions {
  readonly state: WatcherState;
  /** Sends the signal. If it throws, it is called again later until it succeeds. */
  readonly send: (key: string, signal: PendingSignal) => Promise<void>;
  /** Whether this watcher is the leader now. */
  readonly leads: () => boolean;
  readonly syncPeriodMs: number | undefined;
  readonly pacePerSecond: number;
  readonly concurrency: number;
  readonly onFailure: QueueOptions['onFailure'];
}

/**
 * Sends the pending signals while this watcher leads, once all resources are listed. While another watcher leads, it
 * only records which keys changed.
 */
export class SignalSender {
  readonly #options: SignalSenderOptions;
  readonly #queue: CoalescingQueue;
  readonly #resync: Resync;
  /** Keys that changed while another watcher led, with the time of the change in ms since the epoch; oldest first. */
  readonly #changedWhileFollowing = new Map<string, number>();
  #listed = false;
  #leading = false;
  #resyncTimer: NodeJS.Timeout | undefined;

  constructor(options: SignalSenderOptions) {
    this.#options = options;
    const { state, concurrency, pacePerSecond, onFailure } = options;
    this.#queue = new CoalescingQueue({
      concurrency,
      perSecond: pacePerSecond,
      onFailure,
      work: (key) => this.#signal(key),
    });
    this.#resync = new Resync({ periodMs: options.syncPeriodMs, isUpToDate: (key) => state.isUpToDate(key) });
  }

  /** How many resources wait for a signal, and the longest wait. */
  get queue(): CoalescingQueue['waiting'] {
    return this.#queue.waiting;
  }

  /** Call it when the facts of a key may have changed. */
  keyChanged(key: string): void {
    if (!this.#listed) return;
    if (this.#leading) {
      this.#queue.add(key);
      if (!this.#resync.has(key)) this.#resync.spread(key, Date.now());
    } else this.#recordChange(key);
  }

  /** Call it when everything is listed. Before that, a Secret may seem to be absent because it was not listed yet. */
  listComplete(): void {
    this.#listed = true;
    // Record the dependencies of resources that need no signal now, so that later changes of them are noticed.
    for (const key of this.#options.state.keys()) this.#options.state.pendingSignal(key);
    if (this.#leading) this.#queueAll();
  }

  startLeading(): void {
    this.#leading = true;
    if (this.#listed) this.#queueAll();
  }

  stopLeading(): void {
    this.#leading = false;
    clearInterval(this.#resyncTimer);
    for (const key of this.#queue.clear()) this.#recordChange(key);
  }

  async stop(): Promise<void> {
    clearInterval(this.#resyncTimer);
    await this.#queue.stop();
  }

  #queueAll(): void {
    const { state } = this.#options;
    this.#expireRecorded();
    const now = Date.now();
    for (const key of state.keys()) this.#resync.spread(key, now);
    for (const key of new Set([...this.#changedWhileFollowing.keys(), ...state.keys()]))
      if (state.pendingSignal(key)) this.#queue.add(key, { paced: true });
    this.#changedWhileFollowing.clear();
    clearInterval(this.#resyncTimer);
    this.#resyncTimer = setInterval(() => this.#queueDue(), this.#resync.tickMs);
  }

  #queueDue(): void {
    const now = Date.now();
    for (const key of this.#resync.due(now)) {
      if (!this.#options.state.has(key)) {
        this.#resync.forget(key);
        continue;
      }
      // From here on the queue guarantees the signal.
      this.#resync.recordSignal(key, now);
      this.#options.state.setDue(key);
      this.#queue.add(key, { paced: true });
    }
  }

  async #signal(key: string): Promise<void> {
    const { state, leads, send } = this.#options;
    if (!leads()) {
      this.#recordChange(key);
      return;
    }
    const signal = state.pendingSignal(key);
    if (!signal) return;
    await send(key, signal);
    state.markSignalled(key, signal);
    if (signal.type === 'gone') this.#resync.forget(key);
    else this.#resync.recordSignal(key, Date.now());
  }

  #recordChange(key: string): void {
    this.#changedWhileFollowing.delete(key);
    this.#changedWhileFollowing.set(key, Date.now());
    this.#expireRecorded();
  }

  #expireRecorded(): void {
    const old = Date.now() - HANDLED_BY_LEADER_MS;
    for (const [key, since] of this.#changedWhileFollowing) {
      if (since > old) return;
      this.#changedWhileFollowing.delete(key);
      this.#options.state.assumeSignalled(key);
    }
  }
}

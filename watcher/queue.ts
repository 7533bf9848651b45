import { backoffMs } from '../kube/backoff.ts';

export interface QueueOptions {
  /** Processes the current state of a key. If it throws, the queue retries the key until it succeeds. */
  readonly work: (key: string) => Promise<void>;
  readonly onFailure: (failure: { key: string; failures: number; retryInMs: number; error: unknown }) => void;
  readonly concurrency: number;
  /** The rate of keys added as `paced`. */
  readonly perSecond: number;
}

/**
 * A work queue of keys. A key is queued once however often it is added, is processed by one worker at a time, and is
 * never lost. The queue holds no state of the keys: `work` looks it up.
 */
export class CoalescingQueue {
  readonly #options: QueueOptions;
  readonly #ready = new Set<string>();
  readonly #paced = new Set<string>();
  readonly #running = new Set<string>();
  readonly #addedWhileRunning = new Set<string>();
  /** Since when each key has been waiting, on the clock of performance.now(); oldest first. */
  readonly #since = new Map<string, number>();
  readonly #failures = new Map<string, number>();
  readonly #delayed = new Map<string, NodeJS.Timeout>();
  readonly #tasks = new Set<Promise<void>>();
  #stopped = false;
  #pacer: NodeJS.Timeout | undefined;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /**
   * `paced`: limit the rate of this key. For many keys at once, such as the first list, which would overload Temporal.
   */
  add(key: string, how: { paced: boolean } = { paced: false }): void {
    if (this.#stopped) return;
    if (!this.#since.has(key)) this.#since.set(key, performance.now());
    if (this.#running.has(key)) {
      this.#addedWhileRunning.add(key);
      return;
    }
    if (how.paced && !this.#ready.has(key)) {
      this.#paced.add(key);
      this.#pacer ??= setInterval(() => this.#releaseOne(), 1000 / this.#options.perSecond);
      return;
    }
    this.#paced.delete(key);
    this.#ready.add(key);
    this.#startReady();
  }

  get size(): number {
    return this.#ready.size + this.#paced.size + this.#running.size;
  }

  /** The keys that are not processed yet, those that failed included, and for how long the oldest has been waiting. */
  get waiting(): { length: number; oldestMs: number } {
    const now = performance.now();
    const [oldest = now] = this.#since.values();
    return { length: this.#since.size, oldestMs: now - oldest };
  }

  /** Removes the queued keys and returns them. Keys that are being processed are not affected. */
  clear(): string[] {
    const waiting = new Set([...this.#ready, ...this.#paced, ...this.#addedWhileRunning, ...this.#delayed.keys()]);
    for (const timer of this.#delayed.values()) clearTimeout(timer);
    this.#delayed.clear();
    this.#ready.clear();
    this.#paced.clear();
    this.#addedWhileRunning.clear();
    for (const key of waiting) if (!this.#running.has(key)) this.#since.delete(key);
    return [...waiting];
  }

  /** Accepts no more keys and waits for those that are being processed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#pacer);
    this.clear();
    await Promise.all(this.#tasks);
  }

  #releaseOne(): void {
    const [key] = this.#paced;
    if (key === undefined) {
      clearInterval(this.#pacer);
      this.#pacer = undefined;
      return;
    }
    this.#paced.delete(key);
    this.add(key);
  }

  #startReady(): void {
    for (const key of this.#ready) {
      if (this.#running.size >= this.#options.concurrency) return;
      this.#ready.delete(key);
      this.#running.add(key);
      const task = this.#run(key).finally(() => this.#tasks.delete(task));
      this.#tasks.add(task);
    }
  }

  async #run(key: string): Promise<void> {
    let retryInMs: number | undefined;
    try {
      await this.#options.work(key);
      this.#failures.delete(key);
      this.#since.delete(key);
    } catch (error) {
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      retryInMs = backoffMs(failures - 1, { firstMs: 500, maxMs: 30_000 });
      this.#options.onFailure({ key, failures, retryInMs, error });
    }
    this.#running.delete(key);
    const wasAdded = this.#addedWhileRunning.delete(key);
    if (retryInMs !== undefined) this.#retryIn(key, retryInMs);
    else if (wasAdded) this.add(key);
    this.#startReady();
  }

  /** The delay occupies no worker: a key that fails must not block others. */
  #retryIn(key: string, ms: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#delayed.get(key));
    const retry = (): void => {
      this.#delayed.delete(key);
      this.add(key);
    };
    this.#delayed.set(key, setTimeout(retry, ms));
  }
}

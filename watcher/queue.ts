import { backoffMs } from '../kube/backoff.ts';

export interface QueueOptions {
  /** Deals with what a key stands for now. A throw means: again, later, for ever. */
  readonly work: (key: string) => Promise<void>;
  readonly onFailure: (failure: { key: string; failures: number; retryInMs: number; error: unknown }) => void;
  readonly concurrency: number;
  /** For keys added as `paced`. */
  readonly perSecond: number;
}

/**
 * Keys that wait to be dealt with. A key waits once however often it is added, is worked on by one worker at a time, and is never lost. It holds no
 * facts: they are looked up when its turn comes.
 */
export class CoalescingQueue {
  readonly #options: QueueOptions;
  readonly #ready = new Set<string>();
  readonly #paced = new Set<string>();
  readonly #running = new Set<string>();
  readonly #again = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #delayed = new Map<string, NodeJS.Timeout>();
  readonly #tasks = new Set<Promise<void>>();
  #stopped = false;
  #pacer: NodeJS.Timeout | undefined;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** `paced`: part of a flood, such as the first list, that must not hit Temporal all at once. */
  add(key: string, how: { paced: boolean } = { paced: false }): void {
    if (this.#stopped) return;
    if (this.#running.has(key)) {
      this.#again.add(key);
      return;
    }
    if (how.paced && !this.#ready.has(key)) {
      this.#paced.add(key);
      this.#pacer ??= setInterval(() => this.#releaseOne(), 1000 / this.#options.perSecond);
      return;
    }
    this.#paced.delete(key);
    this.#ready.add(key);
    this.#pump();
  }

  get size(): number {
    return this.#ready.size + this.#paced.size + this.#running.size;
  }

  /** Forgets what waits and returns it; what is being worked on goes on. */
  clear(): string[] {
    const waiting = new Set([...this.#ready, ...this.#paced, ...this.#again, ...this.#delayed.keys()]);
    for (const timer of this.#delayed.values()) clearTimeout(timer);
    this.#delayed.clear();
    this.#ready.clear();
    this.#paced.clear();
    this.#again.clear();
    return [...waiting];
  }

  /** Takes nothing new and waits for what is being worked on. */
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

  #pump(): void {
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
    } catch (error) {
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      retryInMs = backoffMs(failures - 1, { firstMs: 500, maxMs: 30_000 });
      this.#options.onFailure({ key, failures, retryInMs, error });
    }
    this.#running.delete(key);
    const again = this.#again.delete(key);
    if (retryInMs !== undefined) this.#later(key, retryInMs);
    else if (again) this.add(key);
    this.#pump();
  }

  /** The wait takes no worker's place: one key that fails must not hold up others. */
  #later(key: string, ms: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#delayed.get(key));
    const again = (): void => {
      this.#delayed.delete(key);
      this.add(key);
    };
    this.#delayed.set(key, setTimeout(again, ms));
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient } from './contract.ts';
import { startDeadline } from './deadline.ts';
import { emitEvent, microTime, type EventInput } from './events.ts';

/** Few, so that a burst of events leaves the connections to the steps. */
const AT_ONCE = 4;
/** More than this is a flood, or an API server that does not answer: what comes on top is dropped. */
const MOST_WAITING = 2_000;
/** An event is not worth more time of a busy API server. */
const WRITE_MS = 5_000;
const DRAIN_MS = 1_000;

/**
 * Writes events beside the work that they are about. Nobody waits for an event; only the end of the process waits a
 * moment (`drain`) for those that are still to be written.
 */
export class EventRecorder {
  readonly #client: KubeClient;
  readonly #waiting: EventInput[] = [];
  readonly #writing = new Set<Promise<void>>();
  readonly #stopped = new AbortController();
  #last = 0;
  #inSameMillisecond = 0;

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /** Never throws, and never waits. */
  record(input: EventInput): void {
    if (this.#stopped.signal.aborted || this.#waiting.length >= MOST_WAITING) return;
    this.#waiting.push({ ...input, time: this.#now() });
    this.#writeNext();
  }

  /**
   * Waits until all events are written, for at most `milliseconds`; what is left then is dropped, and nothing is
   * recorded any more. Call it before the client is closed.
   */
  async drain(milliseconds = DRAIN_MS): Promise<void> {
    const late = new AbortController();
    const isLate = sleep(milliseconds, 'late' as const, { signal: late.signal }).catch(() => 'late' as const);
    while (this.#writing.size > 0) {
      if ((await Promise.race([isLate, Promise.all(this.#writing)])) === 'late') break;
    }
    late.abort();
    this.#waiting.length = 0;
    this.#stopped.abort();
    await Promise.all(this.#writing);
  }

  #writeNext(): void {
    while (this.#writing.size < AT_ONCE) {
      const input = this.#waiting.shift();
      if (input === undefined) return;
      const writing = this.#write(input).then(() => {
        this.#writing.delete(writing);
        this.#writeNext();
      });
      this.#writing.add(writing);
    }
  }

  async #write(input: EventInput): Promise<void> {
    const deadline = startDeadline(WRITE_MS, this.#stopped.signal);
    try {
      await emitEvent(this.#client, input, { signal: deadline.signal });
    } finally {
      deadline.end();
    }
  }

  /** kubectl sorts by time, so two events of one millisecond get different times, in their order. */
  #now(): string {
    const now = Date.now();
    this.#inSameMillisecond = now === this.#last ? Math.min(this.#inSameMillisecond + 1, 999) : 0;
    this.#last = now;
    return microTime(now, this.#inSameMillisecond);
  }
}

import { CancellationScope, condition } from '@temporalio/workflow';
import type { Change } from '../contract/signals.ts';

/**
 * The signals of a run, and whether the current reconcile covers the latest one. Signal handlers call it synchronously:
 * a signal is recorded before the workflow code continues, so one check of `pending` before the run ends misses no
 * signal.
 */
export class Inbox {
  #latest: Change | undefined;
  #handled: Change | undefined;
  #pending = false;
  #isBlocked = false;
  #scope: CancellationScope | undefined;

  constructor(change: Change | undefined) {
    this.#latest = change;
  }

  /** The facts that the current reconcile handles; undefined when `retry` alone started the run. */
  get handled(): Change | undefined {
    return this.#handled;
  }

  /** Whether something newer requires another reconcile. */
  get pending(): boolean {
    return this.#pending;
  }

  /** Call it when a reconcile starts. A reconcile reads everything again, so it covers everything that has arrived. */
  takeLatest(): void {
    this.#handled = this.#latest;
    this.#pending = false;
    this.#isBlocked = false;
  }

  receive(change: Change): void {
    this.#latest = change;
    const isNew = change.fingerprint !== this.#handled?.fingerprint;
    if (isNew || (this.#isBlocked && this.#dependenciesChanged)) this.#wake();
  }

  /** Requests a reconcile now, regardless of a back-off. */
  retry(): void {
    this.#wake();
  }

  /**
   * Call it when the run waits, is in a back-off, or is about to fail: a change of its dependencies then requires
   * another reconcile. A change that arrived while the step was still running counts too.
   */
  block(): void {
    this.#isBlocked = true;
    if (this.#dependenciesChanged) this.#wake();
  }

  /** Call it when the run makes progress again. */
  unblock(): void {
    this.#isBlocked = false;
  }

  /** Runs `work`, which is cancelled when something newer arrives, or at once when it has already arrived. */
  async interruptible<T>(work: () => Promise<T>): Promise<T> {
    const scope = new CancellationScope();
    this.#scope = scope;
    if (this.#pending) scope.cancel();
    try {
      return await scope.run(work);
    } finally {
      this.#scope = undefined;
    }
  }

  /** Waits durably until something newer arrives or the time has passed. The UI shows the summary on the timer. */
  async wait(milliseconds: number, summary: string): Promise<void> {
    this.block();
    if (!this.#pending) await condition(() => this.#pending, milliseconds, { summary });
  }

  get #dependenciesChanged(): boolean {
    return this.#latest?.dependencies !== this.#handled?.dependencies;
  }

  #wake(): void {
    this.#pending = true;
    this.#scope?.cancel();
  }
}

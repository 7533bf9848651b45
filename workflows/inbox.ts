import { CancellationScope, condition } from '@temporalio/workflow';
import type { Change } from '../contract/signals.ts';

/**
 * What a run was told, and whether it answers what it was told last. Handlers call it synchronously: a signal is in
 * here before the workflow's code goes on, so one check before the run closes is a complete drain.
 */
export class Inbox {
  #latest: Change | undefined;
  #handled: Change | undefined;
  #pending = false;
  #isHeldUp = false;
  #scope: CancellationScope | undefined;

  constructor(change: Change | undefined) {
    this.#latest = change;
  }

  /** The facts that the current reconcile answers; undefined when a run was started by `retry` alone. */
  get handled(): Change | undefined {
    return this.#handled;
  }

  /** Something newer than the current reconcile asks for another. */
  get pending(): boolean {
    return this.#pending;
  }

  /** The reconcile that starts now reads everything again, so it answers all that has arrived. */
  take(): void {
    this.#handled = this.#latest;
    this.#pending = false;
    this.#isHeldUp = false;
  }

  receive(change: Change): void {
    this.#latest = change;
    const isNews = change.fingerprint !== this.#handled?.fingerprint;
    if (isNews || (this.#isHeldUp && this.#dependenciesMoved)) this.#wake();
  }

  /** Now, whatever a back-off says. */
  retry(): void {
    this.#wake();
  }

  /**
   * The run waits for something, is in a back-off, or is about to fail: a change of its dependencies may be what it
   * needs. One that arrived while the step was still at work counts too.
   */
  holdUp(): void {
    this.#isHeldUp = true;
    if (this.#dependenciesMoved) this.#wake();
  }

  /** The step is not held up any more. */
  goOn(): void {
    this.#isHeldUp = false;
  }

  /** Runs `work` so that news interrupts it. What has already arrived interrupts it at once. */
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

  /** Waits durably until there is news or the time is over. The summary is the timer's line in the UI. */
  async wait(milliseconds: number, summary: string): Promise<void> {
    this.holdUp();
    if (!this.#pending) await condition(() => this.#pending, milliseconds, { summary });
  }

  get #dependenciesMoved(): boolean {
    return this.#latest?.dependencies !== this.#handled?.dependencies;
  }

  #wake(): void {
    this.#pending = true;
    this.#scope?.cancel();
  }
}

import { isCancellation, setCurrentDetails } from '@temporalio/workflow';
import { toFailure } from './failures.ts';

/** Activity options that name a step in the UI: the id is what `temporal activity reset -a` takes. */
export interface StepOptions {
  readonly activityId: string;
  readonly summary: string;
}

/** The steps of the current reconcile, as the Markdown card of the workflow's page. The page shows five lines, so the newest comes first. */
export class StepList {
  current: string | null = null;
  since: string = new Date().toISOString();
  readonly #title: string;
  #armId: string | null = null;
  #lines: string[] = [];

  constructor(title: string) {
    this.#title = title;
  }

  /** A new reconcile in the same run starts with an empty list. */
  reset(): void {
    this.#lines = [];
  }

  setArmId(armId: string): void {
    this.#armId = armId;
  }

  /** Says in words what the workflow waits for between steps. */
  note(line: string): void {
    this.#lines.push(line);
    this.#show();
  }

  /** Runs one step and keeps its line up to date. */
  async run<T>(activityId: string, summary: string, step: (options: StepOptions) => Promise<T>): Promise<T> {
    const index = this.#lines.push(`… **${summary}**`) - 1;
    this.current = activityId;
    this.since = new Date().toISOString();
    this.#show();
    try {
      const result = await step({ activityId, summary });
      this.#lines[index] = `✓ ${summary}`;
      return result;
    } catch (err) {
      this.#lines[index] = isCancellation(err)
        ? `■ ${summary} (interrupted)`
        : `✗ ${summary}: ${toFailure(err).message}`;
      throw err;
    } finally {
      this.current = null;
      this.#show();
    }
  }

  #show(): void {
    const id = this.#armId === null ? [] : [`\`${this.#armId}\``];
    setCurrentDetails([this.#title, ...this.#lines.toReversed(), ...id].join('\n\n'));
  }
}

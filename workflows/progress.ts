import { isCancellation, setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { ResourceRef } from '../contract/resource-ref.ts';
import {
  AzureKind,
  AzureResourceId,
  AzureState,
  ErrorCode,
  KubeName,
  KubeNamespace,
  type State,
} from '../contract/search-attributes.ts';
import type { Progress as Answer, FailedAttempt } from '../contract/signals.ts';
import type { Target } from '../contract/steps.ts';
import { toFailure } from './failures.ts';

/**
 * What users see of a run: the current details in the UI, the search attributes, and the answer to the query
 * `progress`.
 */
export class Progress {
  readonly #ref: ResourceRef;
  #lines: string[] = [];
  #state: State = 'Resolving';
  #step: string | null = null;
  #since = new Date().toISOString();
  #generation = 0;
  #armId: string | null = null;
  #waitingFor: string | null = null;
  #lastError: { reason: string; message: string } | null = null;
  #attemptError: string | undefined;

  constructor(ref: ResourceRef) {
    this.#ref = ref;
  }

  get armId(): string | null {
    return this.#armId;
  }

  get generation(): number {
    return this.#generation;
  }

  answer(): Answer {
    return {
      state: this.#state,
      step: this.#step,
      since: this.#since,
      generation: this.#generation,
      azureResourceId: this.#armId,
      waitingFor: this.#waitingFor,
      lastError: this.#lastError,
    };
  }

  /** Clears the list of steps for the next reconcile of the same run. */
  restart(): void {
    this.#lines = [];
    this.#waitingFor = null;
    this.#generation = 0;
  }

  found(target: Pick<Target, 'generation' | 'armId'>): void {
    this.#generation = target.generation;
    this.#armId = target.armId;
  }

  /** Records the generation of a resource that has no ARM id yet. */
  read(generation: number): void {
    this.#generation = generation;
  }

  waitsFor(message: string): void {
    this.#waitingFor = message;
    this.note(`… Waiting: ${message}`);
  }

  /** Records a failure of the reconcile. */
  failed(reason: string, message: string): void {
    this.#lastError = { reason, message };
    this.note(`✗ ${reason}: ${message}`);
  }

  /** Records that an attempt at the current step failed and will be retried; null when a later attempt succeeded. */
  attemptFailed(attempt: FailedAttempt | null): void {
    this.#attemptError =
      attempt === null ? undefined : `attempt ${attempt.attempt}: ${attempt.reason}: ${attempt.message}`;
    this.#lastError = attempt === null ? null : { reason: attempt.reason, message: attempt.message };
    this.#show();
    // Fetching keys is too short to show, unless it fails.
    this.show(attempt?.step === 'fetchKeys' ? 'Exporting' : this.#state, attempt?.reason);
  }

  succeeded(): void {
    this.#lastError = null;
  }

  note(line: string): void {
    this.#lines.push(line);
    this.#show();
  }

  /** Runs a step and keeps its line in the list up to date. */
  async step<T>(name: string, summary: string, run: () => Promise<T>): Promise<T> {
    const index = this.#lines.push(`… **${summary}**`) - 1;
    this.#step = name;
    this.#since = new Date().toISOString();
    this.#show();
    try {
      const result = await run();
      this.#lines[index] = `✓ ${summary}`;
      return result;
    } catch (err) {
      const isInterrupted = isCancellation(err);
      this.#lines[index] = isInterrupted ? `■ ${summary} (interrupted)` : `✗ ${summary}: ${toFailure(err).message}`;
      throw err;
    } finally {
      this.#step = null;
      this.#attemptError = undefined;
      this.#show();
    }
  }

  /**
   * Writes the search attributes that changed, in one call. Each call costs an event and a write to the visibility
   * store, so call it only for states that last long enough to be seen.
   */
  show(state: State, errorCode?: string): void {
    this.#state = state;
    const { kind, namespace, name } = this.#ref;
    const now = workflowInfo().typedSearchAttributes;
    const wanted = [
      { key: AzureKind, value: kind },
      { key: KubeNamespace, value: namespace },
      { key: KubeName, value: name },
      { key: AzureState, value: state as string },
      ...(this.#armId === null ? [] : [{ key: AzureResourceId, value: this.#armId.slice(0, 255) }]),
      ...(errorCode === undefined ? [] : [{ key: ErrorCode, value: errorCode.slice(0, 255) }]),
    ].filter(({ key, value }) => now.get(key) !== value);
    const isStale = errorCode === undefined && now.get(ErrorCode) !== undefined;
    const pairs = [...wanted, ...(isStale ? [{ key: ErrorCode, value: null }] : [])];
    if (pairs.length > 0) upsertSearchAttributes(pairs);
  }

  /** The UI shows only five lines, so the newest comes first. */
  #show(): void {
    const { kind, namespace, name } = this.#ref;
    const id = this.#armId === null ? [] : [`\`${this.#armId}\``];
    const attemptError = this.#attemptError === undefined ? [] : [`✗ ${this.#attemptError}`];
    setCurrentDetails(
      [`${kind} **${namespace}/${name}**`, ...attemptError, ...this.#lines.toReversed(), ...id].join('\n\n'),
    );
  }
}

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
import type { Progress as Answer, Trouble } from '../contract/signals.ts';
import type { Target } from '../contract/steps.ts';
import { toFailure } from './failures.ts';

/** What people see of a run: the card of its page, its search attributes, the answer to the `progress` query. */
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
  #trouble: string | undefined;

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

  /** Another reconcile of the same run starts with an empty list. */
  restart(): void {
    this.#lines = [];
    this.#waitingFor = null;
    this.#generation = 0;
  }

  found(target: Pick<Target, 'generation' | 'armId'>): void {
    this.#generation = target.generation;
    this.#armId = target.armId;
  }

  /** The generation of a resource that has no ARM id yet. */
  read(generation: number): void {
    this.#generation = generation;
  }

  waitsFor(message: string): void {
    this.#waitingFor = message;
    this.note(`… Waiting: ${message}`);
  }

  /** A failure that the run lives on with. */
  failed(reason: string, message: string): void {
    this.#lastError = { reason, message };
    this.note(`✗ ${reason}: ${message}`);
  }

  /** An attempt at the current step failed, and Temporal will try it again; null: an attempt went well since. */
  attempt(trouble: Trouble | null): void {
    this.#trouble = trouble === null ? undefined : `attempt ${trouble.attempt}: ${trouble.reason}: ${trouble.message}`;
    this.#lastError = trouble === null ? null : { reason: trouble.reason, message: trouble.message };
    this.#show();
    this.show(this.#state, trouble?.reason);
  }

  succeeded(): void {
    this.#lastError = null;
  }

  note(line: string): void {
    this.#lines.push(line);
    this.#show();
  }

  /** Keeps one step's line up to date. */
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
      const isOver = isCancellation(err);
      this.#lines[index] = isOver ? `■ ${summary} (interrupted)` : `✗ ${summary}: ${toFailure(err).message}`;
      throw err;
    } finally {
      this.#step = null;
      this.#trouble = undefined;
      this.#show();
    }
  }

  /** Writes what has changed of the search attributes, in one call. Each call is an event and a write to the visibility store: call it where somebody can see the state. */
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

  /** The page shows five lines, so the newest comes first. */
  #show(): void {
    const { kind, namespace, name } = this.#ref;
    const id = this.#armId === null ? [] : [`\`${this.#armId}\``];
    const trouble = this.#trouble === undefined ? [] : [`✗ ${this.#trouble}`];
    setCurrentDetails(
      [`${kind} **${namespace}/${name}**`, ...trouble, ...this.#lines.toReversed(), ...id].join('\n\n'),
    );
  }
}

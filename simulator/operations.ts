import { randomBytes } from 'node:crypto';
import type { JsonObject } from './json.ts';
import type { Settings } from './settings.ts';

export interface Failure {
  readonly code: string;
  readonly message: string;
}

/**
 * `mysql`: 202 and a status body with name and times; `cosmos`: status bodies of one word; `location`: the poll itself
 * answers 202, then 200.
 */
type OperationStyle = 'mysql' | 'cosmos' | 'location';

export interface OperationPlan {
  readonly id: string;
  readonly subscription: string;
  readonly resourceKey: string;
  readonly method: 'PUT' | 'DELETE';
  readonly style: OperationStyle;
  /** At time scale 1. */
  readonly durationMs: number;
  readonly retryAfterSeconds: number | undefined;
  /** Path and query (unsigned) to poll. */
  readonly pollPath: string;
  readonly startedAt: number;
  readonly failure: Failure | undefined;
  /** Applies the outcome to the store. */
  readonly finish: (failure: Failure | undefined, at: number) => void;
  /** The body of the last answer to a `location` poll; undefined for an empty one. */
  readonly result: () => JsonObject | undefined;
}

export interface Operation extends OperationPlan {
  state: 'running' | 'done';
  outcome: Failure | undefined;
  /** The status that its URLs answer once ARM has forgotten it. The operation goes on. */
  forgotten: 404 | 410 | undefined;
}

/**
 * Long-running operations. There are no timers: the first request after the end of an operation applies its outcome.
 */
export class Operations {
  readonly #byId = new Map<string, Operation>();
  readonly #running = new Set<Operation>();
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  start(plan: OperationPlan): Operation {
    const operation: Operation = { ...plan, state: 'running', outcome: undefined, forgotten: undefined };
    this.#byId.set(operationKey(plan.subscription, plan.id), operation);
    this.#running.add(operation);
    return operation;
  }

  /** Ends the operations whose time is over, in the order in which they ended. */
  settle(now: number): void {
    const due = [...this.#running]
      .filter((operation) => !this.#settings.of(operation.subscription).hold)
      .map((operation) => ({ operation, end: this.#end(operation) }))
      .filter(({ end }) => end <= now)
      .sort((one, other) => one.end - other.end);
    for (const { operation, end } of due) this.finish(operation, operation.failure, end);
  }

  finish(operation: Operation, failure: Failure | undefined, at: number): void {
    if (!this.#running.delete(operation)) return;
    operation.state = 'done';
    operation.outcome = failure;
    operation.finish(failure, at);
  }

  /** Cancels the writes at or below that key, because it is being deleted. Their outcome is not applied. */
  abandonWrites(key: string, below: boolean): void {
    for (const operation of this.#running) {
      const hit = operation.resourceKey === key || (below && operation.resourceKey.startsWith(`${key}/`));
      if (!hit || operation.method !== 'PUT') continue;
      this.#running.delete(operation);
      operation.state = 'done';
      operation.outcome = {
        code: 'OperationCanceled',
        message: 'The operation was canceled because the resource is being deleted.',
      };
    }
  }

  find(subscription: string, id: string): Operation | undefined {
    return this.#byId.get(operationKey(subscription, id));
  }

  running(subscription?: string): Operation[] {
    return [...this.#running].filter(
      (operation) => subscription === undefined || operation.subscription.toLowerCase() === subscription.toLowerCase(),
    );
  }

  /** How much of a running operation's time has passed, from 0 to 1. */
  progress(operation: Operation, now: number): number {
    if (this.#settings.of(operation.subscription).hold) return 0.5;
    const duration = this.#end(operation) - operation.startedAt;
    return duration <= 0 ? 1 : Math.min(1, (now - operation.startedAt) / duration);
  }

  #end(operation: Operation): number {
    return operation.startedAt + operation.durationMs * this.#settings.of(operation.subscription).timeScale;
  }
}

function operationKey(subscription: string, id: string): string {
  return `${subscription.toLowerCase()} ${id}`;
}

/** Signs poll URLs as ARM does: about 4 KB of certificate and signature that the client must send back unchanged. */
export class UrlSigner {
  readonly #certificate = `MII${randomBytes(2550).toString('base64url')}`;
  readonly #issued = new Set<string>();
  readonly #enabled: boolean;

  constructor(enabled: boolean) {
    this.#enabled = enabled;
  }

  sign(path: string, at: number): string {
    if (!this.#enabled) return path;
    // .NET ticks: 100 ns since the year 1.
    const ticks = (BigInt(Math.trunc(at)) + 62_135_596_800_000n) * 10_000n;
    const signature = randomBytes(256).toString('base64url');
    const digest = randomBytes(32).toString('base64url');
    this.#issued.add(signature);
    return `${path}&t=${String(ticks)}&c=${this.#certificate}&s=${signature}&h=${digest}`;
  }

  /** Every issued URL stays valid, the first one too. */
  accepts(query: URLSearchParams): boolean {
    const certificate = query.get('c');
    return !this.#enabled || (certificate === this.#certificate && this.#issued.has(query.get('s') ?? ''));
  }
}

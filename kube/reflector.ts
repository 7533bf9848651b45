import { setTimeout as sleep } from 'node:timers/promises';

import { backoffMs, type BackoffTiming } from './backoff.ts';
import type { KubeObject } from './contract.ts';
import { KubeError } from './errors.ts';
import { listPages, type Collection, type Identity } from './list-pages.ts';
import type { Transport } from './transport.ts';
import { WATCH_TIMING, watchOnce, type WatchEvent, type WatchTiming } from './watch-stream.ts';

export interface ReflectorTiming extends WatchTiming {
  readonly backoff: BackoffTiming;
  /**
   * The interval of full lists that run although no error occurred. What such a list corrects, the watch had missed.
   */
  readonly relistMs: number;
  /** A watch that ends sooner, without an event, counts as a failure. */
  readonly shortMs: number;
}

const REFLECTOR_TIMING: ReflectorTiming = {
  ...WATCH_TIMING,
  backoff: { firstMs: 800, maxMs: 15_000 },
  relistMs: 600_000,
  shortMs: 1_000,
};

export interface ReflectorOptions extends Collection {
  /** Must be synchronous and fast: update an index, enqueue a key. The reflector does not keep the object. */
  readonly onUpsert: (object: KubeObject) => void;
  readonly onDelete: (identity: Identity) => void;
  /** After each complete list. */
  readonly onListed?: (listed: { count: number; first: boolean }) => void;
  /** A list that was not the first found so many objects different from what the watch had reported. */
  readonly onCorrected?: (objects: number) => void;
  /** A failure that the reflector handles by itself; for the log. */
  readonly onError?: (failure: { phase: 'list' | 'watch' | 'handler'; error: unknown; retryInMs: number }) => void;
  readonly timing?: Partial<ReflectorTiming>;
}

/** Kept for each object, so keep it small. */
interface KnownVersion {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly resourceVersion: string;
}

/**
 * Reports the objects of a collection and their changes for ever, across connection failures: it lists once, then
 * watches. A broken watch resumes at the last resourceVersion. The collection is only listed again when the server no
 * longer has that version, or at the safety interval. 401 and 403 are retried too: a restarting API server returns them
 * before it has loaded its roles.
 */
export class Reflector {
  readonly #transport: Transport;
  readonly #options: ReflectorOptions;
  readonly #timing: ReflectorTiming;
  readonly #stopping = new AbortController();
  /** By uid: what is needed to report a deletion, and to see that an object did not change. */
  readonly #known = new Map<string, KnownVersion>();
  #resourceVersion = '';
  #failures = 0;
  /** Whether the failure before this one was an expired resourceVersion too. */
  #expiredBefore = false;
  #listedAt = 0;
  #loop: Promise<void> | undefined;

  constructor(transport: Transport, options: ReflectorOptions) {
    this.#transport = transport;
    this.#options = options;
    this.#timing = { ...REFLECTOR_TIMING, ...options.timing };
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Resolves when no call and no timer is left. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let phase: 'list' | 'watch' = 'list';
    while (!signal.aborted) {
      const startedAt = Date.now();
      const got = { event: false };
      try {
        if (phase === 'list') {
          await this.#list();
          phase = 'watch';
          continue;
        }
        await this.#watch(() => (got.event = true));
        if (this.#relistIsDue()) phase = 'list';
        if (got.event || Date.now() - startedAt > this.#timing.shortMs) {
          this.#recovered();
          continue;
        }
        await this.#pause(phase, new Error('the API server ended a watch at once'));
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        if (phase === 'watch' && (got.event || Date.now() - startedAt > this.#timing.shortMs)) this.#recovered();
        const failed = phase;
        if (this.#relistIsDue() || isExpired(error)) phase = 'list';
        await this.#pause(failed, error);
      }
    }
  }

  async #list(): Promise<void> {
    const missing = new Set(this.#known.keys());
    const first = this.#listedAt === 0;
    const changed: KubeObject[] = [];
    let count = 0;
    const resourceVersion = await listPages(this.#transport, this.#options, {
      signal: this.#stopping.signal,
      each: (object) => {
        count += 1;
        missing.delete(object.metadata.uid);
        if (this.#known.get(object.metadata.uid)?.resourceVersion !== object.metadata.resourceVersion)
          changed.push(object);
      },
    });
    const corrected = first ? 0 : missing.size + changed.length;
    if (corrected > 0) this.#options.onCorrected?.(corrected);
    // Report deletions first: a new object may have the name of a deleted one.
    for (const uid of missing) this.#delete(uid);
    for (const object of changed) this.#upsert(object);
    this.#resourceVersion = resourceVersion;
    this.#listedAt = Date.now();
    this.#callHandler(() => this.#options.onListed?.({ count, first }));
  }

  async #watch(onEvent: () => void): Promise<void> {
    await watchOnce(this.#transport, this.#options, {
      resourceVersion: this.#resourceVersion,
      signal: this.#stopping.signal,
      timing: this.#timing,
      onEvent: (event) => {
        onEvent();
        this.#handle(event);
        this.#resourceVersion = event.object.metadata.resourceVersion;
      },
    });
  }

  #handle({ type, object }: WatchEvent): void {
    if (type === 'BOOKMARK') return;
    if (type === 'DELETED') this.#delete(object.metadata.uid, object.metadata);
    else this.#upsert(object);
  }

  #upsert(object: KubeObject): void {
    const { uid, name, namespace, resourceVersion } = object.metadata;
    const succeeded = this.#callHandler(() => this.#options.onUpsert(object));
    // Without a version, the next list reports an object again whose handler threw.
    this.#known.set(uid, { name, namespace, resourceVersion: succeeded ? resourceVersion : '' });
  }

  #delete(uid: string, metadata?: Identity): void {
    const { name, namespace } = this.#known.get(uid) ?? metadata ?? {};
    this.#known.delete(uid);
    if (name === undefined) return;
    this.#callHandler(() => this.#options.onDelete({ uid, name, ...(namespace === undefined ? {} : { namespace }) }));
  }

  #callHandler(handler: () => void): boolean {
    try {
      handler();
      return true;
    } catch (error) {
      this.#options.onError?.({ phase: 'handler', error, retryInMs: 0 });
      return false;
    }
  }

  #recovered(): void {
    this.#failures = 0;
    this.#expiredBefore = false;
  }

  #relistIsDue(): boolean {
    return Date.now() - this.#listedAt > this.#timing.relistMs * (0.9 + Math.random() / 5);
  }

  async #pause(phase: 'list' | 'watch', error: unknown): Promise<void> {
    const retryAfterMs = error instanceof KubeError ? error.retryAfterMs : undefined;
    // After the first expired version, list without delay, even if a restarting server was unreachable before. A server
    // that keeps expiring versions must not be overloaded by lists.
    const atOnce = isExpired(error) && !this.#expiredBefore;
    this.#expiredBefore = isExpired(error);
    const retryInMs = Math.max(retryAfterMs ?? 0, atOnce ? 0 : backoffMs(this.#failures, this.#timing.backoff));
    this.#failures += 1;
    this.#options.onError?.({ phase, error, retryInMs });
    await sleep(retryInMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}

/** The resourceVersion is too old, or is newer than the state of a server that was restored from a backup. */
function isExpired(error: unknown): boolean {
  return (
    error instanceof KubeError &&
    (error.status === 410 || error.reason === 'Expired' || error.reason === 'ResourceVersionTooLarge')
  );
}

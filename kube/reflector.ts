import { setTimeout as sleep } from 'node:timers/promises';

import { backoffMs, type BackoffTiming } from './backoff.ts';
import type { KubeObject } from './contract.ts';
import { KubeError } from './errors.ts';
import { listPages, type Collection, type Identity } from './list-pages.ts';
import type { Transport } from './transport.ts';
import { WATCH_TIMING, watchOnce, type WatchEvent, type WatchTiming } from './watch-stream.ts';

export interface ReflectorTiming extends WatchTiming {
  readonly backoff: BackoffTiming;
  /** A list now and then although nothing seems wrong; what it corrects was missed by the watch. */
  readonly relistMs: number;
  /** A watch that ends sooner and brought nothing counts as a failure. */
  readonly shortMs: number;
}

const REFLECTOR_TIMING: ReflectorTiming = {
  ...WATCH_TIMING,
  backoff: { firstMs: 800, maxMs: 15_000 },
  relistMs: 600_000,
  shortMs: 1_000,
};

export interface ReflectorOptions extends Collection {
  /** Synchronous and quick: update an index, enqueue a key. The object is not held afterwards. */
  readonly onUpsert: (object: KubeObject) => void;
  readonly onGone: (identity: Identity) => void;
  /** After each complete list. */
  readonly onListed?: (listed: { count: number; first: boolean }) => void;
  /** A failure that is being dealt with: for the log. */
  readonly onFault?: (fault: { during: 'list' | 'watch' | 'handler'; error: unknown; retryInMs: number }) => void;
  readonly timing?: Partial<ReflectorTiming>;
}

/** There is one for each object: every field costs. */
interface Held {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly resourceVersion: string;
}

/**
 * Keeps telling what a collection holds, whatever happens to the connection: list once, then watch from there for ever. A broken watch goes on from the
 * last resourceVersion; only when the server has forgotten that one, or at the safety interval, is the collection listed again. Even 401 and 403
 * pass: a restarting API server gives them before it has loaded its roles.
 */
export class Reflector {
  readonly #transport: Transport;
  readonly #options: ReflectorOptions;
  readonly #timing: ReflectorTiming;
  readonly #stopping = new AbortController();
  /** uid -> what is needed to say that it is gone, and to see that nothing changed. */
  readonly #held = new Map<string, Held>();
  #resourceVersion = '';
  #failures = 0;
  /** The failure before was a forgotten version too. */
  #forgotten = false;
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

  /** Resolves when nothing runs any more: no call, no timer. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let during: 'list' | 'watch' = 'list';
    while (!signal.aborted) {
      const startedAt = Date.now();
      const heard = { something: false };
      try {
        if (during === 'list') {
          await this.#list();
          during = 'watch';
          continue;
        }
        await this.#watch(() => (heard.something = true));
        if (this.#relistIsDue()) during = 'list';
        if (heard.something || Date.now() - startedAt > this.#timing.shortMs) {
          this.#recovered();
          continue;
        }
        await this.#pause(during, new Error('a watch ended at once'));
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        if (during === 'watch' && (heard.something || Date.now() - startedAt > this.#timing.shortMs)) this.#recovered();
        const failed = during;
        if (this.#relistIsDue() || isForgotten(error)) during = 'list';
        await this.#pause(failed, error);
      }
    }
  }

  async #list(): Promise<void> {
    const missing = new Set(this.#held.keys());
    const first = this.#listedAt === 0;
    const changed: KubeObject[] = [];
    let count = 0;
    const resourceVersion = await listPages(this.#transport, this.#options, {
      signal: this.#stopping.signal,
      each: (object) => {
        count += 1;
        missing.delete(object.metadata.uid);
        if (this.#held.get(object.metadata.uid)?.resourceVersion !== object.metadata.resourceVersion)
          changed.push(object);
      },
    });
    // First what is gone: a new object may have the name of an old one.
    for (const uid of missing) this.#gone(uid);
    for (const object of changed) this.#upsert(object);
    this.#resourceVersion = resourceVersion;
    this.#listedAt = Date.now();
    this.#guard(() => this.#options.onListed?.({ count, first }));
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
    if (type === 'DELETED') this.#gone(object.metadata.uid, object.metadata);
    else this.#upsert(object);
  }

  #upsert(object: KubeObject): void {
    const { uid, name, namespace, resourceVersion } = object.metadata;
    const fine = this.#guard(() => this.#options.onUpsert(object));
    // No version: what a handler choked on is offered again by the next list.
    this.#held.set(uid, { name, namespace, resourceVersion: fine ? resourceVersion : '' });
  }

  #gone(uid: string, metadata?: Identity): void {
    const { name, namespace } = this.#held.get(uid) ?? metadata ?? {};
    this.#held.delete(uid);
    if (name === undefined) return;
    this.#guard(() => this.#options.onGone({ uid, name, ...(namespace === undefined ? {} : { namespace }) }));
  }

  #guard(handler: () => void): boolean {
    try {
      handler();
      return true;
    } catch (error) {
      this.#options.onFault?.({ during: 'handler', error, retryInMs: 0 });
      return false;
    }
  }

  #recovered(): void {
    this.#failures = 0;
    this.#forgotten = false;
  }

  #relistIsDue(): boolean {
    return Date.now() - this.#listedAt > this.#timing.relistMs * (0.9 + Math.random() / 5);
  }

  async #pause(during: 'list' | 'watch', error: unknown): Promise<void> {
    const asked = error instanceof KubeError ? error.retryAfterMs : undefined;
    // The first time a version is forgotten the list can follow at once, also where a restarting server was not reachable before; a server that forgets
    // again and again must not be hammered.
    const atOnce = isForgotten(error) && !this.#forgotten;
    this.#forgotten = isForgotten(error);
    const retryInMs = Math.max(asked ?? 0, atOnce ? 0 : backoffMs(this.#failures, this.#timing.backoff));
    this.#failures += 1;
    this.#options.onFault?.({ during, error, retryInMs });
    await sleep(retryInMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}

/** The resourceVersion is too old, or newer than a server that was restored from a backup. */
function isForgotten(error: unknown): boolean {
  return (
    error instanceof KubeError &&
    (error.status === 410 || error.reason === 'Expired' || error.reason === 'ResourceVersionTooLarge')
  );
}

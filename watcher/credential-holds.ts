import type { KubeClient, ObjectMeta } from '../kube/contract.ts';
import { KubeError } from '../kube/errors.ts';
import { CREDENTIAL_FINALIZER, FIELD_MANAGERS } from '../kube/names.ts';
import { objectPath } from '../kube/object-path.ts';
import { CoalescingQueue, type QueueOptions } from './queue.ts';

/** Who needs a credential. `claimed`: a resource that must be deleted in Azure with it. `unclaimed`: only resources that may be claimed with it yet. */
export type CredentialNeed = 'claimed' | 'unclaimed' | 'none';

export interface CredentialHoldsOptions {
  readonly kube: Pick<KubeClient, 'request'>;
  /** Whether this watcher leads at this very moment. */
  readonly leads: () => boolean;
  /** Whether all resources are known. Before, one that needs the credential may only seem to be absent. */
  readonly isComplete: () => boolean;
  readonly needOf: (key: string) => CredentialNeed;
  readonly onReleased: (key: string) => void;
  readonly onFailure: QueueOptions['onFailure'];
  /** @default the delays below, in ms */
  readonly delays?: { readonly claimMs: number; readonly idleMs: number; readonly lookAgainMs: number };
}

interface Held {
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: string;
  readonly otherFinalizers: readonly string[];
  readonly deleting: boolean;
  /** Since when no claimed resource has needed it, in ms since the epoch. */
  freeSince: number | undefined;
}

const DELAYS = {
  /** A claim that was under way when the Secret was deleted has arrived here by then. */
  claimMs: 5_000,
  /** One that is not being deleted is no hurry: whoever is just being made may need it. */
  idleMs: 30_000,
  /** While not everything is listed. */
  lookAgainMs: 5_000,
} as const;

const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/**
 * The credential Secrets that carry our finalizer. The step that claims a resource puts it there; here it is taken away when no claimed resource needs it any
 * more, so that a namespace can be deleted as a whole. Of the Secrets only metadata is read and written: the answer to the patch holds no data either.
 */
export class CredentialHolds {
  readonly #options: CredentialHoldsOptions;
  readonly #delays: NonNullable<CredentialHoldsOptions['delays']>;
  readonly #held = new Map<string, Held>();
  readonly #queue: CoalescingQueue;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(options: CredentialHoldsOptions) {
    this.#options = options;
    this.#delays = options.delays ?? DELAYS;
    const { onFailure } = options;
    this.#queue = new CoalescingQueue({ concurrency: 4, perSecond: 50, onFailure, work: (key) => this.#work(key) });
  }

  /** A Secret was seen; undefined: it is gone. */
  setSecret(key: string, metadata: ObjectMeta | undefined): void {
    if (!metadata?.finalizers?.includes(CREDENTIAL_FINALIZER)) {
      this.#held.delete(key);
      this.#stopTimer(key);
      return;
    }
    const { namespace = '', name, resourceVersion, finalizers, deletionTimestamp } = metadata;
    const otherFinalizers = finalizers.filter((finalizer) => finalizer !== CREDENTIAL_FINALIZER);
    const deleting = deletionTimestamp !== undefined;
    const freeSince = this.#held.get(key)?.freeSince;
    this.#held.set(key, { namespace, name, resourceVersion, otherFinalizers, deleting, freeSince });
    this.check(key);
  }

  /** Who needs this Secret may have changed. */
  check(key: string): void {
    if (this.#held.has(key) && this.#options.leads()) this.#queue.add(key);
  }

  /** This watcher leads from now on, or knows by now all that there is. */
  checkAll(): void {
    for (const key of this.#held.keys()) this.check(key);
  }

  async stop(): Promise<void> {
    for (const key of [...this.#timers.keys()]) this.#stopTimer(key);
    await this.#queue.stop();
  }

  async #work(key: string): Promise<void> {
    this.#stopTimer(key);
    const held = this.#held.get(key);
    if (!held || !this.#options.leads()) return;
    if (!this.#options.isComplete()) {
      this.#lookAgain(key, this.#delays.lookAgainMs);
      return;
    }
    const waitMs = this.#waitMs(held, this.#options.needOf(key));
    if (waitMs === undefined) return;
    if (waitMs > 0) this.#lookAgain(key, waitMs);
    else if (await this.#release(held)) this.#options.onReleased(key);
  }

  /** How long it is held yet; undefined: until that is asked again. */
  #waitMs(held: Held, need: CredentialNeed): number | undefined {
    if (need === 'claimed') {
      held.freeSince = undefined;
      return undefined;
    }
    held.freeSince ??= Date.now();
    const { claimMs, idleMs } = this.#delays;
    if (!held.deleting && need === 'unclaimed') return undefined;
    const delayMs = held.deleting ? (need === 'unclaimed' ? claimMs : 0) : idleMs;
    return Math.max(0, held.freeSince + delayMs - Date.now());
  }

  /** Locked to the version that was seen. One that has moved on since comes by the watch. */
  async #release({ namespace, name, resourceVersion, otherFinalizers }: Held): Promise<boolean> {
    const path = objectPath({ version: 'v1', plural: 'secrets', namespace, name });
    const patch = [
      { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
      { op: 'replace', path: '/metadata/finalizers', value: [...otherFinalizers] },
    ];
    try {
      await this.#options.kube.request('PATCH', `${path}?fieldManager=${FIELD_MANAGERS.credential}`, patch, {
        'content-type': 'application/json-patch+json',
        accept: METADATA_ONLY,
      });
      return true;
    } catch (error) {
      if (error instanceof KubeError && [404, 409, 422].includes(error.status)) return false;
      throw error;
    }
  }

  #lookAgain(key: string, ms: number): void {
    this.#stopTimer(key);
    const again = (): void => {
      this.#timers.delete(key);
      this.check(key);
    };
    this.#timers.set(key, setTimeout(again, ms));
  }

  #stopTimer(key: string): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
  }
}

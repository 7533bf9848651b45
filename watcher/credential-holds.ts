import type { KubeClient, ObjectMeta } from '../kube/contract.ts';
import { KubeError } from '../kube/errors.ts';
import { CREDENTIAL_FINALIZER, FIELD_MANAGERS } from '../kube/names.ts';
import { objectPath } from '../kube/object-path.ts';
import { CoalescingQueue, type QueueOptions } from './queue.ts';

/**
 * Whether resources need a credential. `claimed`: a resource that was claimed with it needs it for its deletion in
 * Azure. `unclaimed`: only resources need it that were not claimed yet.
 */
export type CredentialNeed = 'claimed' | 'unclaimed' | 'none';

export interface CredentialHoldsOptions {
  readonly kube: Pick<KubeClient, 'request'>;
  /** Whether this watcher is the leader now. */
  readonly leads: () => boolean;
  /** Whether all resources are listed. Before that, a missing resource may only be one that was not listed yet. */
  readonly isComplete: () => boolean;
  readonly needOf: (key: string) => CredentialNeed;
  readonly onReleased: (key: string) => void;
  readonly onFailure: QueueOptions['onFailure'];
  /** @default DELAYS, in ms */
  readonly delays?: { readonly claimMs: number; readonly idleMs: number; readonly recheckMs: number };
}

interface CredentialSecret {
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: string;
  readonly otherFinalizers: readonly string[];
  readonly deleting: boolean;
  /** Since when no claimed resource needs it, in ms since the epoch. */
  unusedSince: number | undefined;
}

const DELAYS = {
  /** A claim that was in progress when the Secret was deleted has reached this watcher after this time. */
  claimMs: 5_000,
  /** A Secret that is not being deleted is released later: a resource that is just being created may need it. */
  idleMs: 30_000,
  /** The interval of checks until everything is listed. */
  recheckMs: 5_000,
} as const;

const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/**
 * Tracks the credential Secrets with this operator's finalizer (a hold). The step that claims a resource adds the
 * finalizer; this class removes it once no claimed resource needs the credential, so that the Secret outlives the
 * resources when a whole namespace is deleted. It reads and writes only metadata of Secrets: the answer to the patch
 * contains no data either.
 */
export class CredentialHolds {
  readonly #options: CredentialHoldsOptions;
  readonly #delays: NonNullable<CredentialHoldsOptions['delays']>;
  readonly #secrets = new Map<string, CredentialSecret>();
  readonly #queue: CoalescingQueue;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(options: CredentialHoldsOptions) {
    this.#options = options;
    this.#delays = options.delays ?? DELAYS;
    const { onFailure } = options;
    this.#queue = new CoalescingQueue({ concurrency: 4, perSecond: 50, onFailure, work: (key) => this.#work(key) });
  }

  /** Records the observed metadata of a Secret; undefined when the Secret was deleted. */
  setSecret(key: string, metadata: ObjectMeta | undefined): void {
    if (!metadata?.finalizers?.includes(CREDENTIAL_FINALIZER)) {
      this.#secrets.delete(key);
      this.#stopTimer(key);
      return;
    }
    const { namespace = '', name, resourceVersion, finalizers, deletionTimestamp } = metadata;
    const otherFinalizers = finalizers.filter((finalizer) => finalizer !== CREDENTIAL_FINALIZER);
    const deleting = deletionTimestamp !== undefined;
    const unusedSince = this.#secrets.get(key)?.unusedSince;
    this.#secrets.set(key, { namespace, name, resourceVersion, otherFinalizers, deleting, unusedSince });
    this.check(key);
  }

  /** Checks whether the Secret can be released. Call it when the resources that need the Secret may have changed. */
  check(key: string): void {
    if (this.#secrets.has(key) && this.#options.leads()) this.#queue.add(key);
  }

  /** Checks all held Secrets. Call it when this watcher becomes the leader or has listed all resources. */
  checkAll(): void {
    for (const key of this.#secrets.keys()) this.check(key);
  }

  async stop(): Promise<void> {
    for (const key of [...this.#timers.keys()]) this.#stopTimer(key);
    await this.#queue.stop();
  }

  async #work(key: string): Promise<void> {
    this.#stopTimer(key);
    const secret = this.#secrets.get(key);
    if (!secret || !this.#options.leads()) return;
    if (!this.#options.isComplete()) {
      this.#recheckIn(key, this.#delays.recheckMs);
      return;
    }
    const waitMs = this.#waitMs(secret, this.#options.needOf(key));
    if (waitMs === undefined) return;
    if (waitMs > 0) this.#recheckIn(key, waitMs);
    else if (await this.#release(secret)) this.#options.onReleased(key);
  }

  /** Milliseconds until the Secret may be released; undefined when only another call of `check` can release it. */
  #waitMs(secret: CredentialSecret, need: CredentialNeed): number | undefined {
    if (need === 'claimed') {
      secret.unusedSince = undefined;
      return undefined;
    }
    secret.unusedSince ??= Date.now();
    const { claimMs, idleMs } = this.#delays;
    if (!secret.deleting && need === 'unclaimed') return undefined;
    const delayMs = secret.deleting ? (need === 'unclaimed' ? claimMs : 0) : idleMs;
    return Math.max(0, secret.unusedSince + delayMs - Date.now());
  }

  /** Removes the finalizer from the observed version only. A newer version arrives by the watch and is checked then. */
  async #release({ namespace, name, resourceVersion, otherFinalizers }: CredentialSecret): Promise<boolean> {
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

  #recheckIn(key: string, ms: number): void {
    this.#stopTimer(key);
    const check = (): void => {
      this.#timers.delete(key);
      this.check(key);
    };
    this.#timers.set(key, setTimeout(check, ms));
  }

  #stopTimer(key: string): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
  }
}

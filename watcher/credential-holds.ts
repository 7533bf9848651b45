import type { KubeClient, KubeObject } from '../kube/contract.ts';
import { CREDENTIAL_FINALIZER, FIELD_MANAGERS } from '../kube/names.ts';
import { objectPath } from '../kube/object-path.ts';

const EVERY_MS = 1_000;
/** The answer of the patch has no data either: no secret value enters this process. */
const HEADERS = {
  'content-type': 'application/json-patch+json',
  accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
};

export interface CredentialHoldsOptions {
  readonly kube: KubeClient;
  /** Whether this watcher leads and knows all resources; one that it has not seen yet could need the credential. */
  readonly mayRelease: () => boolean;
  /** Whether a resource that is claimed in Azure is managed with this credential. */
  readonly isNeeded: (secret: string) => boolean;
  readonly onFault: (error: unknown, secret: string) => void;
}

/**
 * Lets credential Secrets go that are being deleted and that no claimed resource needs any more. The worker has put a finalizer on them, because a namespace
 * deletes its Secrets beside its resources, and without the credential nothing can be deleted in Azure. Metadata only is read and written.
 */
export class CredentialHolds {
  readonly #options: CredentialHoldsOptions;
  /** Secrets that are being deleted and carry the finalizer. */
  readonly #held = new Map<string, KubeObject['metadata']>();
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(options: CredentialHoldsOptions) {
    this.#options = options;
  }

  /** A Secret's metadata as it is now; undefined: it is gone. */
  seen(key: string, metadata: KubeObject['metadata'] | undefined): void {
    const isHeld = metadata?.deletionTimestamp !== undefined && metadata.finalizers?.includes(CREDENTIAL_FINALIZER);
    if (isHeld) this.#held.set(key, metadata);
    else this.#held.delete(key);
    if (this.#held.size > 0) this.#timer ??= setInterval(() => this.#sweep(), EVERY_MS);
    else this.#rest();
  }

  async stop(): Promise<void> {
    this.#held.clear();
    this.#rest();
    await this.#sweeping;
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #sweep(): void {
    if (!this.#options.mayRelease()) return;
    const free = [...this.#held].filter(([key]) => !this.#options.isNeeded(key));
    this.#sweeping = this.#sweeping.then(async () => {
      for (const [key, metadata] of free) if (this.#held.get(key) === metadata) await this.#release(key, metadata);
    });
  }

  /** Locked to the version that was seen: what fails now is tried at the next sweep, with what the watch has brought by then. */
  async #release(key: string, metadata: KubeObject['metadata']): Promise<void> {
    const { name, namespace = '', resourceVersion, finalizers = [] } = metadata;
    const path = objectPath({ version: 'v1', plural: 'secrets', namespace, name });
    const patch = [
      { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
      { op: 'add', path: '/metadata/finalizers', value: finalizers.filter((name) => name !== CREDENTIAL_FINALIZER) },
    ];
    const query = `?fieldManager=${encodeURIComponent(FIELD_MANAGERS.credential)}`;
    try {
      await this.#options.kube.request('PATCH', `${path}${query}`, patch, HEADERS);
      this.#held.delete(key);
    } catch (error) {
      this.#options.onFault(error, key);
    }
  }
}

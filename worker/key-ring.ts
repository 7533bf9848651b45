import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KeySource, SealKeys } from '../activities/exports/seal.ts';
import type { KubeClient, KubeObject } from '../kube/contract.ts';
import { KubeError } from '../kube/errors.ts';
import { OWN_SECRET_LABEL, SEAL_SECRET } from '../kube/names.ts';
import { isAborted } from './is-aborted.ts';

/** The entry with the first key. It is current where the entry `current` names no other. */
const FIRST = 'key';
const CURRENT = 'current';
const DIGEST = 'digest';
const BYTES = 32;
/** How long a worker may still encrypt with a key that is no longer the current one. */
const RELOAD_MS = 60_000;
const TRIES = 10;

/** The `data` of the Secret: name of the entry -> base64. */
type Data = Readonly<Record<string, string>>;
type SealSecret = KubeObject & { data?: Data };

/**
 * The keys that seal values. All workers share them through a Secret in the operator's own namespace
 * (docs/sealing-keys.md). The first worker creates it; if several try at once, the API server accepts one and the
 * others read what was created.
 */
export class KeyRing implements KeySource {
  readonly #kube: KubeClient;
  readonly #namespace: string;
  #data: Data | undefined;
  #currentSince: Date | undefined;
  #keys: SealKeys | undefined;
  #loading: Promise<SealKeys> | undefined;

  private constructor(kube: KubeClient, namespace: string) {
    this.#kube = kube;
    this.#namespace = namespace;
  }

  /** @throws Error when the Secret cannot be used, with what is wrong; KubeError */
  static async load(kube: KubeClient, namespace: string): Promise<KeyRing> {
    const ring = new KeyRing(kube, namespace);
    await ring.reload();
    return ring;
  }

  keys(): SealKeys {
    if (this.#keys === undefined) throw new Error('the sealing keys have not been read yet');
    return this.#keys;
  }

  /** Since when the current key is current, as far as the Secret tells; undefined if it does not. */
  get currentSince(): Date | undefined {
    return this.#currentSince;
  }

  /** Calls at the same time share one read. */
  async reload(): Promise<SealKeys> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    return await this.#loading;
  }

  /** Reads the keys every minute until the signal is aborted. After a failure the known keys stay in use. */
  async keepFresh({ signal, onError }: { signal: AbortSignal; onError: (why: string) => void }): Promise<void> {
    while (!signal.aborted) {
      await sleep(RELOAD_MS, undefined, { signal }).catch(() => undefined);
      if (isAborted(signal)) return;
      await this.reload().catch((error: unknown) => onError(error instanceof Error ? error.message : 'unknown error'));
    }
  }

  async #load(): Promise<SealKeys> {
    const secret = await this.#read();
    const { data = {} } = secret;
    const read = keysOf(data, `Secret ${this.#namespace}/${SEAL_SECRET}`);
    this.#data = data;
    this.#currentSince = currentSince(secret);
    // A key that is no longer in the Secret still opens what this worker may meet.
    this.#keys = { ...read, byId: new Map([...(this.#keys?.byId ?? []), ...read.byId]) };
    return this.#keys;
  }

  /** The Secret. One that is gone is created again, with the keys that this worker knows. */
  async #read(): Promise<SealSecret> {
    const path = { version: 'v1', plural: 'secrets', namespace: this.#namespace };
    for (let tries = 1; ; tries += 1) {
      const secret = await this.#kube.get<SealSecret>({ ...path, name: SEAL_SECRET });
      if (secret) return secret;
      try {
        await this.#kube.create(path, {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: {
            name: SEAL_SECRET,
            namespace: this.#namespace,
            labels: { 'app.kubernetes.io/managed-by': 'azure-temporal-operator', [OWN_SECRET_LABEL]: 'true' },
          },
          data: { ...(this.#data ?? newData()) },
        });
      } catch (error) {
        // Another worker was faster: read what it created.
        if (!(error instanceof KubeError && error.status === 409) || tries === TRIES) throw error;
      }
    }
  }
}

/**
 * Kubernetes keeps who wrote a field last, and when: the entry `current` is written by a rotation. Without it the first
 * key is current, as old as the Secret.
 */
function currentSince({ metadata }: SealSecret): Date | undefined {
  const writers = (metadata.managedFields ?? []).filter(({ fieldsV1 }) => {
    const data = fieldsV1?.['f:data'];
    return typeof data === 'object' && data !== null && `f:${CURRENT}` in data;
  });
  const times = writers.map(({ time }) => Date.parse(time ?? '')).filter((time) => !Number.isNaN(time));
  const at = times.length > 0 ? Math.max(...times) : Date.parse(metadata.creationTimestamp ?? '');
  return Number.isNaN(at) ? undefined : new Date(at);
}

function newData(): Data {
  const random = (): string => randomBytes(BYTES).toString('base64');
  return { [FIRST]: random(), [DIGEST]: random() };
}

/** @throws Error that names the Secret and the entry that is wrong; it quotes no key. */
function keysOf(data: Data, title: string): SealKeys {
  const { [CURRENT]: named, [DIGEST]: digest = data[FIRST], ...entries } = data;
  const keys = new Map(Object.entries(entries).map(([name, text]) => [name, keyOf(text, `${title}: "${name}"`)]));
  const current = named === undefined ? FIRST : Buffer.from(named, 'base64').toString('utf8').trim();
  const key = keys.get(current);
  if (key === undefined)
    throw new Error(
      `cannot use ${title}: it has no key "${current}"; set its entry "${CURRENT}" to the name of one of its keys`,
    );
  if (digest === undefined)
    throw new Error(
      `cannot use ${title}: it has neither "${DIGEST}" nor "${FIRST}"; restore the one that was removed (docs/sealing-keys.md)`,
    );
  return {
    current: idOf(current, key),
    byId: new Map([...keys].map(([name, bytes]) => [idOf(name, bytes), bytes])),
    digest: keyOf(digest, `${title}: "${DIGEST}"`),
  };
}

function keyOf(text: string, what: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === BYTES) return bytes;
  throw new Error(
    `cannot use ${what}: a key has ${String(BYTES)} bytes, and this one ${String(bytes.length)}; make one with "openssl rand ${String(BYTES)}"`,
  );
}

/** Part of the id is a hash of the key: a Secret that was deleted and made anew has other keys under the same names. */
function idOf(name: string, key: Uint8Array): string {
  return `${name}-${createHash('sha256').update('key id').update(key).digest('hex').slice(0, 8)}`;
}

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

/**
 * The keys that seal values. All workers share them through a Secret in the operator's own namespace
 * (docs/sealing-keys.md). The first worker creates it; if several try at once, the API server accepts one and the
 * others read what was created.
 */
export class KeyRing implements KeySource {
  readonly #kube: KubeClient;
  readonly #namespace: string;
  #data: Data | undefined;
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
    const data = await this.#read();
    const read = keysOf(data, `Secret ${this.#namespace}/${SEAL_SECRET}`);
    this.#data = data;
    // A key that is no longer in the Secret still opens what this worker may meet.
    this.#keys = { ...read, byId: new Map([...(this.#keys?.byId ?? []), ...read.byId]) };
    return this.#keys;
  }

  /** The data of the Secret. One that is gone is created again, with the keys that this worker knows. */
  async #read(): Promise<Data> {
    const path = { version: 'v1', plural: 'secrets', namespace: this.#namespace };
    for (let tries = 1; ; tries += 1) {
      const secret = await this.#kube.get<KubeObject & { data?: Data }>({ ...path, name: SEAL_SECRET });
      if (secret) return secret.data ?? {};
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

import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/** Encrypts values so that they can be stored in a workflow's history, and makes keyed fingerprints of values. */
export interface Seal {
  /**
   * Encrypts with AES-256-GCM and the current key, whose id is in the result. The result is bound to `context` (the
   * workflow id and the purpose of the value): it cannot be decrypted with another context.
   */
  encrypt(value: unknown, context: string): string;
  /**
   * Decrypts with the key that the value was encrypted with. When it is not known, the keys are read again: another
   * worker may have learnt of a new key first. Undefined if no key opens the value: its key was removed, or the value
   * belongs to another workflow.
   */
  decrypt(sealed: string, context: string): Promise<unknown>;
  /** An HMAC-SHA-256: without the key, nobody can check a guess at a weak password. */
  readonly fingerprint: (value: unknown) => string;
}

/** The keys, 32 bytes each. */
export interface SealKeys {
  /** The id of the key that encrypts. */
  readonly current: string;
  /** Key id -> key. Every one of them decrypts. */
  readonly byId: ReadonlyMap<string, Uint8Array>;
  /**
   * The key of the fingerprints. It stays when the current key changes: the digests in the resources' status would
   * otherwise match nothing, and every resource would be sent to Azure once more.
   */
  readonly digest: Uint8Array;
}

/** Where the keys come from. All workers have the same ones (`worker/key-ring.ts`). */
export interface KeySource {
  keys(): SealKeys;
  /** Reads them again. */
  reload(): Promise<SealKeys>;
}

export function createSeal(source: KeySource): Seal {
  const derived = cachedDerivation();
  const openedWith = (keys: readonly Uint8Array[], bytes: Buffer, context: string): { value: unknown } | undefined => {
    for (const key of keys) {
      const opened = open(derived(key, 'seal'), bytes, context);
      if (opened) return opened;
    }
    return undefined;
  };
  return {
    encrypt(value, context) {
      const { current, byId } = source.keys();
      const key = byId.get(current);
      if (key === undefined) throw new Error(`there is no sealing key "${current}"`);
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', derived(key, 'seal'), iv).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
      return `sealed:2:${current}:${Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')}`;
    },
    async decrypt(sealed, context) {
      const parts = partsOf(sealed);
      if (parts === undefined) return undefined;
      const { id, bytes } = parts;
      const opened = openedWith(candidates(source.keys(), id), bytes, context);
      return (opened ?? openedWith(candidates(await source.reload(), id), bytes, context))?.value;
    },
    fingerprint: (value) =>
      createHmac('sha256', derived(source.keys().digest, 'fingerprint'))
        .update(JSON.stringify(value))
        .digest('base64url')
        .slice(0, 22),
  };
}

/** `sealed:2:<key id>:<bytes>`; values of the releases before have no key id: `sealed:1:<bytes>`. */
function partsOf(sealed: string): { id: string | undefined; bytes: Buffer } | undefined {
  const [, id, text] = /^sealed:(?:1|2:([^:]+)):([\w-]+)$/.exec(sealed) ?? [];
  return text === undefined ? undefined : { id, bytes: Buffer.from(text, 'base64url') };
}

function candidates({ byId }: SealKeys, id: string | undefined): Uint8Array[] {
  if (id === undefined) return [...byId.values()];
  const key = byId.get(id);
  return key === undefined ? [] : [key];
}

function open(key: Uint8Array, bytes: Buffer, context: string): { value: unknown } | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
    decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(12, 28));
    const text = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
    return { value: JSON.parse(text) as unknown };
  } catch {
    // Another key, another context or a changed value: GCM does not tell which.
    return undefined;
  }
}

/** Encryption and fingerprints use keys that are derived, so that one key can serve both. */
function cachedDerivation(): (key: Uint8Array, purpose: 'seal' | 'fingerprint') => Uint8Array {
  const known = { seal: new WeakMap<Uint8Array, Uint8Array>(), fingerprint: new WeakMap<Uint8Array, Uint8Array>() };
  return (key, purpose) => {
    const derived = known[purpose].get(key) ?? new Uint8Array(hkdfSync('sha256', key, '', purpose, 32));
    known[purpose].set(key, derived);
    return derived;
  };
}

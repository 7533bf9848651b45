import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/** Encrypts values so that they can be stored in a workflow's history, and makes keyed fingerprints of values. */
export interface Seal {
  /**
   * Encrypts with AES-256-GCM. The result is bound to `context` (the workflow id and the purpose of the value): it
   * cannot be decrypted with another context.
   */
  encrypt(value: unknown, context: string): string;
  decrypt(sealed: string, context: string): unknown;
  /** An HMAC-SHA-256: without the key, nobody can check a guess at a weak password. */
  readonly fingerprint: (value: unknown) => string;
}

/** @param key 32 bytes, the same in every worker. Encryption and fingerprints use keys that are derived from it. */
export function createSeal(key: Uint8Array): Seal {
  const encryptionKey = new Uint8Array(hkdfSync('sha256', key, '', 'seal', 32));
  const fingerprintKey = new Uint8Array(hkdfSync('sha256', key, '', 'fingerprint', 32));
  return {
    encrypt(value, context) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', encryptionKey, iv).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
      return `sealed:1:${Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')}`;
    },
    decrypt(sealed, context) {
      const bytes = Buffer.from(sealed.replace(/^sealed:1:/, ''), 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', encryptionKey, bytes.subarray(0, 12)).setAAD(
        Buffer.from(context),
      );
      decipher.setAuthTag(bytes.subarray(12, 28));
      const value: unknown = JSON.parse(
        Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8'),
      );
      return value;
    },
    fingerprint: (value) =>
      createHmac('sha256', fingerprintKey).update(JSON.stringify(value)).digest('base64url').slice(0, 22),
  };
}

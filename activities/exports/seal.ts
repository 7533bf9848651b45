import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/** Encrypts values so that they can pass through a workflow's history, and makes keyed fingerprints of them. */
export interface Seal {
  /**
   * AES-256-GCM, bound to `context` (the workflow id and what the value is for): under another context it cannot be
   * decrypted.
   */
  encrypt(value: unknown, context: string): string;
  decrypt(sealed: string, context: string): unknown;
  /** HMAC-SHA-256: without the key a guess at a weak password cannot be checked. */
  readonly fingerprint: (value: unknown) => string;
}

/** `key`: 32 bytes, the same in every worker. Encryption and fingerprints use keys derived from it. */
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

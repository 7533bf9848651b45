import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CHECKSUMS } from './checksums.ts';

/**
 * Signs the checksums, and with them every file, with GnuPG.
 * @param key the id of a key in the keyring of whoever releases; undefined if there is none
 * @returns what is not signed and why; one line each
 */
export async function sign(directory: string, key: string | undefined): Promise<string[]> {
  const image = 'the image has no signature of its own: that needs a registry and cosign';
  if (key === undefined || key === '')
    return [`${CHECKSUMS} is not signed: RELEASE_GPG_KEY is not set (the id of a key that gpg has)`, image];
  try {
    const args = ['--batch', '--yes', '--armor', '--detach-sign', '--local-user', key, join(directory, CHECKSUMS)];
    await promisify(execFile)('gpg', args);
    return [image];
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const why = isMissing ? 'gpg is not installed' : `gpg cannot sign with the key ${key}`;
    throw new Error(`cannot sign ${CHECKSUMS}: ${why}; leave RELEASE_GPG_KEY out to release without a signature`, {
      cause: error,
    });
  }
}

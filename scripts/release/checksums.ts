import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

export const CHECKSUMS = 'SHA256SUMS';

/** Writes the checksums of all files of the folder, in the format that `sha256sum --check` reads. */
export async function writeChecksums(directory: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => !name.startsWith(CHECKSUMS)).sort();
  const lines: string[] = [];
  for (const name of names) lines.push(`${await sha256(join(directory, name))}  ${name}`);
  await writeFile(join(directory, CHECKSUMS), `${lines.join('\n')}\n`);
}

/** The SHA-256 of a file, in hexadecimal. */
export async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

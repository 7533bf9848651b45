import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

interface Bom {
  serialNumber: string;
  metadata: { timestamp: string };
}

/**
 * Writes the software bill of materials of the image: the production dependencies of the lock file, as CycloneDX. npm
 * gives it a random number and the time; they are replaced by what follows from the content and the commit.
 * @param directory the tree with package.json and package-lock.json
 */
export async function writeSbom(
  file: string,
  { directory, epoch }: { directory: string; epoch: number },
): Promise<void> {
  const { stdout } = await promisify(execFile)(
    'npm',
    ['sbom', '--sbom-format=cyclonedx', '--package-lock-only', '--omit=dev'],
    { cwd: directory, maxBuffer: 64 * 1024 * 1024 },
  );
  const bom = JSON.parse(stdout) as Bom;
  bom.metadata.timestamp = new Date(epoch * 1000).toISOString();
  bom.serialNumber = '';
  bom.serialNumber = `urn:uuid:${uuidOf(JSON.stringify(bom))}`;
  await writeFile(file, `${JSON.stringify(bom, undefined, 2)}\n`);
}

/** A UUID of version 8, which RFC 9562 leaves to the application: here of the SHA-256 of a text. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return parts.join('-');
}

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { reproducible, type Bom } from '../../deploy/image/reproducible-bom.ts';

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
  await writeFile(file, reproducible(JSON.parse(stdout) as Bom, new Date(epoch * 1000).toISOString()));
}

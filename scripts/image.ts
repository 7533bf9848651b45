/**
 * `npm run image [-- --output FILE]` builds the image of the Dockerfile, prints its layers, and writes its SBOM and, with
 * `--output` or where no Docker daemon keeps it, the image to files.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildImage } from '../dev/docker/build-image.ts';
import { connectDocker, type Docker } from '../dev/docker/docker.ts';

const DIST = join(import.meta.dirname, '..', 'dist');
const log = (line: string): void => console.log(line);

try {
  const { values } = parseArgs({ options: { output: { type: 'string' } } });
  const docker = await connectDocker(log);
  try {
    await main(docker, values.output);
  } finally {
    await docker.stop();
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function main(docker: Docker, output: string | undefined): Promise<void> {
  const image = await buildImage(docker, { log });
  for (const { id, size } of image.layers) log(`  ${megabytes(size).padStart(9)}  ${id.slice(0, 19)}`);
  const total = image.layers.reduce((sum, { size }) => sum + size, 0);
  log(`${image.name} built: ${megabytes(total)} over its base image, ${image.id.slice(0, 19)}.`);
  const base = join(DIST, image.name.replace(':', '-'));
  const sbom = `${base}.sbom.cdx.json`;
  await mkdir(DIST, { recursive: true });
  await writeFile(sbom, await fileOf(docker, image.name, 'sbom.cdx.json'));
  log(`SBOM: ${pathOf(sbom)}`);
  if (output !== undefined || docker.isOwn) {
    const archive = output === undefined ? `${base}.tar` : resolve(output);
    await mkdir(dirname(archive), { recursive: true });
    await docker.run(['save', '--output', archive, image.name]);
    log(`Image: ${pathOf(archive)} (docker load --input FILE)`);
  }
  if (image.isOnStandIn)
    log('It is built on a stand-in for a base image that cannot be pulled here: use it for tests only.');
}

async function fileOf(docker: Docker, image: string, file: string): Promise<string> {
  return await docker.run([
    'run',
    '--rm',
    '--network=none',
    image,
    '--print',
    `require("node:fs").readFileSync("/operator/${file}", "utf8")`,
  ]);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function pathOf(path: string): string {
  return relative(process.cwd(), path);
}

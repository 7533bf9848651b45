import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Docker } from './docker.ts';
import { BASE_IMAGE, ensureBaseImages, STAND_IN_LABEL } from './stand-ins.ts';

const ROOT = join(import.meta.dirname, '..', '..');

interface Layer {
  /** The digest of the uncompressed layer. */
  readonly id: string;
  /** Uncompressed, in bytes. */
  readonly size: number;
}

export interface BuiltImage {
  readonly name: string;
  readonly id: string;
  /** Those above the base image, the lowest first. */
  readonly layers: readonly Layer[];
  /** Whether it was built on a stand-in, and so is for tests only. */
  readonly isOnStandIn: boolean;
}

/** `azure-temporal-operator:VERSION`, with the version of package.json. */
async function imageName(): Promise<string> {
  const { name, version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Record<string, string>;
  return `${name ?? ''}:${version ?? ''}`;
}

/** Builds the image of `directory`, by default this checkout, and measures it. */
export async function buildImage(
  docker: Docker,
  { log, directory = ROOT, name }: { log: (line: string) => void; directory?: string; name?: string },
): Promise<BuiltImage> {
  await ensureBaseImages(docker, log);
  const tag = name ?? (await imageName());
  if (process.env['IMAGE_DEBUG']) console.log(await docker.run(['build', '--tag', tag, directory]));
  else await docker.run(['build', '--tag', tag, directory]);
  const image = await inspect(docker, tag);
  const base = await inspect(docker, BASE_IMAGE);
  const sizes = await layerSizes(docker, tag);
  const layers = image.RootFS.Layers.map((id, index) => ({ id, size: sizes[index] ?? Number.NaN }));
  return {
    name: tag,
    id: image.Id,
    layers: layers.slice(base.RootFS.Layers.length),
    isOnStandIn: image.Config.Labels?.[STAND_IN_LABEL] !== undefined,
  };
}

interface Inspected {
  readonly Id: string;
  readonly RootFS: { readonly Layers: readonly string[] };
  readonly Config: { readonly Labels?: Readonly<Record<string, string>> | null };
}

async function inspect(docker: Docker, name: string): Promise<Inspected> {
  const [image] = JSON.parse(await docker.run(['image', 'inspect', name])) as Inspected[];
  if (image === undefined) throw new Error(`there is no image ${name}`);
  return image;
}

/** From the archive, as each builder's history counts differently. */
async function layerSizes(docker: Docker, name: string): Promise<number[]> {
  const directory = await mkdtemp(join(tmpdir(), 'operator-layers-'));
  try {
    const archive = join(directory, 'image.tar');
    await docker.run(['save', '--output', archive, name]);
    await promisify(execFile)('tar', ['-xf', archive, '-C', directory]);
    const [manifest] = JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8')) as { Layers: string[] }[];
    return await Promise.all((manifest?.Layers ?? []).map(async (path) => (await stat(join(directory, path))).size));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeTar, writeTarGz } from './archive.ts';
import { sha256 } from './checksums.ts';

const execute = promisify(execFile);

/** The parts of an image's configuration that contain a time or a digest of a layer. */
interface ImageConfig {
  created: string;
  rootfs: { type: string; diff_ids: string[] };
  history?: { created?: string }[];
  container?: unknown;
  container_config?: unknown;
  config?: { Image?: unknown };
}

export interface ImageArchiveInput {
  /** What `docker save` has written. */
  readonly saved: string;
  /** `repository:tag` of the image in the archive. */
  readonly name: string;
  /** The time of every file and of the image, in seconds since the epoch. */
  readonly epoch: number;
  /** An empty folder. */
  readonly temporary: string;
}

/**
 * Writes an image as an archive that `docker load` reads, without the times at which it was built. Docker gives the
 * files and folders that a build step touches the time of the build, so two builds of one tree differ in nothing else.
 */
export async function writeImageArchive(file: string, input: ImageArchiveInput): Promise<void> {
  const { saved, name, epoch, temporary } = input;
  const before = join(temporary, 'before');
  const after = join(temporary, 'after');
  await Promise.all([mkdir(before, { recursive: true }), mkdir(after, { recursive: true })]);
  await execute('tar', ['-xf', saved, '-C', before]);
  const [manifest] = JSON.parse(await readFile(join(before, 'manifest.json'), 'utf8')) as {
    Config: string;
    Layers: string[];
  }[];
  if (manifest === undefined) throw new Error(`${saved} contains no image`);
  const layers: string[] = [];
  for (const layer of manifest.Layers) layers.push(await fixLayer(join(before, layer), after, epoch));
  const config = JSON.parse(await readFile(join(before, manifest.Config), 'utf8')) as ImageConfig;
  const text = JSON.stringify(fixedConfig(config, layers, epoch));
  const configName = `${createHash('sha256').update(text).digest('hex')}.json`;
  await writeFile(join(after, configName), text);
  const fixed = [{ Config: configName, RepoTags: [name], Layers: layers.map((digest) => `${digest}.tar`) }];
  await writeFile(join(after, 'manifest.json'), JSON.stringify(fixed));
  const entries = ['manifest.json', configName, ...layers.map((digest) => `${digest}.tar`)];
  await writeTarGz(file, { directory: after, entries: [...new Set(entries)], epoch });
}

/**
 * Packs the layer again, each entry with the same time. Only root can unpack files of other owners.
 * @returns the SHA-256 of the layer, which is its name
 */
async function fixLayer(layer: string, into: string, epoch: number): Promise<string> {
  const content = await mkdtemp(`${layer}-`);
  const unnamed = join(into, 'layer.tar');
  await execute('tar', ['-xpf', layer, '--xattrs', '--xattrs-include=*', '--numeric-owner', '-C', content]);
  const entries = (await readdir(content)).sort();
  await writeTar(unnamed, { directory: content, entries, epoch, keepOwners: true });
  await rm(content, { recursive: true });
  const digest = await sha256(unnamed);
  await rename(unnamed, join(into, `${digest}.tar`));
  return digest;
}

/** Docker's older builder names the container and the image of its last step, which contain a time. */
function fixedConfig(config: ImageConfig, layers: readonly string[], epoch: number): ImageConfig {
  const created = new Date(epoch * 1000).toISOString();
  const { container: _container, container_config: _config, ...rest } = config;
  const { Image: _lastStep, ...settings } = config.config ?? {};
  return {
    ...rest,
    config: settings,
    created,
    rootfs: { type: 'layers', diff_ids: layers.map((digest) => `sha256:${digest}`) },
    ...(config.history && { history: config.history.map((step) => ({ ...step, created })) }),
  };
}

/**
 * `npm run release [-- --out FOLDER] [--without-image]` makes the files of a release of the tagged commit that is
 * checked out: image, chart, CRDs by group, SBOM, checksums. The same tag gives the same checksums
 * (RELEASE.md). It publishes nothing.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeTarGz } from './release/archive.ts';
import { CHECKSUMS, writeChecksums } from './release/checksums.ts';
import { writeCrdBundles } from './release/crd-bundles.ts';
import { writeImageArchive } from './release/image-archive.ts';
import { writeSbom } from './release/sbom.ts';
import { sign } from './release/signature.ts';
import { taggedSource, type TaggedSource } from './release/tagged-source.ts';

const NAME = 'azure-temporal-operator';
const ROOT = join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: { out: { type: 'string', default: 'dist' }, 'without-image': { type: 'boolean', default: false } },
});

const temporary = await mkdtemp(join(tmpdir(), 'release-'));
try {
  await release(resolve(ROOT, values.out));
} catch (error) {
  process.stderr.write(`release: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await rm(temporary, { recursive: true, force: true });
}

async function release(out: string): Promise<void> {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  if (existsSync(out) && (await readdir(out)).length > 0)
    throw new Error(`cannot release: ${out} is not empty; remove it, or name another folder with --out`);
  const source = await taggedSource(ROOT, { version, into: temporary });
  const { directory, epoch, commit } = source;
  await mkdir(out, { recursive: true });
  const charts = join(directory, 'deploy/helm');
  await writeTarGz(join(out, `${NAME}-${version}.tgz`), { directory: charts, entries: [NAME], epoch });
  await writeCrdBundles(join(directory, 'crds'), out);
  await writeSbom(join(out, `${NAME}-${version}.cdx.json`), { directory, epoch });
  if (!values['without-image']) await writeImage(out, source);
  await writeChecksums(out);
  const unsigned = await sign(out, process.env['RELEASE_GPG_KEY']);
  process.stdout.write(`${await readFile(join(out, CHECKSUMS), 'utf8')}\n`);
  process.stdout.write(`${NAME} ${version}, commit ${commit}, in ${out}\n`);
  for (const line of unsigned) process.stdout.write(`Not signed: ${line}\n`);
}

/** Builds the image from the exported tree, so that nothing of the working copy gets into it. */
async function writeImage(out: string, { directory, version, epoch }: TaggedSource): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new Error('the image can be packed by root only; use --without-image, or run as root');
  const saved = join(temporary, 'saved.tar');
  const build = spawn(process.execPath, ['scripts/image.ts', '--output', saved], { cwd: directory, stdio: 'inherit' });
  const [code] = (await once(build, 'exit')) as [number | null];
  if (code !== 0) throw new Error('the image was not built; the lines above say why');
  const name = `${NAME}:${version}`;
  await writeImageArchive(join(out, `${NAME}-${version}-image-${process.arch}.tar.gz`), {
    saved,
    name,
    epoch,
    temporary: join(temporary, 'image'),
  });
}

import { execFile } from 'node:child_process';
import { access, cp, mkdir, mkdtemp, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory } from '../build-binaries.ts';
import type { Docker } from './docker.ts';

/** The label of an image that only stands in for the one that its name says. */
export const STAND_IN_LABEL = 'azure-temporal-operator.stand-in';
export const BASE_IMAGE = 'debian:bookworm-slim';
export const NODE_IMAGE = 'node:24-bookworm-slim';

const SUITE = 'bookworm';
const PULL_TIMEOUT_MS = 120_000;
const run = promisify(execFile);

/** What a stand-in is made of: the Dockerfile, and files and folders of this machine that it copies, by name. */
export interface StandIn {
  readonly dockerfile: string;
  readonly files: Readonly<Record<string, string>>;
  /** For the log: what it is made of. */
  readonly from: string;
}

type Log = (line: string) => void;

/** Makes the two base images of the Dockerfile available: pulled, or stand-ins. */
export async function ensureBaseImages(docker: Docker, log: Log): Promise<void> {
  await ensureBase(docker, log);
  await ensureImage(docker, { name: NODE_IMAGE, make: nodeStandIn, log });
}

/** Uses the image that is there, pulls it, or builds a stand-in under its name. */
export async function ensureImage(
  docker: Docker,
  { name, make, log }: { name: string; make: () => StandIn | Promise<StandIn>; log: Log },
): Promise<void> {
  if (await isAvailable(docker, { name, log })) return;
  await ensureBase(docker, log);
  const { dockerfile, files, from } = await make();
  log(`${name} cannot be pulled: a stand-in is made of ${from}.`);
  const context = await mkdtemp(join(tmpdir(), 'operator-stand-in-'));
  try {
    await writeFile(join(context, 'Dockerfile'), dockerfile);
    // Links are followed: what Docker reads must be inside of the folder.
    for (const [to, path] of Object.entries(files))
      await cp(await realpath(path), join(context, to), { recursive: true, verbatimSymlinks: true });
    await docker.run(['build', '--tag', name, '--label', `${STAND_IN_LABEL}=true`, context]);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

async function ensureBase(docker: Docker, log: Log): Promise<void> {
  if (await isAvailable(docker, { name: BASE_IMAGE, log })) return;
  log(`${BASE_IMAGE} cannot be pulled: a stand-in is made of Debian's packages with debootstrap.`);
  const archive = await debianArchive(log);
  await docker.run(['import', '--change', `LABEL ${STAND_IN_LABEL}=true`, archive, BASE_IMAGE]);
}

async function isAvailable(docker: Docker, { name, log }: { name: string; log: Log }): Promise<boolean> {
  try {
    await docker.run(['image', 'inspect', name]);
    return true;
  } catch {
    // Not here yet.
  }
  try {
    await run('docker', ['pull', '--quiet', name], {
      env: { ...process.env, ...docker.env },
      timeout: PULL_TIMEOUT_MS,
    });
    log(`${name} pulled.`);
    return true;
  } catch {
    return false;
  }
}

/** A minimal Debian as a tar archive, kept in the cache of built programs. */
async function debianArchive(log: Log): Promise<string> {
  const file = join(dirname(await cacheDirectory()), 'images', `${SUITE}.tar`);
  if (await exists(file)) return file;
  log(`  debootstrap, once: some minutes. Kept in ${file}.`);
  await mkdir(dirname(file), { recursive: true });
  const directory = await mkdtemp(join(tmpdir(), 'operator-debian-'));
  const temporary = `${file}.${process.pid}`;
  try {
    await run('debootstrap', ['--variant=minbase', '--include=ca-certificates', SUITE, directory], {
      maxBuffer: 1e8,
    }).catch((error: unknown) => {
      throw new Error(`cannot make ${BASE_IMAGE}: debootstrap failed (as root; Debian: apt-get install debootstrap)`, {
        cause: error,
      });
    });
    // What the real image leaves out too.
    const left = ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man', 'usr/share/locale', 'dev'];
    const excluded = left.map((path) => `--exclude=./${path}/*`);
    await run('tar', ['--create', `--file=${temporary}`, '--numeric-owner', ...excluded, '-C', directory, '.']);
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
    await rm(directory, { recursive: true, force: true });
  }
  return file;
}

/** Node and npm of this machine, and its certificate authorities: a proxy may stand before the registry. */
async function nodeStandIn(): Promise<StandIn> {
  // `…/npm/bin/npm-cli.js`, whichever way this was started.
  const npm = await realpath((await run('sh', ['-c', 'command -v npm'])).stdout.trim());
  return {
    from: `Node ${process.version} and npm of this machine`,
    files: {
      node: process.execPath,
      npm: dirname(dirname(npm)),
      'ca-certificates.crt': process.env['NODE_EXTRA_CA_CERTS'] ?? '/etc/ssl/certs/ca-certificates.crt',
    },
    dockerfile: `FROM ${BASE_IMAGE}
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && groupadd --gid 1000 node && useradd --uid 1000 --gid 1000 --create-home node
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
CMD ["node"]
`,
  };
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

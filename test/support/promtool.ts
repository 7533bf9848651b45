import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory } from '../../dev/build-binaries.ts';

const run = promisify(execFile);

/**
 * Runs promtool: the one on PATH, else that of Debian's package `prometheus`, which is unpacked beside the stack's programs
 * and not installed (its service would start).
 * @returns what it wrote
 * @throws Error with what it wrote, when it finds a fault
 */
export async function promtool(args: readonly string[], cwd: string): Promise<string> {
  const program = await find();
  try {
    const { stdout, stderr } = await run(program, [...args], { cwd });
    return stdout + stderr;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`promtool ${args.join(' ')}:\n${stdout}${stderr}`, { cause: error });
  }
}

async function find(): Promise<string> {
  const cached = join(await cacheDirectory(), 'promtool');
  const places = [...(process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'promtool')), cached];
  for (const place of places) if (await exists(place)) return place;
  await unpack(cached);
  return cached;
}

async function unpack(target: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'promtool-'));
  try {
    await download(directory);
    const archive = (await readdir(directory)).find((name) => name.endsWith('.deb')) ?? '';
    await run('dpkg-deb', ['-x', archive, 'unpacked'], { cwd: directory });
    await mkdir(join(target, '..'), { recursive: true });
    // Another test process may do the same at the same time: each moves a complete file.
    const complete = `${target}.${String(process.pid)}`;
    await run('cp', [join(directory, 'unpacked/usr/bin/promtool'), complete]);
    await rename(complete, target);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function download(directory: string): Promise<void> {
  const fetch = (): Promise<unknown> => run('apt-get', ['download', 'prometheus'], { cwd: directory });
  try {
    // The lists of packages may be there, and may be out of date.
    await fetch().catch(async () => {
      await run('apt-get', ['update']);
      await fetch();
    });
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    throw new Error(
      `promtool is not on PATH, and Debian's package prometheus, which has it, cannot be downloaded (apt-get download prometheus): ${stderr}`,
      { cause: error },
    );
  }
}

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}

import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';

export interface ArchiveInput {
  /** The folder whose content is archived. */
  readonly directory: string;
  /** What of it, by name. */
  readonly entries: readonly string[];
  /** The time of every entry, in seconds since the epoch. */
  readonly epoch: number;
  /** Keep owners and modes as they are, for a root file system. Else everything belongs to root and all may read it. */
  readonly keepOwners?: boolean;
}

/** GNU tar with everything fixed that depends on the machine: the same content gives the same bytes. */
export async function writeTar(file: string, { directory, entries, epoch, keepOwners }: ArchiveInput): Promise<void> {
  const owners = keepOwners === true ? ['--numeric-owner', '--xattrs'] : ['--owner=0', '--group=0', '--numeric-owner'];
  const modes = keepOwners === true ? [] : ['--mode=u+rw,go+r-w,a+X'];
  const fixed = ['--format=posix', '--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime'];
  await promisify(execFile)(
    'tar',
    [
      '--sort=name',
      `--mtime=@${String(epoch)}`,
      ...owners,
      ...modes,
      ...fixed,
      '-cf',
      file,
      '-C',
      directory,
      ...entries,
    ],
    { maxBuffer: 64 * 1024 * 1024 },
  );
}

/** The same, compressed. Node's gzip header has no time and no name. */
export async function writeTarGz(file: string, input: ArchiveInput): Promise<void> {
  const tar = `${file}.tar`;
  await writeTar(tar, input);
  await pipeline(createReadStream(tar), createGzip({ level: 9 }), createWriteStream(file));
  await rm(tar);
}

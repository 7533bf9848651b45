import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export interface TaggedSource {
  readonly version: string;
  readonly commit: string;
  /** The time of the commit, in seconds since the epoch: the only time that an artifact may contain. */
  readonly epoch: number;
  /** The tree of the tag, without anything that is not in git. */
  readonly directory: string;
}

/**
 * Exports the commit of the tag `v<version>`, which must be checked out without changes.
 * @throws Error that says what to do, when the working copy is not the tagged commit
 */
export async function taggedSource(root: string, input: { version: string; into: string }): Promise<TaggedSource> {
  const { version, into } = input;
  const git = async (...args: string[]): Promise<string> => {
    const { stdout } = await execute('git', ['-C', root, ...args], { maxBuffer: 64 * 1024 * 1024 });
    return stdout.trim();
  };
  const changes = await git('status', '--porcelain');
  if (changes !== '') {
    const [first = ''] = changes.split('\n');
    throw new Error(`cannot release: the working copy has changes (${first.trim()}); commit or remove them`);
  }
  const tag = `v${version}`;
  const tags = (await git('tag', '--points-at', 'HEAD')).split('\n');
  if (!tags.includes(tag)) {
    throw new Error(
      `cannot release: the commit that is checked out has no tag ${tag}, which the version in package.json asks for; see RELEASE.md`,
    );
  }
  const directory = join(into, `azure-temporal-operator-${version}`);
  await mkdir(directory, { recursive: true });
  const archive = join(into, 'source.tar');
  await git('archive', '--format=tar', `--output=${archive}`, tag);
  await execute('tar', ['-xf', archive, '-C', directory]);
  return {
    version,
    directory,
    commit: await git('rev-parse', 'HEAD'),
    epoch: Number(await git('log', '-1', '--format=%ct')),
  };
}

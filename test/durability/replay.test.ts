import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const HISTORIES = join(import.meta.dirname, '..', 'data', 'histories');
const run = promisify(execFile);
const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
  version: string;
};

interface Outcome {
  readonly file: string;
  readonly error: string | null;
}

describe('recorded histories', () => {
  let outcomes: readonly Outcome[];
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'replay-'));
    outcomes = await replay(HISTORIES);
  }, 120_000);

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('cover, for each release, every state in which the next release can find a run, and every way in which a run ends', async () => {
    const states = [
      'waiting',
      'back-off',
      'polling',
      'interrupted',
      'deleting',
      'failed',
      'ready',
      'waited-then-ready',
      'setback-then-deleted',
      'deleted',
    ];
    const releases = await readdir(HISTORIES);
    expect(releases).toContain(version);
    for (const release of releases) {
      const names = await readdir(join(HISTORIES, release));
      expect(names.sort()).toEqual(states.map((state) => `${state}.json`).sort());
    }
  });

  it("replay on today's workflow code", () => {
    expect(outcomes.length).toBeGreaterThanOrEqual(10);
    expect(outcomes.filter(({ error }) => error !== null)).toEqual([]);
  });

  it('fail to replay when the code could not have produced them', async () => {
    const name = 'ready.json';
    const text = await readFile(join(HISTORIES, version, name), 'utf8');
    const forged = join(directory, 'forged');
    await mkdir(forged);
    await writeFile(join(forged, name), text.replaceAll('"createOrUpdate"', '"anotherStep"'));
    const [outcome] = await replay(forged);
    expect(outcome?.error).not.toBeNull();
  }, 120_000);
});

async function replay(directory: string): Promise<Outcome[]> {
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'replay-histories.ts'), directory]);
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Outcome);
}

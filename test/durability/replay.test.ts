import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const HISTORIES = join(import.meta.dirname, '..', 'data', 'histories');
const run = promisify(execFile);

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

  it('cover creation, update, a refused PUT and deletion', async () => {
    const names = await readdir(HISTORIES);
    const texts = await Promise.all(names.map((name) => readFile(join(HISTORIES, name), 'utf8')));
    const steps = [
      'createOrUpdate',
      'pollProvisioning',
      'fetchKeys',
      'writeSecrets',
      'patchReady',
      'deleteResource',
      'pollDeletion',
      'releaseFinalizer',
    ];
    expect(steps.filter((step) => !texts.some((text) => text.includes(`"${step}"`)))).toEqual([]);
  });

  it("replay on today's workflow code", () => {
    expect(outcomes.length).toBeGreaterThanOrEqual(3);
    expect(outcomes.filter(({ error }) => error !== null)).toEqual([]);
  });

  it('are told apart from one that the code could not have made', async () => {
    const [name = ''] = (await readdir(HISTORIES)).sort();
    const text = await readFile(join(HISTORIES, name), 'utf8');
    const forged = join(directory, 'forged');
    await mkdir(forged);
    await writeFile(join(forged, name), text.replaceAll('"resolveInputs"', '"anotherStep"'));
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

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { blocksOf, Copy, ROOT } from './guide.ts';

const PAGE = 'adding-a-step.md';
/** The rooms of the operator, and what test/workflows/ imports. */
const ROOMS = [
  ...['activities', 'azure', 'contract', 'kinds', 'kube', 'worker', 'workflows'],
  ...['dev', 'simulator', 'test/durability', 'test/support', 'test/workflows'],
];
const HISTORIES = join(ROOT, 'test/data/histories');

describe('docs/adding-a-step.md', () => {
  let copy: Copy;
  beforeAll(() => {
    copy = new Copy(ROOMS);
    copy.apply(blocksOf(PAGE));
  });
  afterAll(() => copy.remove());

  it('takes five files', () => {
    expect(new Set(blocksOf(PAGE).map(({ file }) => file)).size).toBe(5);
  });

  it('compiles: the step has its type, its function, its registration and its call', async () => {
    const entries = ['activities/create-activities.ts', 'workflows/index.ts', 'test/workflows/workflow-world.ts'];
    expect(await copy.typeErrors(entries)).toBe('');
  }, 120_000);

  it('replays the recorded histories, and would not without `patched`', async () => {
    expect(await failedReplays(copy)).toEqual([]);
    const file = 'workflows/reconcile.ts';
    copy.write(file, copy.read(file).replace("if (patched('record-ready')) ", ''));
    expect(await failedReplays(copy)).toEqual(expect.arrayContaining([expect.stringContaining('/ready.json')]));
  }, 120_000);
});

async function failedReplays(copy: Copy): Promise<string[]> {
  const { stdout } = await copy.node(['test/durability/replay-histories.ts', HISTORIES]);
  const outcomes = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { file: string; error: string | null });
  expect(outcomes.length).toBeGreaterThan(0);
  return outcomes.filter(({ error }) => error !== null).map(({ file }) => file);
}

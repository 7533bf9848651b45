import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { blocksOf, Copy } from './guide.ts';

const PAGE = 'adding-an-annotation.md';
const FINGERPRINT = 'test/watcher/fingerprint.test.ts';
const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];

interface JestResult {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

describe('docs/adding-an-annotation.md', () => {
  let copy: Copy;
  beforeAll(() => {
    copy = new Copy(['process', 'activities', 'azure', 'contract', 'docs', 'kinds', 'kube', 'watcher', FINGERPRINT]);
    copy.apply(blocksOf(PAGE));
  });
  afterAll(() => copy.remove());

  it('takes the row, its reader and its documentation', () => {
    expect(blocksOf(PAGE)).toHaveLength(3);
  });

  it('compiles', async () => {
    expect(await copy.typeErrors(['activities/create-activities.ts', 'watcher/main.ts'])).toBe('');
  }, 120_000);

  it('wakes, and leaves the stored fingerprints of resources without it as they are', async () => {
    const { stdout } = await copy.node([...JEST, '--json', FINGERPRINT]);
    const tests = (JSON.parse(stdout) as JestResult).testResults.flatMap(({ assertionResults }) => assertionResults);
    expect(tests.filter(({ status }) => status !== 'passed')).toEqual([]);
    expect(tests.map(({ title }) => title)).toContain('azure-temporal-operator.io/owner-readiness: wakes true');
  }, 120_000);
});

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
    copy = new Copy(['activities', 'azure', 'contract', 'docs', 'kinds', 'kube', 'watcher', FINGERPRINT]);
    copy.apply(blocksOf(PAGE));
  });
  afterAll(() => copy.remove());

  it('takes the row, its reader and its documentation', () => {
    expect(blocksOf(PAGE)).toHaveLength(3);
  });

  it('compiles', async () => {
    expect(await copy.typeErrors(['activities/create-activities.ts', 'watcher/main.ts'])).toBe('');
  }, 120_000);

  it('wakes; the fingerprints of earlier releases are what fails, as the page says', async () => {
    const { stdout } = await copy.node([...JEST, '--json', FINGERPRINT]);
    const tests = (JSON.parse(stdout) as JestResult).testResults.flatMap(({ assertionResults }) => assertionResults);
    const titles = (status: string): string[] =>
      tests.filter((test) => test.status === status).map(({ title }) => title);
    expect(titles('passed')).toContain('azure-temporal-operator.io/owner-readiness: wakes true');
    expect(titles('failed').length).toBeGreaterThan(0);
    for (const title of titles('failed')) expect(title).toContain('is what earlier releases stored');
  }, 120_000);
});

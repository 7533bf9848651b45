import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { blocksOf, Copy } from './guide.ts';

const PAGE = 'adding-a-reason.md';

describe('docs/adding-a-reason.md', () => {
  let copy: Copy;
  beforeAll(async () => {
    copy = new Copy(['activities', 'azure', 'contract', 'crds', 'deploy', 'docs', 'kinds', 'kube', 'scripts']);
    copy.apply(blocksOf(PAGE));
    expect(await copy.node(['scripts/generate.ts'])).toMatchObject({ stderr: '' });
  }, 120_000);
  afterAll(() => copy.remove());

  it('takes one file for a code of Azure and for a delay, two for a reason of ours', () => {
    expect(blocksOf(PAGE).map(({ file }) => file)).toEqual([
      'azure/reasons.ts',
      'activities/resolve-inputs.ts',
      'azure/arm-codes.ts',
      'azure/classify.ts',
    ]);
  });

  it('compiles', async () => {
    expect(await copy.typeErrors(['activities/create-activities.ts'])).toBe('');
  }, 120_000);

  it('gives the rows and the delay in docs/errors.md', () => {
    const page = copy.read('docs/errors.md');
    expect(page).toContain('| `OwnerBeingDeleted` | Warning | Wait | Wait until the owner is gone');
    expect(page).toContain('| `ResourceGroupBeingDeleted` | Warning | Slow |');
    expect(page).toMatch(/\| Fast \|.*then every 20 s \|/);
  });

  it('gives what throws the reason the severity and retry of its row', async () => {
    copy.write(
      'throw-it.ts',
      `import { StepError } from './activities/step-error.ts';
      const { reason, severity, retry } = new StepError('OwnerBeingDeleted', 'x');
      process.stdout.write(JSON.stringify({ reason, severity, retry }));`,
    );
    const { stdout } = await copy.node(['throw-it.ts']);
    // Thrown in the middle of a step, Wait is as Fast.
    expect(JSON.parse(stdout)).toEqual({ reason: 'OwnerBeingDeleted', severity: 'Warning', retry: 'Fast' });
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { reportStuckRun } from '../../activities/report-stuck-run.ts';
import { workflowId } from '../../contract/resource-ref.ts';
import { resourceGroup } from '../cluster/scene.ts';
import { readyOf } from '../support/environment.ts';
import { openStepScene, type StepScene } from './step-scene.ts';

const STUCK = { since: new Date('2026-01-02T03:04:05Z'), cause: 'NON_DETERMINISTIC_ERROR' };

describe('reportStuckRun', () => {
  let scene: StepScene;
  beforeAll(async () => {
    scene = await openStepScene('step-stuck');
  }, 60_000);
  afterAll(() => scene.close());

  it('says on the resource which run cannot go on and what to do; the next step replaces it', async () => {
    const target = await scene.claim(resourceGroup(scene.namespace, 'stuck'));
    const id = workflowId(target.ref);
    await reportStuckRun(scene.deps, { workflowId: id, ...STUCK });
    const ready = readyOf(await scene.read(target.ref));
    expect(ready).toMatchObject({ status: 'False', reason: 'WorkflowTaskFailed', observedGeneration: 1 });
    for (const part of [id, '2026-01-02T03:04:05.000Z', STUCK.cause, 'docs/upgrades.md'])
      expect(ready?.message).toContain(part);

    const written = { status: {}, fingerprint: null, applied: null, exported: null };
    await new Promise((resolve) => setTimeout(resolve, 2));
    await scene.steps.patchReady({ target, ...written, order: scene.order() });
    expect(readyOf(await scene.read(target.ref))).toMatchObject({ status: 'True' });
  });

  it.each([
    { why: 'of a resource that is gone', workflowId: 'ResourceGroup.resources.azure.com/nowhere/gone' },
    { why: 'of another workflow', workflowId: 'somebody-elses' },
  ])('is content with the run $why', async ({ workflowId: id }) => {
    await expect(reportStuckRun(scene.deps, { workflowId: id, ...STUCK })).resolves.toBeUndefined();
  });
});

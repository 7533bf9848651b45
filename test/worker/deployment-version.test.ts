import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { becomeCurrentIfNone, versioningOptions } from '../../worker/deployment-version.ts';
import { startTestTemporal, TASK_QUEUE, type TestTemporal } from './temporal.ts';

const DEPLOYMENT = 'azure-operator';
const FIRST = { deploymentName: DEPLOYMENT, buildId: '1.0.0' };
const SECOND = { deploymentName: DEPLOYMENT, buildId: '2.0.0' };

describe('workers of two releases side by side', () => {
  let temporal: TestTemporal;
  beforeAll(async () => {
    temporal = await startTestTemporal();
  }, 60_000);
  afterAll(async () => {
    await temporal.stop();
  }, 30_000);

  it('each finish their own runs, and new runs start on the release that the administrator has made current', async () => {
    const { client, connection } = temporal;
    const signal = AbortSignal.timeout(60_000);
    const start = async (workflowId: string) =>
      await client.workflow.start('reconcile', { taskQueue: TASK_QUEUE, workflowId });

    // A first installation: nobody has to make the version current.
    const old = await start('began-before-any-worker');
    await temporal.startWorker('first-release.ts', versioningOptions(FIRST));
    expect(await becomeCurrentIfNone(connection, { namespace: 'default', version: FIRST, signal })).toBe('set');
    await versionOf(temporal, old.workflowId, FIRST.buildId);

    // The newer release comes up; until it is made current it gets nothing.
    await temporal.startWorker('second-release.ts', versioningOptions(SECOND));
    expect(await becomeCurrentIfNone(connection, { namespace: 'default', version: SECOND, signal })).toBe('kept');
    const meanwhile = await start('began-before-the-change');
    await versionOf(temporal, meanwhile.workflowId, FIRST.buildId);

    await setCurrent(temporal, SECOND.buildId);
    const young = await start('began-after-the-change');
    for (const handle of [old, meanwhile, young]) await handle.signal('changed');
    expect(await Promise.all([old, meanwhile, young].map(async (handle) => await handle.result()))).toEqual([
      'finished by the first release',
      'finished by the first release',
      'finished by the second release',
    ]);
  }, 120_000);
});

/** Waits until the run's first task was done by that version. */
async function versionOf({ client }: TestTemporal, workflowId: string, buildId: string): Promise<void> {
  for (;;) {
    const { workflowExecutionInfo } = await client.workflowService.describeWorkflowExecution({
      namespace: 'default',
      execution: { workflowId },
    });
    const done = workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId;
    if (done === buildId) return;
    if (done) throw new Error(`${workflowId} is on ${done}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** As docs/upgrades.md has it. Until the server has seen the version's poller, it refuses. */
async function setCurrent({ cli, address }: TestTemporal, buildId: string): Promise<void> {
  const args = ['worker', 'deployment', 'set-current-version', '--yes', '--address', address];
  const version = ['--deployment-name', DEPLOYMENT, '--build-id', buildId];
  await promisify(execFile)(cli, [...args, ...version]);
}

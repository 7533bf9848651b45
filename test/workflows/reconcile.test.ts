import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WorkflowFailedError } from '@temporalio/client';
import { accepted, applyPlan, failure, openWorkflowWorld, until, type WorkflowWorld } from './workflow-world.ts';

let world: WorkflowWorld;
beforeAll(async () => {
  world = await openWorkflowWorld();
}, 60_000);
afterAll(async () => {
  await world.close();
}, 30_000);

describe('a run ends', () => {
  it('Completed with the reached state as its result, when the resource is Ready', async () => {
    const story = world.story({});
    await story.tell();
    expect(await story.result()).toEqual({ state: 'Ready', generation: 1, azureResourceId: story.target.armId });
    expect(story.steps).toEqual(['resolveInputs', 'createOrUpdate', 'patchReady']);
    expect(story.inputs('patchReady')[0]).toMatchObject({ fingerprint: 'generation 1', applied: { digest: 'd' } });
    const { status, typedSearchAttributes } = await story.handle().describe();
    expect(status.name).toBe('COMPLETED');
    expect(Object.fromEntries(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]))).toMatchObject(
      {
        AzureKind: 'Thing',
        AzureState: 'Ready',
        KubeName: story.ref.name,
        AzureResourceId: story.target.armId,
      },
    );
  });

  it('Completed when the resource is deleted in Azure and released', async () => {
    const story = world.story({
      resolveInputs: () => ({ action: 'delete', target: story.target, operation: false }),
      deleteResource: () => ({ result: 'operation' }),
    });
    await story.tell({ deleting: true, fingerprint: 'deleting' });
    expect(await story.result()).toMatchObject({ state: 'Deleted' });
    expect(story.steps).toEqual(['resolveInputs', 'deleteResource', 'pollDeletion', 'releaseFinalizer']);
  });

  it('Failed with the reason as its type, when only a change can help', async () => {
    const story = world.story({
      createOrUpdate: () => {
        throw failure('LocationRequired', { fatal: true });
      },
    });
    await story.tell();
    const error = await story.result().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(WorkflowFailedError);
    expect((error as WorkflowFailedError).cause).toMatchObject({ type: 'LocationRequired' });
    expect(story.inputs('reportFailure')).toMatchObject([
      { uid: 'uid', generation: 1, fingerprint: 'generation 1', reason: 'LocationRequired' },
    ]);
  });

  it('and a retry of a run that failed starts another one', async () => {
    let isFixed = false;
    const story = world.story({
      createOrUpdate: () => {
        if (!isFixed) throw failure('LocationRequired', { fatal: true });
        return accepted(story.target);
      },
    });
    await story.tell();
    await expect(story.result()).rejects.toThrow();
    isFixed = true;
    await world.client.workflow.signalWithStart('azureResource', {
      taskQueue: 'azure-resources',
      workflowId: story.handle().workflowId,
      args: [{ ref: story.ref }],
      signal: 'retry',
    });
    expect(await story.result()).toMatchObject({ state: 'Ready' });
    // It received no facts, so it cannot report which it has handled.
    expect(story.inputs('patchReady').at(-1)).toMatchObject({ fingerprint: null });
  });
});

describe('after an operation has ended, the resource is compared', () => {
  it('by the poll itself, when the operation applied the current payload', async () => {
    const story = world.story({ createOrUpdate: () => ({ result: 'operation' }) });
    await story.tell();
    await story.result();
    expect(story.steps).toEqual(['resolveInputs', 'createOrUpdate', 'pollProvisioning', 'patchReady']);
  });

  it('by createOrUpdate, when the operation was joined, lost, or applied another payload', async () => {
    const story = world.story({
      resolveInputs: () => applyPlan(story.target, { operation: true }),
      pollProvisioning: () => ({ result: 'ended' }),
    });
    await story.tell();
    await story.result();
    expect(story.steps).toEqual(['resolveInputs', 'pollProvisioning', 'createOrUpdate', 'patchReady']);
  });

  it('a long operation is polled in a task queue of its own', async () => {
    const story = world.story({
      createOrUpdate: () => ({ result: 'operation' }),
      pollProvisioning: ({ patient }) => (patient ? (accepted(story.target) as never) : { result: 'running' }),
    });
    await story.tell();
    await story.result();
    expect(story.inputs('pollProvisioning').map(({ patient }) => patient)).toEqual([false, true]);
  });

  it('a temporary failure is retried after its delay, and the failures are counted', async () => {
    const story = world.story({
      createOrUpdate: () => ({ result: 'operation' }),
      pollProvisioning: (_, call) =>
        call < 3
          ? { result: 'failed', reason: 'AllocationFailed', message: 'no capacity', delayMs: 60_000 }
          : (accepted(story.target) as never),
    });
    await story.tell();
    await until(async () => (await story.handle().query<{ lastError: unknown }>('progress')).lastError !== null);
    await story.result();
    expect(story.inputs('pollProvisioning').map(({ failures }) => failures)).toEqual([0, 1, 2]);
    expect(await story.runs()).toBe(1);
  });

  it('a deletion whose operation failed is sent again after its delay, and the run never fails', async () => {
    const story = world.story({
      resolveInputs: () => ({ action: 'delete', target: story.target, operation: false }),
      deleteResource: () => ({ result: 'operation' }),
      pollDeletion: (_, call) =>
        call === 1
          ? { result: 'failed', reason: 'ScopeLocked', message: 'locked', delayMs: 60_000 }
          : { result: 'gone' },
    });
    await story.tell({ deleting: true, fingerprint: 'deleting' });
    expect(await story.result()).toMatchObject({ state: 'Deleted' });
    expect(story.steps.filter((step) => step === 'deleteResource')).toHaveLength(2);
  });
});

describe('exports', () => {
  it('are fetched and written before Ready is reported', async () => {
    const story = world.story({ resolveInputs: () => applyPlan(story.target, { exports: true }) });
    await story.tell();
    await story.result();
    expect(story.steps).toEqual(['resolveInputs', 'createOrUpdate', 'fetchKeys', 'writeSecrets', 'patchReady']);
    expect(story.inputs('patchReady')[0]).toMatchObject({ exported: [{ kind: 'Secret', name: 'keys' }] });
  });
});

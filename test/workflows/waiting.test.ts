import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Progress } from '../../contract/signals.ts';
import type { Plan } from '../../contract/steps.ts';
import {
  accepted,
  applyPlan,
  failure,
  openWorkflowWorld,
  until,
  untilCancelled,
  type WorkflowWorld,
} from './workflow-world.ts';

let world: WorkflowWorld;
beforeAll(async () => {
  world = await openWorkflowWorld();
}, 60_000);
afterAll(async () => {
  await world.close();
}, 30_000);

const waiting: Plan = { action: 'wait', uid: 'uid', generation: 1, reason: 'WaitingForOwner', message: 'no owner yet' };

describe('a run that waits', () => {
  it('continues at once when its dependencies change', async () => {
    const story = world.story({ resolveInputs: (_, call) => (call === 1 ? waiting : applyPlan(story.target)) });
    await story.tell();
    await until(async () => (await story.handle().query<Progress>('progress')).waitingFor === 'no owner yet');
    await story.tell({ dependencies: 'the owner is Ready' });
    expect(await story.result()).toMatchObject({ state: 'Ready' });
  });

  it('continues when its dependencies changed while it was still reading', async () => {
    const story = world.story({
      resolveInputs: async (_, call) => {
        if (call > 1) return applyPlan(story.target);
        await story.tell({ dependencies: 'moved meanwhile' });
        return waiting;
      },
    });
    await story.tell();
    expect(await story.result()).toMatchObject({ state: 'Ready' });
  });

  it('checks again after a while when no signal arrives', async () => {
    const story = world.story({ resolveInputs: (_, call) => (call < 3 ? waiting : applyPlan(story.target)) });
    await story.tell();
    expect(await story.result()).toMatchObject({ state: 'Ready' });
    expect(story.inputs('resolveInputs')).toHaveLength(3);
  });

  it('is not woken by facts that it has handled', async () => {
    const story = world.story({ resolveInputs: (_, call) => (call === 1 ? waiting : applyPlan(story.target)) });
    await story.tell();
    await until(async () => (await story.handle().query<Progress>('progress')).waitingFor !== null);
    for (let times = 0; times < 5; times += 1) await story.tell();
    expect(story.inputs('resolveInputs').length).toBeLessThanOrEqual(1);
    await story.tell({ generation: 2 });
    expect(await story.result()).toMatchObject({ generation: 2 });
  });
});

describe('a back-off', () => {
  it('ends when the resource changes', async () => {
    const story = world.story({
      createOrUpdate: () => {
        if (story.target.generation === 1) throw failure('BadRequest', { retryInMs: 3_600_000 });
        return accepted(story.target);
      },
    });
    await story.tell();
    await story.called('createOrUpdate');
    await until(async () => (await pending(story)) > 0);
    await story.tell({ generation: 2 });
    expect(await story.result()).toMatchObject({ generation: 2 });
  });

  it('ends with the signal retry', async () => {
    let isFixed = false;
    const story = world.story({
      createOrUpdate: () => {
        if (!isFixed) throw failure('AuthorizationFailed', { retryInMs: 3_600_000 });
        return accepted(story.target);
      },
    });
    await story.tell();
    await story.called('createOrUpdate');
    isFixed = true;
    await story.retry();
    expect(await story.result()).toMatchObject({ state: 'Ready' });
  });

  it('of a deletion ends with the signal retry, and when the policy changes', async () => {
    let plan: Plan = { action: 'wait', uid: 'uid', generation: 1, reason: 'SecretNotFound', message: 'x' };
    const story = world.story({
      resolveInputs: () => plan,
      deleteResource: () => {
        throw failure('ScopeLocked', { retryInMs: 3_600_000 });
      },
    });
    plan = { action: 'delete', target: story.target, operation: false };
    await story.tell({ deleting: true, fingerprint: 'deleting' });
    await story.called('deleteResource');
    await story.retry();
    await story.called('deleteResource', 2);
    plan = { action: 'detach', uid: 'uid', generation: 1 };
    await story.tell({ deleting: true, fingerprint: 'deleting, detached' });
    expect(await story.result()).toMatchObject({ state: 'Deleted' });
    expect(story.steps.at(-1)).toBe('releaseFinalizer');
  });

  it('of a step that failed as a local activity first ends in the same way', async () => {
    let isFixed = false;
    const story = world.story({
      resolveInputs: () => {
        if (!isFixed) throw failure('CredentialNotFound', { retryInMs: 3_600_000 });
        return applyPlan(story.target);
      },
    });
    await story.tell();
    await story.called('resolveInputs', 2);
    isFixed = true;
    await story.tell({ dependencies: 'the credential is there' });
    expect(await story.result()).toMatchObject({ state: 'Ready' });
  });

  it('shows its reason in the query and the search attributes, once the attempt has reported it', async () => {
    let isFixed = false;
    const story = world.story({
      createOrUpdate: () => {
        if (!isFixed) throw failure('QuotaExceeded', { retryInMs: 3_600_000 });
        return accepted(story.target);
      },
    });
    await story.tell();
    await story.called('createOrUpdate');
    const trouble = { step: 'createOrUpdate', attempt: 1, reason: 'QuotaExceeded', message: 'ask for more' };
    await story.handle().signal('attemptFailed', trouble);
    await until(async () => (await story.handle().query<Progress>('progress')).lastError?.reason === 'QuotaExceeded');
    const query = `ErrorCode = "QuotaExceeded" AND WorkflowId = "${story.handle().workflowId}"`;
    await until(async () => (await world.client.workflow.count(query)).count === 1);
    isFixed = true;
    await story.tell({ dependencies: 'something it depends on has changed' });
    await story.result();
    const { typedSearchAttributes } = await story.handle().describe();
    expect(typedSearchAttributes.getAll().find(({ key }) => key.name === 'ErrorCode')).toBeUndefined();
  });
});

describe('a newer change', () => {
  it('interrupts a poll at once, and the next poll follows the operation', async () => {
    const story = world.story({
      resolveInputs: (_, call) => applyPlan(story.target, { operation: call > 1 }),
      createOrUpdate: () => ({ result: 'operation' }),
      pollProvisioning: (_, call) => (call === 1 ? untilCancelled() : (accepted(story.target) as never)),
    });
    await story.tell();
    await story.called('pollProvisioning');
    const toldAt = Date.now();
    await story.tell({ generation: 2 });
    expect(await story.result()).toMatchObject({ generation: 2 });
    expect(Date.now() - toldAt).toBeLessThan(3_000);
    expect(story.inputs('createOrUpdate')).toHaveLength(1);
  });

  it('that arrives while a failure is being reported keeps the run from failing', async () => {
    const story = world.story({
      createOrUpdate: () => {
        if (story.target.generation === 1) throw failure('LocationRequired', { fatal: true });
        return accepted(story.target);
      },
      reportFailure: async () => await story.tell({ generation: 2 }),
    });
    await story.tell();
    expect(await story.result()).toMatchObject({ generation: 2 });
    expect(await story.runs()).toBe(1);
  });

  it('of a dependency while a failure is being reported is reconciled, since it may remove the cause', async () => {
    const story = world.story({
      createOrUpdate: (_, call) => {
        if (call === 1) throw failure('FailedWritingAdditionalKubernetesObjects', { fatal: true });
        return accepted(story.target);
      },
      reportFailure: async () => await story.tell({ dependencies: 'the foreign Secret is gone' }),
    });
    await story.tell();
    expect(await story.result()).toMatchObject({ state: 'Ready' });
  });

  it('does not restart the numbers of the steps: they are unique in the run', async () => {
    const story = world.story({ resolveInputs: (_, call) => (call === 1 ? waiting : applyPlan(story.target)) });
    await story.tell();
    await until(async () => (await story.handle().query<Progress>('progress')).waitingFor !== null);
    await story.tell({ generation: 2 });
    await story.result();
    const orders = [
      ...story.inputs('resolveInputs'),
      ...story.inputs('createOrUpdate'),
      ...story.inputs('patchReady'),
    ].map(({ order }) => order.step);
    expect(orders).toEqual([...orders].sort((a, b) => a - b));
    expect(new Set(orders).size).toBe(orders.length);
  });
});

describe('signals that race the end of a run', () => {
  it('are never lost: of a thousand, the last one is always handled', async () => {
    const story = world.story({});
    for (let generation = 1; generation <= 1_000; generation += 1) {
      await story.tell({ generation });
      if (generation % 50 === 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
    }
    await until(async () => (await story.handle().describe()).status.name === 'COMPLETED', 30_000);
    await until(() => story.inputs('patchReady').some(({ fingerprint }) => fingerprint === 'generation 1000'), 30_000);
  }, 90_000);
});

async function pending(story: {
  handle(): { describe(): Promise<{ raw: { pendingActivities?: unknown[] | null } }> };
}): Promise<number> {
  return (await story.handle().describe()).raw.pendingActivities?.length ?? 0;
}

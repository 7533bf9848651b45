import { beforeAll, describe, expect, it } from '@jest/globals';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { CarriedObjects } from '../../activities/carried-object.ts';
import type { StepDependencies } from '../../activities/dependencies.ts';
import { ExpressionThreads } from '../../activities/expressions/expression-threads.ts';
import { runStep } from '../../activities/run-step.ts';
import { RunningSteps } from '../../activities/step-context.ts';
import { StepError, StillRunning } from '../../activities/step-error.ts';
import type { StepOutcome } from '../../activities/step-outcome.ts';
import { ArmError } from '../../azure/arm-error.ts';
import { loadKinds } from '../../kinds/load.ts';
import { kubeClientOn } from '../../kube/client.ts';
import { EventRecorder } from '../../kube/event-recorder.ts';
import { KubeError, noAnswer } from '../../kube/errors.ts';
import { sealOf } from '../support/seal-keys.ts';

const outcomes: StepOutcome[] = [];
const subject = {
  step: 'createOrUpdate' as const,
  ref: { group: 'resources.azure.com', kind: 'ResourceGroup', namespace: 'n', name: 'x' },
  order: { scheduledAt: 1, step: 1 },
};
const SECRET = 'hunter2-s3cret';

let deps: Parameters<typeof runStep>[0];

beforeAll(() => {
  // No API server is there: what an attempt shows in the resource is best effort, and must not hide why it failed.
  const kube = kubeClientOn({
    send: (call) => Promise.reject(noAnswer({ ...call, error: undefined, aborted: false, timedOut: false })),
    close: () => Promise.resolve(),
  });
  deps = {
    kube,
    events: new EventRecorder(kube),
    kinds: loadKinds(),
    seal: sealOf(new Uint8Array(32)),
    settings: { defaultPolicy: 'manage', operatorNamespace: 'default' },
    expressions: new ExpressionThreads(),
    access: () => Promise.reject(new Error('not asked for here')),
    running: new RunningSteps(),
    carried: new CarriedObjects(),
    observeStep: (outcome) => outcomes.push(outcome),
  };
});

async function thrownBy(run: (deps: StepDependencies) => Promise<unknown>): Promise<unknown> {
  return await runStep(deps, subject, run).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('the failure of a step', () => {
  it.each<{ why: string; error: unknown; type: string; nonRetryable: boolean; delay: number | undefined }>([
    {
      why: 'a refusal of Azure is retried after the delay of its retry class',
      error: new ArmError({ status: 400, code: 'SomethingNew', message: 'm', retryAfterMs: 7_200_000 }),
      type: 'SomethingNew',
      nonRetryable: false,
      delay: 7_200_000,
    },
    {
      why: 'a longer delay is what the Temporal server makes of it, so that the status shows no later time',
      error: new ArmError({ status: 400, code: 'SomethingNew', message: 'm', retryAfterMs: 20_000_000 }),
      type: 'SomethingNew',
      nonRetryable: false,
      delay: 7_200_000,
    },
    {
      why: 'a fatal refusal is not retried',
      error: new ArmError({ status: 400, code: 'LocationRequired', message: 'm' }),
      type: 'LocationRequired',
      nonRetryable: true,
      delay: undefined,
    },
    {
      why: 'an own reason is retried as its row says',
      error: new StepError('SecretNotFound', 'm'),
      type: 'SecretNotFound',
      nonRetryable: false,
      delay: 1_000,
    },
    {
      why: 'an error of the API server is retried soon',
      error: new KubeError({ status: 503, reason: 'ServiceUnavailable', message: 'm' }),
      type: 'Failed',
      nonRetryable: false,
      delay: 1_000,
    },
    {
      why: 'a bug shows its line of code, not its message',
      error: new TypeError(SECRET),
      type: 'Failed',
      nonRetryable: false,
      delay: 1_000,
    },
  ])('$why', async ({ error, type, nonRetryable, delay }) => {
    const failure = await thrownBy(() => Promise.reject(error));
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type, nonRetryable });
    expect((failure as ApplicationFailure).nextRetryDelay).toBe(delay);
    expect((failure as ApplicationFailure).cause).toBeUndefined();
    expect(`${String(failure)} ${(failure as Error).stack ?? ''}`).not.toContain(SECRET);
  });

  it('is benign while Azure is still working', async () => {
    const failure = await thrownBy(() => Promise.reject(new StillRunning('Azure is still working', 5_000)));
    expect(failure).toMatchObject({ category: ApplicationFailureCategory.BENIGN, nextRetryDelay: 5_000 });
  });

  it.each([
    { why: 'as it was thrown', error: new CancelledFailure('the step was cancelled') },
    { why: 'with whatever error the cancellation caused', error: new TypeError(SECRET) },
  ])('is the cancellation of a step that was cancelled, $why', async ({ error }) => {
    const failure = await thrownBy(({ step }) => {
      step.supersede();
      return Promise.reject(error);
    });
    expect(failure).toBeInstanceOf(CancelledFailure);
    expect(String(failure)).not.toContain(SECRET);
  });

  it('does not exist if a write met a newer version and the step then succeeded', async () => {
    let runs = 0;
    const result = await runStep(deps, subject, () => {
      runs += 1;
      if (runs < 3) return Promise.reject(new KubeError({ status: 409, reason: 'Conflict', message: 'm' }));
      return Promise.resolve('done');
    });
    expect([result, runs]).toEqual(['done', 3]);
  });
});

describe('the outcome that is observed', () => {
  const latest = (): StepOutcome | undefined => outcomes.at(-1);
  const facts = { step: 'createOrUpdate', ref: subject.ref, attempt: 1, durationMs: expect.any(Number) };

  it('says what a completed step returned', async () => {
    await runStep(deps, subject, () => Promise.resolve({ result: 'accepted', status: {} }));
    expect(latest()).toEqual({ ...facts, runId: undefined, outcome: 'completed', result: 'accepted' });
  });

  it('has the reason of a failed step, without the secret values of the attempt', async () => {
    await thrownBy(({ step }) => {
      step.hide([SECRET]);
      return Promise.reject(new StepError('SecretNotFound', `no ${SECRET}`));
    });
    expect(latest()).toMatchObject({
      ...facts,
      outcome: 'failed',
      failure: { reason: 'SecretNotFound', retry: 'Fast' },
    });
    expect(JSON.stringify(latest())).not.toContain(SECRET);
  });

  it('tells a cancelled step and one that Azure still works on from a failed one', async () => {
    await thrownBy(({ step }) => {
      step.supersede();
      return Promise.reject(new TypeError('m'));
    });
    expect(latest()).toMatchObject({ outcome: 'cancelled' });
    await thrownBy(() => Promise.reject(new StillRunning('Azure is still working', 5_000)));
    expect(latest()).toMatchObject({ outcome: 'running' });
  });
});

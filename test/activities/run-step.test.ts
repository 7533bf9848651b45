import { beforeAll, describe, expect, it } from '@jest/globals';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { CarriedObjects } from '../../activities/carried-object.ts';
import type { StepDependencies } from '../../activities/dependencies.ts';
import { ExpressionThreads } from '../../activities/expressions/expression-threads.ts';
import { runStep } from '../../activities/run-step.ts';
import { RunningSteps } from '../../activities/step-context.ts';
import { StepError, StillRunning } from '../../activities/step-error.ts';
import { ArmError } from '../../azure/arm-error.ts';
import { loadKinds } from '../../kinds/load.ts';
import { kubeClientOn } from '../../kube/client.ts';
import { KubeError, noAnswer } from '../../kube/errors.ts';
import { sealOf } from '../support/seal-keys.ts';

const subject = {
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
    kinds: loadKinds(),
    seal: sealOf(new Uint8Array(32)),
    settings: { defaultPolicy: 'manage', operatorNamespace: 'default' },
    expressions: new ExpressionThreads(),
    access: () => Promise.reject(new Error('not asked for here')),
    running: new RunningSteps(),
    carried: new CarriedObjects(),
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

import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation } from '../azure/contract.ts';
import { activityInfo, heartbeat } from './activity-context.ts';
import { retryDelayMs } from '../azure/classify.ts';
import { buildPayload } from './build-payload.ts';
import { busyState, callArm, lookUp, open, openOperation } from './arm-call.ts';
import type { Activities, JsonObject, PollResult, Target } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { present } from './resource.ts';
import { writeStatus } from './status.ts';
import { stillDrifted } from './still-drifted.ts';
import { StepError, StillRunning } from './step-error.ts';

/** Waits shorter than this are slept through; longer ones give the slot back to the worker and return as a new attempt. */
const SLEEP_UP_TO_MS = 15_000;
/** How long one attempt polls before it gives its slot back. */
const ATTEMPT_MS = 30_000;
/** Without a Retry-After: often enough that the end is noticed within 5 s, however long the operation runs. */
const POLL_DELAYS_MS = [500, 1_000, 2_000, 3_000] as const;
/** Azure may report success and still answer 404 for a while (MySQL: up to 30 s). */
const NOT_FOUND_GRACE_MS = 60_000;

interface Trail {
  /** Milliseconds since the epoch before which Azure asked not to be polled. */
  readonly notBefore: number;
}

/** Step 3. Follows the operation to its end; then one GET of the resource, which becomes the status. */
export async function pollProvisioning(
  deps: Dependencies,
  { target, operation: sealed, failures, corrects }: Parameters<Activities['pollProvisioning']>[0],
): Promise<PollResult> {
  const resource = present(await open(deps, target), target.ref);
  const info = activityInfo();
  const since = new Date(info?.scheduledTimestampMs ?? Date.now()).toISOString();
  const message = `pollProvisioning: Azure has been working on ${target.armId} since ${since}`;
  await writeStatus(
    deps,
    resource,
    { status: 'False', severity: 'Info', reason: 'Reconciling', message, observedGeneration: target.generation },
    { reasonAware: true },
  );
  const operation = openOperation(deps, target, sealed);
  try {
    await followOperation({ target, operation, trail: info?.heartbeatDetails as Trail | undefined }, () =>
      callArm(target, () => resource.arm.poll(operation, { id: target.armId, apiVersion: target.apiVersion })),
    );
  } catch (error) {
    if (!(error instanceof StepError && error.operationFailed) || error.retry === 'Fatal') throw error;
    // Asking a finished operation again would give the same answer for ever: the workflow sends the desired state again.
    const { reason, message: why, severity } = error;
    await writeStatus(deps, resource, {
      status: 'False',
      severity,
      reason,
      message: why,
      observedGeneration: target.generation,
    });
    return { failed: { reason, message: why, delayMs: retryDelayMs(error.retry, failures + 1, error.retryAfterMs) } };
  }
  const answer = await finalGet(target, () => lookUp(resource, target));
  const status = resource.shape.status(answer);
  if (corrects === undefined) return { status };
  const payload = await buildPayload(deps, resource, target);
  return { status, settled: stillDrifted(resource.shape, { payload, answer, corrects }) };
}

/** Polls until the operation is over. Shared with the deletion. @throws StillRunning when the attempt should make room. */
export async function followOperation(
  { operation, trail }: { target: Target; operation: Operation; trail: Trail | undefined },
  poll: () => ReturnType<import('../azure/contract.ts').ArmClient['poll']>,
): Promise<void> {
  const startedAt = Date.now();
  let notBefore = trail?.notBefore ?? operation.notBefore ?? 0;
  for (let polls = 0; ; polls += 1) {
    const wait = notBefore - Date.now();
    if (wait > SLEEP_UP_TO_MS || (polls > 0 && Date.now() - startedAt + wait > ATTEMPT_MS)) {
      heartbeat({ notBefore } satisfies Trail);
      // Server timers have a grain of a second: come back a little early and sleep the rest exactly.
      throw new StillRunning('Azure is still working', Math.max(wait - 1_500, 1_000));
    }
    if (wait > 0) await sleep(wait);
    const answer = await poll();
    if (answer.done) return;
    notBefore =
      Date.now() + (answer.retryAfterMs ?? POLL_DELAYS_MS[Math.min(polls, POLL_DELAYS_MS.length - 1)] ?? 3_000);
    heartbeat({ notBefore } satisfies Trail);
  }
}

async function finalGet(target: Target, get: () => Promise<JsonObject | undefined>): Promise<JsonObject> {
  const until = Date.now() + NOT_FOUND_GRACE_MS;
  for (;;) {
    const body = await get();
    const state = busyState(body);
    if (body && state === undefined) return body;
    if (Date.now() > until) {
      const what = body ? `is ${String(state)}` : 'is not found';
      throw new StepError('AzureResourceNotFound', `Azure reported success, but ${target.armId} ${what}`, {
        retry: 'Slow',
      });
    }
    await sleep(1_000);
  }
}

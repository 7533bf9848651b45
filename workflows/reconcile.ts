import type { ResourceRef } from '../contract/resource-ref.ts';
import type { ReconcileResult } from '../contract/signals.ts';
import type { ApplyResult, Plan, PollDeletionResult, PollResult, Target } from '../contract/steps.ts';
import type { Inbox } from './inbox.ts';
import type { Progress } from './progress.ts';
import type { Steps } from './steps.ts';

/** The outcome of a reconcile. */
export type Outcome =
  | { readonly type: 'done'; readonly result: ReconcileResult }
  /** Nothing to do until something changes or the time has passed. */
  | { readonly type: 'waiting'; readonly forMs: number; readonly summary: string; readonly isFailure: boolean }
  /** The resource changed during the reconcile: the run starts over by reading it. */
  | { readonly type: 'superseded' };

export interface Context {
  readonly ref: ResourceRef;
  readonly inbox: Inbox;
  readonly progress: Progress;
  readonly steps: Steps;
  /** The number of temporary failures of Azure in this run, for the back-off. */
  readonly failures: number;
}

type ApplyPlan = Extract<Plan, { action: 'apply' | 'observe' }>;
type DeletePlan = Extract<Plan, { action: 'delete' }>;
type Accepted = Extract<ApplyResult, { result: 'accepted' }>;

/** How long a run waits before it checks again although the watcher sent no signal. */
const RECHECK_MS = 5 * 60_000;

/** Runs one reconcile: reads the resource, then brings Azure to the desired state. */
export async function reconcile(context: Context): Promise<Outcome> {
  const { ref, progress, steps } = context;
  const plan = await steps.kube('resolveInputs', 'Read the resource, its owner and its inputs', { ref });
  switch (plan.action) {
    case 'gone':
      return deleted(context);
    case 'wait':
      progress.read(plan.generation);
      return waiting(context, plan);
    case 'detach':
      progress.read(plan.generation);
      await steps.kube('releaseFinalizer', 'Release the resource', { ref, uid: plan.uid });
      return deleted(context);
    case 'delete':
      return await remove(context, plan);
    case 'apply':
    case 'observe':
      return await apply(context, plan);
  }
}

/**
 * Sends the desired state, follows the operation and compares until Azure has the desired state. The end of an
 * operation alone never makes the resource Ready.
 */
async function apply(context: Context, plan: ApplyPlan): Promise<Outcome> {
  const { progress } = context;
  progress.found(plan.target);
  let next: ApplyResult | PollResult = plan.operation ? { result: 'operation' } : await send(context, plan);
  for (;;) {
    switch (next.result) {
      case 'operation':
        next = await follow(context, plan, { patient: false });
        break;
      case 'running':
        next = await follow(context, plan, { patient: true });
        break;
      case 'ended':
        next = await send(context, plan);
        break;
      case 'accepted':
        return await publish(context, plan, next);
      case 'failed':
        return temporaryFailure(context, next);
      case 'superseded':
        return { type: 'superseded' };
    }
  }
}

function send({ progress, steps, failures }: Context, { action, target }: ApplyPlan): Promise<ApplyResult> {
  progress.show('Applying');
  const observe = action === 'observe';
  const what = observe ? 'Look at' : `Apply generation ${target.generation} to`;
  return steps.azure('createOrUpdate', `${what} ${shortId(target)}`, { target, observe, failures });
}

function follow(
  { progress, steps, failures }: Context,
  { target }: ApplyPlan,
  { patient }: { patient: boolean },
): Promise<PollResult> {
  progress.show('Provisioning');
  const summary = `Wait for Azure to finish ${shortId(target)}`;
  return steps.poll('pollProvisioning', summary, { target, failures, patient });
}

/** Writes the exports before Ready: dependents may rely on the Secret once the resource is Ready. */
async function publish({ inbox, progress, steps }: Context, plan: ApplyPlan, accepted: Accepted): Promise<Outcome> {
  const { target } = plan;
  const { status, applied, kept } = accepted;
  if (kept.length > 0) progress.note(`Azure keeps its own value of ${kept.join(', ')}`);
  let exported = null;
  if (plan.exports) {
    const { sealed } = await steps.azure('fetchKeys', 'Fetch the values to export', { target });
    const written = await steps.kube('writeSecrets', 'Write the Secrets and ConfigMaps', { target, sealed });
    exported = written.exported;
  }
  const fingerprint = inbox.handled?.fingerprint ?? null;
  await steps.kube('patchReady', 'Report Ready', { target, status, fingerprint, applied, exported });
  progress.succeeded();
  progress.show('Ready');
  const result = { state: 'Ready', generation: target.generation, azureResourceId: target.armId } as const;
  return { type: 'done', result };
}

/** Sends the deletion and follows it until Azure answers that the resource does not exist. It never gives up. */
async function remove(context: Context, plan: DeletePlan): Promise<Outcome> {
  const { ref, progress, steps, failures } = context;
  const { target } = plan;
  progress.found(target);
  progress.show('Deleting');
  let result: 'operation' | 'again' | 'running' | 'gone' = plan.operation ? 'operation' : 'again';
  while (result !== 'gone') {
    if (result === 'again') {
      const sent = await steps.azure('deleteResource', `Delete ${shortId(target)}`, { target });
      if (sent.result === 'wait') return waiting(context, sent);
      result = sent.result;
    } else {
      const patient: boolean = result === 'running';
      const polled: PollDeletionResult = await steps.poll('pollDeletion', 'Wait until Azure has deleted it', {
        target,
        failures,
        patient,
      });
      if (polled.result === 'failed') return temporaryFailure(context, polled);
      result = polled.result;
    }
  }
  await steps.kube('releaseFinalizer', 'Release the resource', { ref, uid: target.uid });
  return deleted(context);
}

function deleted({ progress }: Context): Outcome {
  progress.show('Deleted');
  const { generation, armId } = progress;
  return { type: 'done', result: { state: 'Deleted', generation, azureResourceId: armId } };
}

function waiting({ progress }: Context, { reason, message }: { reason: string; message: string }): Outcome {
  progress.waitsFor(message);
  progress.show('Waiting', reason);
  return { type: 'waiting', forMs: RECHECK_MS, summary: 'recheck if no signal comes', isFailure: false };
}

function temporaryFailure(
  { progress }: Context,
  failed: { reason: string; message: string; delayMs: number },
): Outcome {
  const { reason, message, delayMs } = failed;
  progress.failed(reason, message);
  progress.show('Failed', reason);
  return { type: 'waiting', forMs: delayMs, summary: 'retry', isFailure: true };
}

/** Type and name from the end of an ARM id, short enough for a line in the UI. */
function shortId({ armId }: Target): string {
  return armId.split('/').slice(-2).join('/');
}

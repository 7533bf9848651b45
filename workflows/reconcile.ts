import type { ResourceRef } from '../contract/resource-ref.ts';
import type { ReconcileResult } from '../contract/signals.ts';
import type { ApplyResult, Plan, PollDeletionResult, PollResult, Target } from '../contract/steps.ts';
import type { Inbox } from './inbox.ts';
import type { Progress } from './progress.ts';
import type { Steps } from './steps.ts';

/** How a reconcile ended. */
export type Outcome =
  | { readonly is: 'done'; readonly result: ReconcileResult }
  /** Nothing to do until something changes, or the time is over. */
  | { readonly is: 'waiting'; readonly forMs: number; readonly summary: string; readonly setback: boolean }
  /** The resource is not what it was: the run starts over with reading it. */
  | { readonly is: 'superseded' };

export interface Context {
  readonly ref: ResourceRef;
  readonly inbox: Inbox;
  readonly progress: Progress;
  readonly steps: Steps;
  /** How often Azure has given up on this resource in this run, for the back-off. */
  readonly failures: number;
}

type ApplyPlan = Extract<Plan, { action: 'apply' | 'observe' }>;
type DeletePlan = Extract<Plan, { action: 'delete' }>;
type Accepted = Extract<ApplyResult, { result: 'accepted' }>;

/** What a wait falls back to when the watcher's signal does not come. */
const LOOK_AGAIN_MS = 5 * 60_000;

/** One reconcile: reads the resource, then brings Azure to what it says. */
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
 * Sends, follows and compares until Azure has what is wanted. An operation that ended never leads to Ready by itself.
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
        return setback(context, next);
      case 'superseded':
        return { is: 'superseded' };
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

/** Writes what the spec asks to export, then says Ready: dependents may rely on the Secret from then on. */
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
  return { is: 'done', result };
}

/** Deletes, follows and looks until Azure says that it is gone. It never gives up. */
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
      if (polled.result === 'failed') return setback(context, polled);
      result = polled.result;
    }
  }
  await steps.kube('releaseFinalizer', 'Release the resource', { ref, uid: target.uid });
  return deleted(context);
}

function deleted({ progress }: Context): Outcome {
  progress.show('Deleted');
  const { generation, armId } = progress;
  return { is: 'done', result: { state: 'Deleted', generation, azureResourceId: armId } };
}

function waiting({ progress }: Context, { reason, message }: { reason: string; message: string }): Outcome {
  progress.waitsFor(message);
  progress.show('Waiting', reason);
  return { is: 'waiting', forMs: LOOK_AGAIN_MS, summary: 'look again', setback: false };
}

function setback({ progress }: Context, failed: { reason: string; message: string; delayMs: number }): Outcome {
  const { reason, message, delayMs } = failed;
  progress.failed(reason, message);
  progress.show('Failed', reason);
  return { is: 'waiting', forMs: delayMs, summary: 'try again', setback: true };
}

/** Type and name, the end of an ARM id: what fits into a line of the UI. */
function shortId({ armId }: Target): string {
  return armId.split('/').slice(-2).join('/');
}

import { ApplicationFailure, CancellationScope, isCancellation } from '@temporalio/workflow';
import { toFailure, UNKNOWN } from './failures.ts';
import { reconcile, type Context, type Outcome } from './reconcile.ts';

/** The outcome of an attempt at a reconcile. */
type Attempt = Outcome | { readonly type: 'failed'; readonly failure: ApplicationFailure };

/** Reconciles once. A newer change interrupts it; a failure is reported in the resource's condition. */
export async function attempt(context: Context): Promise<Attempt> {
  const { inbox } = context;
  try {
    return await inbox.interruptible(() => reconcile(context));
  } catch (err) {
    if (!isCancellation(err)) return await reportFailure(context, toFailure(err));
    // `temporal workflow cancel` ends the run; a newer change only restarts the reconcile.
    if (CancellationScope.current().consideredCancelled) throw err;
    return { type: 'superseded' };
  }
}

async function reportFailure({ ref, inbox, progress, steps }: Context, failure: ApplicationFailure): Promise<Attempt> {
  const { handled } = inbox;
  const reason = failure.type ?? UNKNOWN;
  const { message } = failure;
  progress.failed(reason, message);
  progress.show('Failed', reason);
  // A dependency that changed during the reconcile may remove the cause of the failure: reconcile again.
  inbox.block();
  if (inbox.pending) return { type: 'superseded' };
  await steps.kube('reportFailure', 'Report the failure', {
    ref,
    uid: handled?.uid ?? null,
    generation: progress.generation,
    fingerprint: handled?.fingerprint ?? null,
    reason,
    message,
  });
  return { type: 'failed', failure: asRunFailure(failure) };
}

/** The failure of the run: the reason as its type, never retried by Temporal. */
function asRunFailure({ type, message }: ApplicationFailure): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type);
}

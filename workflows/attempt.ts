import { ApplicationFailure, CancellationScope, isCancellation } from '@temporalio/workflow';
import { toFailure, UNKNOWN } from './failures.ts';
import { reconcile, type Context, type Outcome } from './reconcile.ts';

/** How an attempt at a reconcile ended. */
type Attempt = Outcome | { readonly is: 'failed'; readonly failure: ApplicationFailure };

/** Reconciles once, in a scope that news interrupts; a failure is told to the user in the resource. */
export async function attempt(context: Context): Promise<Attempt> {
  const { inbox } = context;
  try {
    return await inbox.interruptible(() => reconcile(context));
  } catch (err) {
    if (!isCancellation(err)) return await report(context, toFailure(err));
    // `temporal workflow cancel` ends the run; news only starts over.
    if (CancellationScope.current().consideredCancelled) throw err;
    return { is: 'superseded' };
  }
}

async function report({ ref, inbox, progress, steps }: Context, failure: ApplicationFailure): Promise<Attempt> {
  const { handled } = inbox;
  const reason = failure.type ?? UNKNOWN;
  const { message } = failure;
  progress.failed(reason, message);
  progress.show('Failed', reason);
  // A dependency that changed while the reconcile was failing may be just what it needs.
  inbox.holdUp();
  if (inbox.pending) return { is: 'superseded' };
  await steps.kube('reportFailure', 'Report the failure', {
    ref,
    uid: handled?.uid ?? null,
    generation: progress.generation,
    fingerprint: handled?.fingerprint ?? null,
    reason,
    message,
  });
  return { is: 'failed', failure: asFinal(failure) };
}

/** What the UI and a reset show: the reason as the failure's type. */
function asFinal({ type, message }: ApplicationFailure): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type);
}

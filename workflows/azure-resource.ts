import { continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow';
import { attemptFailed, changed, progress as progressQuery, retry } from '../contract/signals.ts';
import type { AzureResourceInput, ReconcileResult } from '../contract/signals.ts';
import { attempt } from './attempt.ts';
import { changeOf, checkedInput, failedAttemptOf } from './checked-input.ts';
import { Inbox } from './inbox.ts';
import { Progress } from './progress.ts';
import { Steps } from './steps.ts';

/**
 * The history length after which a run that stays open continues as new. Another worker replays the whole history in
 * one workflow task, and some four thousand events take longer than the task's timeout: such a run would be stuck.
 */
const MAX_HISTORY_EVENTS = 600;

/**
 * One reconcile of one Azure resource. The run ends Completed when the resource is Ready or deleted, and Failed when
 * only a change can help. It is Running while there is work to do or something to wait for. A signal that arrives while
 * the run ends is handled by the same run or starts the next one: the server does not close a run that has unseen
 * signals.
 */
export async function azureResource(input: AzureResourceInput): Promise<ReconcileResult> {
  const { ref, told } = checkedInput(input);
  const inbox = new Inbox(told);
  const progress = new Progress(ref);
  const steps = new Steps(progress, inbox);
  setHandler(
    changed,
    (sent) => {
      const change = changeOf(sent);
      if (change) inbox.receive(change);
    },
    {
      description: 'The resource, or something it refers to, changed. Sent by the watcher.',
    },
  );
  setHandler(retry, () => inbox.retry(), { description: 'Reconcile now, regardless of a back-off.' });
  setHandler(attemptFailed, (sent) => {
    const failedAttempt = failedAttemptOf(sent);
    if (failedAttempt === undefined) return;
    progress.attemptFailed(failedAttempt);
    if (failedAttempt === null) inbox.unblock();
    else inbox.block();
  });
  setHandler(progressQuery, () => progress.answer(), {
    description: 'The current step and since when it runs, what the run waits for, and the last error.',
  });

  for (let failures = 0; ;) {
    const before = inbox.handled?.fingerprint;
    inbox.takeLatest();
    // Failures with an older spec do not count for a newer one.
    if (inbox.handled?.fingerprint !== before) failures = 0;
    progress.restart();
    const outcome = await attempt({ ref, inbox, progress, steps, failures });
    if (outcome.type === 'waiting') {
      if (outcome.isFailure) failures += 1;
      await inbox.wait(outcome.forMs, outcome.summary);
    } else if (!inbox.pending) {
      if (outcome.type === 'done') return outcome.result;
      if (outcome.type === 'failed') throw outcome.failure;
    }
    if (workflowInfo().historyLength > MAX_HISTORY_EVENTS) {
      await continueAsNew<typeof azureResource>({ ref, ...(inbox.handled && { told: inbox.handled }) });
    }
  }
}

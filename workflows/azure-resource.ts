import { continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow';
import { attemptFailed, changed, progress as progressQuery, retry } from '../contract/signals.ts';
import type { AzureResourceInput, ReconcileResult } from '../contract/signals.ts';
import { attempt } from './attempt.ts';
import { Inbox } from './inbox.ts';
import { Progress } from './progress.ts';
import { Steps } from './steps.ts';

/**
 * Events after which a run that goes on hands over to a new one. A workflow task replays the whole history when its
 * worker has changed, and some four thousand events take longer than a task may: such a run could not go on at all.
 */
const LONGEST_HISTORY = 600;

/**
 * One reconcile of one Azure resource. The run ends: Completed when the resource is Ready or deleted, Failed when only
 * a change can help. It is Running while something is worked on or waited for. What arrives while it ends is reconciled
 * by the same run, or starts the next: the server refuses to close a run that has not seen all its signals.
 */
export async function azureResource(input: AzureResourceInput): Promise<ReconcileResult> {
  const { ref } = input;
  const inbox = new Inbox(input.told);
  const progress = new Progress(ref);
  const steps = new Steps(progress, inbox);
  setHandler(changed, (change) => inbox.receive(change), {
    description: 'The resource, or something it refers to, is not as it was. Sent by the watcher.',
  });
  setHandler(retry, () => inbox.retry(), { description: 'Reconcile now, whatever the back-off says.' });
  setHandler(attemptFailed, (trouble) => {
    progress.attempt(trouble);
    if (trouble === null) inbox.goOn();
    else inbox.holdUp();
  });
  setHandler(progressQuery, () => progress.answer(), {
    description: 'Which step, since when, what it waits for, and the last error.',
  });

  for (let failures = 0; ;) {
    const before = inbox.handled?.fingerprint;
    inbox.take();
    // Azure's refusals of an older spec say nothing about a newer one.
    if (inbox.handled?.fingerprint !== before) failures = 0;
    progress.restart();
    const outcome = await attempt({ ref, inbox, progress, steps, failures });
    if (outcome.is === 'waiting') {
      if (outcome.setback) failures += 1;
      await inbox.wait(outcome.forMs, outcome.summary);
    } else if (!inbox.pending) {
      if (outcome.is === 'done') return outcome.result;
      if (outcome.is === 'failed') throw outcome.failure;
    }
    if (workflowInfo().historyLength > LONGEST_HISTORY) {
      await continueAsNew<typeof azureResource>({ ref, ...(inbox.handled && { told: inbox.handled }) });
    }
  }
}

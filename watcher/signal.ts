import { WorkflowNotFoundError, type Client } from '@temporalio/client';

import { TASK_QUEUE, workflowId, WORKFLOW_TYPE, type ResourceRef } from '../contract/resource-ref.ts';
import { AzureKind, AzureState, KubeName, KubeNamespace } from '../contract/search-attributes.ts';
import { changed, type Change } from '../contract/signals.ts';

/** Signals the workflow of a resource, and starts a run when none is open. */
export async function signalChange(client: Client, ref: ResourceRef, change: Change): Promise<void> {
  await client.workflow.signalWithStart(WORKFLOW_TYPE, {
    taskQueue: TASK_QUEUE,
    workflowId: workflowId(ref),
    args: [{ ref }],
    signal: changed,
    signalArgs: [change],
    // Set at the start, so that the UI shows them from the first moment and without an event. An open run keeps its own
    // values. The state is the purpose of the run: the first step takes only milliseconds, so a state `Resolving` would
    // cost an event and never be seen.
    typedSearchAttributes: [
      { key: AzureKind, value: ref.kind },
      { key: AzureState, value: change.deleting ? 'Deleting' : 'Applying' },
      { key: KubeNamespace, value: ref.namespace },
      { key: KubeName, value: ref.name },
    ],
    workflowTaskTimeout: '5s',
  });
}

/** Signals an open run that its resource no longer exists. Without an open run there is nothing to do. */
export async function signalGone(client: Client, ref: ResourceRef, uid: string): Promise<void> {
  const change: Change = { uid, generation: 0, deleting: true, fingerprint: 'gone', dependencies: 'gone' };
  try {
    await client.workflow.getHandle(workflowId(ref)).signal(changed, change);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

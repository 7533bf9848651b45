import { WorkflowNotFoundError, type Client } from '@temporalio/client';

import { TASK_QUEUE, workflowId, WORKFLOW_TYPE, type ResourceRef } from '../contract/resource-ref.ts';
import { AzureKind, AzureState, KubeName, KubeNamespace } from '../contract/search-attributes.ts';
import { changed, type Change } from '../contract/signals.ts';

/** Tells a resource's workflow, and starts it when it does not run. */
export async function signalChange(client: Client, ref: ResourceRef, change: Change): Promise<void> {
  await client.workflow.signalWithStart(WORKFLOW_TYPE, {
    taskQueue: TASK_QUEUE,
    workflowId: workflowId(ref),
    args: [{ ref }],
    signal: changed,
    signalArgs: [change],
    // Known from the first moment on, and without an event of their own. An open run keeps its own. The state is what the run is there to do: its first
    // step takes a few milliseconds, and another state in between would be written for nobody.
    typedSearchAttributes: [
      { key: AzureKind, value: ref.kind },
      { key: AzureState, value: change.deleting ? 'Deleting' : 'Applying' },
      { key: KubeNamespace, value: ref.namespace },
      { key: KubeName, value: ref.name },
    ],
    workflowTaskTimeout: '5s',
  });
}

/** Tells a workflow that still runs that its resource vanished; one that ended has nothing left to do. */
export async function signalGone(client: Client, ref: ResourceRef, uid: string): Promise<void> {
  const change: Change = { uid, generation: 0, deleting: true, fingerprint: 'gone', dependencies: 'gone' };
  try {
    await client.workflow.getHandle(workflowId(ref)).signal(changed, change);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

/** A custom resource by name. */
export interface ResourceRef {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** `<Kind>.<group>/<namespace>/<name>`: readable in the UI, and easy to type on a command line. */
export function workflowId(ref: ResourceRef): string {
  return `${ref.kind}.${ref.group}/${ref.namespace}/${ref.name}`;
}

export const TASK_QUEUE = 'azure-resources';
/** The workflow's type name, so that a client need not import workflow code. */
export const WORKFLOW_TYPE = 'azureResource';
/**
 * The task queue for polls of long operations. They occupy their slots for minutes, so they are kept apart from the
 * other steps.
 */
export const POLL_TASK_QUEUE = 'azure-resource-polls';

/** A custom resource by name. */
export interface ResourceRef {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** `<Kind>.<group>/<namespace>/<name>`: readable as a title in the UI and typeable on a command line. */
export function workflowId(ref: ResourceRef): string {
  return `${ref.kind}.${ref.group}/${ref.namespace}/${ref.name}`;
}

export const TASK_QUEUE = 'azure-resources';
/** The workflow's type name, so that a client need not import workflow code. */
export const WORKFLOW_TYPE = 'azureResource';
/**
 * Where the polls of operations that take long wait for their turn, apart from the steps: they hold their slots for
 * minutes.
 */
export const POLL_TASK_QUEUE = 'azure-resource-polls';

import { defineQuery, defineSignal } from '@temporalio/workflow';

/**
 * What the watcher tells a resource's workflow: facts, not commands. Small enough to travel with every change, and free of secret values.
 */
export interface Change {
  /** metadata.uid: a new uid under an old name is a new resource. */
  readonly uid: string;
  readonly generation: number;
  readonly deleting: boolean;
  /**
   * What the resource wants: generation, deletion, the annotations that change behaviour (its own and its namespace's) and the
   * resourceVersions of the Secrets and ConfigMaps it refers to. A workflow ignores a fingerprint that it has dealt with.
   */
  readonly fingerprint: string;
  /** The state of the owner and of the referenced resources (exists, Ready, ARM id). It matters only to a workflow that waits for one. */
  readonly dependencies: string;
}

/** The resource, or something that it depends on, is not what it was. */
export const changed = defineSignal<[Change], 'changed'>('changed');
/** Try now, whatever the back-off says. */
export const retry = defineSignal<[], 'retry'>('retry');

/** Where the reconcile stands. */
export interface Progress {
  readonly state: string;
  readonly step: string | null;
  readonly since: string;
  readonly generation: number;
  readonly azureResourceId: string | null;
  readonly waitingFor: string | null;
  readonly lastError: { readonly reason: string; readonly message: string } | null;
}
export const progress = defineQuery<Progress>('progress');

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

/** What was last sent to Azure with success, as a keyed digest: no value can be read from it. */
export interface Applied {
  readonly uid: string;
  readonly apiVersion: string;
  readonly payload: string;
  /** Paths of fields that Azure did not take back from its own value when asked to: not sent again for their sake. */
  readonly settled?: readonly string[];
}

/** A destination object that an earlier run wrote, so that a dropped one can be cleaned. */
export interface ExportedObject {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly name: string;
}

/** The input of a run. Only `ref` is given at start; the rest is what a run hands to the next. */
export interface AzureResourceInput {
  readonly ref: ResourceRef;
  readonly handled?: Change;
  readonly applied?: Applied;
  readonly exported?: readonly ExportedObject[];
  /** Sealed: an operation that Azure has accepted and that has not ended. */
  readonly operation?: string;
}

/**
 * What is told of a resource as an Event. This is the one table: the code names its rows, docs/events.md is generated
 * from it, and a test compares what kubectl shows with it.
 */

interface Transition {
  /** The reason of the Event; null: the reason of the condition. */
  readonly reason: string | null;
  readonly type: 'Normal' | 'Warning';
  /** What the operator was doing, in one word. */
  readonly action: string;
  /** What the Event says; names in braces are facts. Never a secret value. */
  readonly note: string;
  /** For docs/events.md: when it is told. */
  readonly when: string;
  /**
   * Nothing on the resource remembers that it was told, so an Event that still exists is not counted up. It is told
   * again when Kubernetes has forgotten it.
   */
  readonly once?: true;
}

/** In the order of a life. */
export const TRANSITIONS = {
  Overlap: {
    reason: 'Overlap',
    type: 'Warning',
    action: 'Reconcile',
    note: '{message}',
    when: 'the annotation `operator-namespace` names another operator: the resource is left alone',
    once: true,
  },
  Waiting: {
    reason: null,
    type: 'Warning',
    action: 'Wait',
    note: '{message}',
    when: 'it begins to wait for something else, such as its owner or a Secret',
  },
  Claimed: {
    reason: 'Claimed',
    type: 'Normal',
    action: 'Claim',
    note: 'claimed {armId}',
    when: 'the ARM id is stored, and with it the finalizer (not with reconcile-policy `skip`); nothing has been sent yet',
  },
  CreateSent: {
    reason: 'CreateSent',
    type: 'Normal',
    action: 'Create',
    note: 'generation {generation} is sent to Azure with api-version {apiVersion}: the resource is created',
    when: 'a PUT is sent, and Azure does not have the resource',
  },
  UpdateSent: {
    reason: 'UpdateSent',
    type: 'Normal',
    action: 'Update',
    note: 'generation {generation} is sent to Azure with api-version {apiVersion}: the resource is updated',
    when: 'a PUT is sent, and Azure has the resource: the spec or an input changed, or the resource existed before',
  },
  DriftFound: {
    reason: 'DriftFound',
    type: 'Warning',
    action: 'Update',
    note: 'somebody else changed {paths} in Azure: generation {generation} is sent again with api-version {apiVersion}',
    when: 'a field that the spec sets has another value in Azure; it is corrected',
  },
  GoneFromAzure: {
    reason: 'GoneFromAzure',
    type: 'Warning',
    action: 'Create',
    note: 'somebody else deleted it in Azure: generation {generation} is sent again with api-version {apiVersion}',
    when: 'Azure had the resource and has it no more; it is created again',
  },
  AzureWorking: {
    reason: 'AzureWorking',
    type: 'Normal',
    action: 'Follow',
    note: 'Azure is working on {armId}',
    when: 'Azure accepted an operation that takes a while, or one was running already; it is followed',
  },
  UpdateAccepted: {
    reason: 'UpdateAccepted',
    type: 'Normal',
    action: 'Update',
    note: 'Azure accepted the update',
    when: 'Azure accepted other values of a generation that was Ready already and stays so, such as a new password',
  },
  DriftCorrected: {
    reason: 'DriftCorrected',
    type: 'Normal',
    action: 'Update',
    note: 'Azure has the values of the spec again',
    when: 'a drift was corrected',
  },
  AzureKeepsValue: {
    reason: 'AzureKeepsValue',
    type: 'Warning',
    action: 'Update',
    note: 'Azure keeps its own value of {paths}; the value of the spec is not sent again until the spec changes',
    when: 'Azure did not accept the correction of a drift; it is left alone from now on',
  },
  ExportsWritten: {
    reason: 'ExportsWritten',
    type: 'Normal',
    action: 'Export',
    note: 'wrote {objects}',
    when: 'a Secret or ConfigMap of a resource that was Ready already was written with other values, such as a new key',
  },
  ExportTakenBack: {
    reason: 'ExportTakenBack',
    type: 'Warning',
    action: 'Export',
    note: '{objects} was edited by another client: the keys that this resource exports were restored',
    when: 'a key that this resource exports had another value',
  },
  Ready: {
    reason: 'Ready',
    type: 'Normal',
    action: 'Reconcile',
    note: 'generation {generation} is ready in Azure{exports}',
    when: 'the condition becomes `Ready=True`, or is so for a newer generation; with the Secrets and ConfigMaps that hold the exports',
  },
  Failed: {
    reason: null,
    type: 'Warning',
    action: 'Reconcile',
    note: '{message}',
    when: 'an attempt failed for another reason than before, a Secret that it may not write included',
  },
  Deleting: {
    reason: 'Deleting',
    type: 'Normal',
    action: 'Delete',
    note: 'the deletion of {armId} is sent to Azure',
    when: 'the DELETE is sent',
  },
  Detached: {
    reason: 'Detached',
    type: 'Normal',
    action: 'Delete',
    note: '{armId} stays in Azure: reconcile-policy is {policy}',
    when: 'the resource is deleted with a policy that leaves it in Azure',
  },
  AlreadyManaged: {
    reason: 'AlreadyManaged',
    type: 'Warning',
    action: 'Delete',
    note: '{armId} stays in Azure: it is managed by {holder}',
    when: 'the resource is deleted, and another one manages the same resource in Azure',
  },
  Released: {
    reason: 'Released',
    type: 'Normal',
    action: 'Delete',
    note: 'the finalizer is removed: Kubernetes may delete the resource now',
    when: 'the operator is done with a deleted resource',
  },
} as const satisfies Readonly<Record<string, Transition>>;

export type TransitionName = keyof typeof TRANSITIONS;

type Placeholders<T extends string> = T extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

/** The facts of a row: those that its note names, and the reason where the row has none. */
export type Facts<K extends TransitionName> = {
  readonly [
    Name in
      | Placeholders<(typeof TRANSITIONS)[K]['note']>
      | ((typeof TRANSITIONS)[K]['reason'] extends null ? 'reason' : never)
  ]: string | number;
};

/** The row, filled with the facts. */
export function transition<K extends TransitionName>(
  name: K,
  facts: Facts<K>,
): { reason: string; type: 'Normal' | 'Warning'; action: string; note: string; once: boolean } {
  const row: Transition = TRANSITIONS[name];
  const given: Readonly<Record<string, string | number>> = facts;
  const note = row.note.replace(/\{(\w+)\}/g, (_, fact: string) => String(given[fact] ?? ''));
  const { type, action, once = false } = row;
  return { reason: row.reason ?? String(given['reason']), type, action, note, once };
}

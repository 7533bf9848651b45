/**
 * What is told of a resource: as an Event, in the log, or in both. This is the one table: the code names its rows,
 * docs/events.md is generated from it, and a test compares what kubectl shows with it.
 */

interface Transition {
  /** Absent: it is told in the log only. */
  readonly event?: EventOfTransition;
  /** The level of its line in the log. Absent: it is told as an Event only. */
  readonly log?: 'debug' | 'info' | 'warn' | 'error';
  /** What the Event and the log say; names in braces are facts. Never a secret value. */
  readonly text: string;
  /** What the log says instead, where the Event has a part of the facts in other columns. */
  readonly line?: string;
}

interface EventOfTransition {
  /** The reason of the Event; null: the reason of the condition. */
  readonly reason: string | null;
  readonly type: 'Normal' | 'Warning';
  /** What the operator was doing, in one word. */
  readonly action: string;
  /** For docs/events.md: when it is told. */
  readonly when: string;
  /**
   * Nothing on the resource remembers that it was told, so an Event that still exists is not counted up. It is told
   * again when Kubernetes has forgotten it.
   */
  readonly once?: true;
}

/** How the log ends what it says of a failure after which nothing is attempted. */
export const GIVEN_UP = 'no further attempt until the resource or what it refers to changes, or until the next resync';

/** In the order of a life. */
export const TRANSITIONS = {
  Overlap: {
    event: {
      reason: 'Overlap',
      type: 'Warning',
      action: 'Reconcile',
      when: 'the annotation `operator-namespace` names another operator: the resource is left alone',
      once: true,
    },
    // At each resync.
    log: 'debug',
    text: '{message}',
    line: 'left alone: {message}',
  },
  Waiting: {
    event: {
      reason: null,
      type: 'Warning',
      action: 'Wait',
      when: 'it begins to wait for something else, such as its owner or a Secret',
    },
    log: 'info',
    text: '{message}',
    line: 'waiting: {reason}: {message}',
  },
  Claimed: {
    event: {
      reason: 'Claimed',
      type: 'Normal',
      action: 'Claim',
      when: 'the ARM id is stored, and with it the finalizer (not with reconcile-policy `skip`); nothing has been sent yet',
    },
    log: 'info',
    text: 'claimed {armId}',
  },
  CreateSent: {
    event: {
      reason: 'CreateSent',
      type: 'Normal',
      action: 'Create',
      when: 'a PUT is sent, and Azure does not have the resource',
    },
    text: 'generation {generation} is sent to Azure with api-version {apiVersion}: the resource is created',
  },
  UpdateSent: {
    event: {
      reason: 'UpdateSent',
      type: 'Normal',
      action: 'Update',
      when: 'a PUT is sent, and Azure has the resource: the spec or an input changed, or the resource existed before',
    },
    text: 'generation {generation} is sent to Azure with api-version {apiVersion}: the resource is updated',
  },
  DriftFound: {
    event: {
      reason: 'DriftFound',
      type: 'Warning',
      action: 'Update',
      when: 'a field that the spec sets has another value in Azure; it is corrected',
    },
    text: 'somebody else changed {paths} in Azure: generation {generation} is sent again with api-version {apiVersion}',
  },
  GoneFromAzure: {
    event: {
      reason: 'GoneFromAzure',
      type: 'Warning',
      action: 'Create',
      when: 'Azure had the resource and has it no more; it is created again',
    },
    text: 'somebody else deleted it in Azure: generation {generation} is sent again with api-version {apiVersion}',
  },
  PutAnswered: {
    log: 'info',
    text: 'sent generation {generation} to Azure ({because}), which answered HTTP {httpStatus}',
  },
  AzureWorking: {
    event: {
      reason: 'AzureWorking',
      type: 'Normal',
      action: 'Follow',
      when: 'Azure accepted an operation that takes a while, or one was running already; it is followed',
    },
    log: 'info',
    text: 'Azure is working on {armId}',
    line: 'Azure is working on {armId} since {since}',
  },
  OperationFailed: {
    log: 'warn',
    text: "Azure's operation failed: {reason}: {message}; the reconcile starts again at {retryAt}",
  },
  UpdateAccepted: {
    event: {
      reason: 'UpdateAccepted',
      type: 'Normal',
      action: 'Update',
      when: 'Azure accepted other values of a generation that was Ready already and stays so, such as a new password',
    },
    log: 'info',
    text: 'Azure accepted the update',
  },
  DriftCorrected: {
    event: {
      reason: 'DriftCorrected',
      type: 'Normal',
      action: 'Update',
      when: 'a drift was corrected',
    },
    log: 'info',
    text: 'Azure has the values of the spec again',
  },
  AzureKeepsValue: {
    event: {
      reason: 'AzureKeepsValue',
      type: 'Warning',
      action: 'Update',
      when: 'Azure did not accept the correction of a drift; it is left alone from now on',
    },
    log: 'warn',
    text: 'Azure keeps its own value of {paths}; the value of the spec is not sent again until the spec changes',
  },
  ExportsWritten: {
    event: {
      reason: 'ExportsWritten',
      type: 'Normal',
      action: 'Export',
      when: 'a Secret or ConfigMap of a resource that was Ready already was written with other values, such as a new key',
    },
    log: 'info',
    text: 'wrote {objects}',
  },
  ExportTakenBack: {
    event: {
      reason: 'ExportTakenBack',
      type: 'Warning',
      action: 'Export',
      when: 'a key that this resource exports had another value',
    },
    log: 'warn',
    text: '{objects} was edited by another client: the keys that this resource exports were restored',
  },
  Ready: {
    event: {
      reason: 'Ready',
      type: 'Normal',
      action: 'Reconcile',
      when: 'the condition becomes `Ready=True`, or is so for a newer generation; with the Secrets and ConfigMaps that hold the exports',
    },
    log: 'info',
    text: 'generation {generation} is ready in Azure{exports}',
  },
  Failed: {
    event: {
      reason: null,
      type: 'Warning',
      action: 'Reconcile',
      when: 'an attempt failed for another reason than before, a Secret that it may not write included',
    },
    // The log has a line for each failed attempt, with the same facts and when the next one is.
    text: '{message}',
  },
  /** No attempt saw this failure: Temporal counted a timeout, or the workflow itself failed. */
  FailedUnseen: {
    log: 'error',
    text: `failed: {reason}: {message}; ${GIVEN_UP}`,
  },
  Deleting: {
    event: {
      reason: 'Deleting',
      type: 'Normal',
      action: 'Delete',
      when: 'the DELETE is sent',
    },
    text: 'the deletion of {armId} is sent to Azure',
  },
  DeleteAnswered: {
    log: 'info',
    text: 'sent DELETE to Azure, which answered HTTP {httpStatus}',
  },
  CreationBeforeDeletion: {
    log: 'info',
    text: 'Azure may still be creating {armId} since {since}; it will be deleted when the creation is complete',
  },
  AzureDeleting: {
    log: 'info',
    text: 'Azure is deleting {armId} since {since}',
  },
  Detached: {
    event: {
      reason: 'Detached',
      type: 'Normal',
      action: 'Delete',
      when: 'the resource is deleted with a policy that leaves it in Azure',
    },
    log: 'info',
    text: '{armId} stays in Azure: reconcile-policy is {policy}',
  },
  AlreadyManaged: {
    event: {
      reason: 'AlreadyManaged',
      type: 'Warning',
      action: 'Delete',
      when: 'the resource is deleted, and another one manages the same resource in Azure',
    },
    log: 'warn',
    text: '{armId} stays in Azure: it is managed by {holder}',
  },
  Released: {
    event: {
      reason: 'Released',
      type: 'Normal',
      action: 'Delete',
      when: 'the operator is done with a deleted resource',
    },
    log: 'info',
    text: 'the finalizer is removed: Kubernetes may delete the resource now',
  },
} as const satisfies Readonly<Record<string, Transition>>;

type Rows = typeof TRANSITIONS;
export type TransitionName = keyof Rows;

type Placeholders<T> = T extends `${string}{${infer Name}}${infer Rest}` ? Name | Placeholders<Rest> : never;
type TextsOf<Row> = Row extends { readonly line: infer Line; readonly text: infer Text }
  ? Line | Text
  : Row extends { readonly text: infer Text }
    ? Text
    : never;
type ReasonOf<Row> = Row extends { readonly event: { readonly reason: null } } ? 'reason' : never;

/** The facts of a row: those that its texts name, and the reason where the row has none. */
export type Facts<K extends TransitionName> = {
  readonly [Name in Placeholders<TextsOf<Rows[K]>> | ReasonOf<Rows[K]>]: string | number;
} & MoreFacts;

/** Facts that are fields of the line in the log, whether or not its text names them. */
interface MoreFacts {
  readonly armId?: string;
  readonly generation?: number;
  /** ARM's x-ms-request-id. */
  readonly requestId?: string | undefined;
}

/** A transition as the step recorded it for the log. */
export interface RecordedTransition {
  readonly name: TransitionName;
  readonly facts: Readonly<Record<string, string | number | undefined>>;
}

/** What the log says of it; undefined if it is told as an Event only. */
export function logLineOf({
  name,
  facts,
}: RecordedTransition): { level: NonNullable<Transition['log']>; text: string } | undefined {
  const { log, text, line = text }: Transition = TRANSITIONS[name];
  return log && { level: log, text: fill(line, facts) };
}

/** What the Event says; undefined if it is told in the log only. */
export function eventOf({
  name,
  facts,
}: RecordedTransition):
  { reason: string; type: 'Normal' | 'Warning'; action: string; note: string; once: boolean } | undefined {
  const { event, text }: Transition = TRANSITIONS[name];
  if (!event) return undefined;
  const { type, action, once = false } = event;
  return { reason: event.reason ?? String(facts['reason']), type, action, note: fill(text, facts), once };
}

function fill(text: string, facts: RecordedTransition['facts']): string {
  return text.replace(/\{(\w+)\}/g, (_, fact: string) => String(facts[fact] ?? ''));
}

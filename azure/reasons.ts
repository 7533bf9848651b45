import { ARM_CODES } from './arm-codes.ts';
import type { RetryClass, Severity } from './contract.ts';

export interface Reason {
  readonly code: string;
  readonly severity: Severity;
  /**
   * `Wait`: for an object in Kubernetes whose change starts a reconcile. `None`: not a failure, or a failure after
   * which this attempt has nothing to do.
   */
  readonly retry: RetryClass | 'Wait' | 'None';
  /** What the user should do, in one line. */
  readonly todo: string;
}

/**
 * The reasons of this operator. An error thrown with one (`StepError`, `ownError`) takes severity and retry class from
 * its row.
 */
export const OWN_REASONS = [
  { code: 'Reconciling', severity: 'Info', retry: 'None', todo: 'Nothing: the reconcile is in progress.' },
  { code: 'Succeeded', severity: 'Info', retry: 'None', todo: 'Nothing: Ready is True.' },
  { code: 'Deleting', severity: 'Info', retry: 'None', todo: 'Nothing: Azure is deleting it.' },
  {
    code: 'WaitingForOwner',
    severity: 'Warning',
    retry: 'Wait',
    todo: 'Create the owner that spec.owner names, or check why it is not Ready.',
  },
  {
    code: 'SecretNotFound',
    severity: 'Warning',
    retry: 'Wait',
    todo: 'Create the Secret, or the key in it, that the message names.',
  },
  {
    code: 'ConfigMapNotFound',
    severity: 'Warning',
    retry: 'Wait',
    todo: 'Create the ConfigMap, or the key in it, that the message names.',
  },
  {
    code: 'ReferenceNotFound',
    severity: 'Warning',
    retry: 'Wait',
    todo: 'Create the resource that the reference names, or correct the reference.',
  },
  {
    code: 'InputEmpty',
    severity: 'Warning',
    retry: 'Wait',
    todo: 'Put a value into the key of the Secret that the message names: the key exists, but is empty.',
  },
  {
    code: 'InputNotText',
    severity: 'Warning',
    retry: 'Wait',
    todo: 'Put UTF-8 text into the key that the message names, in the encoding that the field expects (base64, PEM): ARM accepts no other bytes.',
  },
  {
    code: 'SecretReserved',
    severity: 'Error',
    retry: 'Fatal',
    todo: "Name another Secret: the one that the message names is the operator's own, so no resource may read or write it.",
  },
  {
    code: 'AnnotationInvalid',
    severity: 'Warning',
    retry: 'Wait',
    todo: 'Correct the annotation that the message names. Until then nothing is done in Azure, and nothing is deleted.',
  },
  {
    code: 'ResourceIdMismatch',
    severity: 'Warning',
    retry: 'Wait',
    todo: 'Restore the annotation resource-id, or azureName and owner, so that they give one ARM id. Or leave the resource in Azure: set reconcile-policy to detach-on-delete, and delete this resource.',
  },
  {
    code: 'AlreadyManaged',
    severity: 'Warning',
    retry: 'Wait',
    todo: 'Delete this resource, or the one that the message names with reconcile-policy detach-on-delete: one resource in Azure can be managed by one resource only. This one continues by itself when the other lets go.',
  },
  {
    code: 'Overlap',
    severity: 'Info',
    retry: 'Wait',
    todo: 'Nothing: the annotation operator-namespace names another operator, which manages this resource. To hand it over, set the annotation to the namespace of the new operator.',
  },
  {
    code: 'OwnerCycle',
    severity: 'Error',
    retry: 'Fatal',
    todo: 'Correct spec.owner of one of the resources that the message names: they form a cycle of owners, so none can be created first.',
  },
  {
    code: 'SubscriptionMismatch',
    severity: 'Error',
    retry: 'Fatal',
    todo: 'Use a credential for the subscription of the resource and its owner: correct credential-from or the Secret. Nothing is sent to another subscription.',
  },
  {
    code: 'AzureResourceNotFound',
    severity: 'Warning',
    retry: 'Slow',
    todo: 'reconcile-policy is skip and the resource does not exist in Azure: create it there, or change the policy.',
  },
  {
    code: 'FailedWritingAdditionalKubernetesObjects',
    severity: 'Error',
    retry: 'Fatal',
    todo: 'Delete the Secret or ConfigMap that the message names, which this resource does not own, or choose another name in operatorSpec.',
  },
  {
    code: 'ReconciliationBlocked',
    severity: 'Warning',
    retry: 'Slow',
    todo: 'Nothing: the resource in Azure is in a state that must end before it can be changed.',
  },
  {
    code: 'ProvisioningFailed',
    severity: 'Warning',
    retry: 'Slow',
    todo: 'Look at the resource in the Azure portal: Azure accepted it, but its provisioning failed. It is sent again.',
  },
  {
    code: 'PostReconciliationFailure',
    severity: 'Warning',
    retry: 'Slow',
    todo: 'Azure accepted the resource, but it does not do yet what it is for: do what the message says. It is checked again.',
  },
  {
    code: 'ValueNotFound',
    severity: 'Warning',
    retry: 'Slow',
    todo: 'Correct operatorSpec: Azure does not have this value for the resource, or not yet.',
  },
  {
    code: 'DeletionNotSupported',
    severity: 'Warning',
    retry: 'Wait',
    todo: 'Azure cannot delete this type: set reconcile-policy to detach-on-delete.',
  },
  {
    code: 'AzureNameInvalid',
    severity: 'Error',
    retry: 'Fatal',
    todo: 'Correct spec.azureName: it does not form a valid ARM id.',
  },
  {
    code: 'InvalidSpec',
    severity: 'Error',
    retry: 'Fatal',
    todo: 'Correct the field of the spec that the message names.',
  },
  {
    code: 'ExpressionLimitExceeded',
    severity: 'Warning',
    retry: 'VerySlow',
    todo: 'Simplify the expression of operatorSpec that the message names, or let it read less: it takes too long or needs too much memory.',
  },
  {
    code: 'CredentialNotFound',
    severity: 'Warning',
    retry: 'Fast',
    todo: 'Create the credential Secret, or the key in it, that the message names. A resource that was claimed with a Secret is never managed with the global credential instead.',
  },
  {
    code: 'AuthenticationFailed',
    severity: 'Warning',
    retry: 'Slow',
    todo: 'Do what the message says: it has the codes of Entra ID, the HTTP status and the authority host.',
  },
  {
    code: 'OperationUrlRefused',
    severity: 'Error',
    retry: 'Fatal',
    todo: 'Set AZURE_RESOURCE_MANAGER_ENDPOINT to the host that is in the operation URLs of this Azure cloud.',
  },
  {
    code: 'RequestTimeout',
    severity: 'Warning',
    retry: 'Slow',
    todo: 'Nothing. If it persists, check the network between the worker and Azure.',
  },
  {
    code: 'RequestAborted',
    severity: 'Info',
    retry: 'Fast',
    todo: 'Nothing: the operator is handling a newer change, or is stopping.',
  },
  {
    code: 'Superseded',
    severity: 'Info',
    retry: 'None',
    todo: 'Nothing: a newer change replaced this reconcile, or the resource was deleted or replaced.',
  },
  {
    code: 'WorkflowTaskFailed',
    severity: 'Warning',
    retry: 'None',
    todo: "The worker's code cannot continue this run: roll the release back, or wait until an older worker has finished it (docs/upgrades.md).",
  },
  { code: 'Failed', severity: 'Warning', retry: 'Slow', todo: 'Read the message.' },
  {
    code: 'UnknownError',
    severity: 'Warning',
    retry: 'Slow',
    todo: "Read the message. If it persists, check the worker's log.",
  },
] as const satisfies readonly Reason[];

/** The name of a reason of this operator. */
export type OwnReason = (typeof OWN_REASONS)[number]['code'];

/** The row of a reason of this operator. */
export function rowOf(reason: OwnReason): Reason {
  return OWN[reason];
}

const OWN = Object.fromEntries(OWN_REASONS.map((row) => [row.code, row])) as Readonly<Record<OwnReason, Reason>>;

/** ARM's codes, as rows of the same table. */
export const ARM_REASONS: readonly Reason[] = [
  ...rows('Throttled', ARM_CODES.Throttled),
  ...rows('Slow', ARM_CODES.Slow),
  ...rows('VerySlow', ARM_CODES.VerySlow),
  ...rows('Fatal', ARM_CODES.Fatal),
];

/** The row of a reason; undefined for a code of ARM that is not in the table. */
export function reasonOf(code: string): Reason | undefined {
  return BY_CODE.get(code);
}

const BY_CODE: ReadonlyMap<string, Reason> = new Map([...ARM_REASONS, ...OWN_REASONS].map((row) => [row.code, row]));

function rows(retry: RetryClass, codes: Readonly<Record<string, string>>): Reason[] {
  const severity = retry === 'Fatal' ? 'Error' : 'Warning';
  return Object.entries(codes).map(([code, todo]) => ({ code, severity, retry, todo }));
}

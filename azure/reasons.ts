import { ARM_CODES } from './arm-codes.ts';
import type { RetryClass, Severity } from './contract.ts';

export interface Reason {
  readonly code: string;
  readonly severity: Severity;
  /** `None`: not a failure, or one that nothing but a change ends. */
  readonly retry: RetryClass | 'None';
  /** What the user does about it, one line. */
  readonly todo: string;
}

/** The reasons that are ours: no answer of ARM has them as its code. */
export const OWN_REASONS = [
  { code: 'Reconciling', severity: 'Info', retry: 'None', todo: 'Nothing: it is being worked on.' },
  { code: 'Succeeded', severity: 'Info', retry: 'None', todo: 'Nothing: Ready is True.' },
  { code: 'Deleting', severity: 'Info', retry: 'None', todo: 'Nothing: Azure is deleting it.' },
  {
    code: 'WaitingForOwner',
    severity: 'Warning',
    retry: 'Fast',
    todo: 'Create the owner that spec.owner names, or look why it is not Ready.',
  },
  {
    code: 'SecretNotFound',
    severity: 'Warning',
    retry: 'Fast',
    todo: 'Create the Secret, or the key in it, that the message names.',
  },
  {
    code: 'ConfigMapNotFound',
    severity: 'Warning',
    retry: 'Fast',
    todo: 'Create the ConfigMap, or the key in it, that the message names.',
  },
  {
    code: 'ReferenceNotFound',
    severity: 'Warning',
    retry: 'Fast',
    todo: 'Create the resource that the reference names, or correct the reference.',
  },
  {
    code: 'SubscriptionMismatch',
    severity: 'Error',
    retry: 'Fatal',
    todo: 'Use a credential of the subscription in which the owner is.',
  },
  {
    code: 'AzureResourceNotFound',
    severity: 'Warning',
    retry: 'Slow',
    todo: 'reconcile-policy is skip and Azure has no such resource: create it, or change the policy.',
  },
  {
    code: 'FailedWritingAdditionalKubernetesObjects',
    severity: 'Error',
    retry: 'Fatal',
    todo: 'Delete or rename the Secret or ConfigMap in the way: it belongs to somebody else.',
  },
  {
    code: 'ReconciliationBlocked',
    severity: 'Warning',
    retry: 'Slow',
    todo: 'Nothing: the resource in Azure is in a state that must end first.',
  },
  { code: 'ReconciliationPostponed', severity: 'Info', retry: 'Slow', todo: 'Nothing: there is nothing to do yet.' },
  {
    code: 'PostReconciliationFailure',
    severity: 'Warning',
    retry: 'Slow',
    todo: 'Read the message: Azure has the resource, but it is not usable yet.',
  },
  {
    code: 'DeletionNotSupported',
    severity: 'Warning',
    retry: 'None',
    todo: 'Azure cannot delete this type: set reconcile-policy to detach-on-delete.',
  },
  {
    code: 'AzureNameInvalid',
    severity: 'Error',
    retry: 'Fatal',
    todo: 'Correct spec.azureName: it does not form an ARM id.',
  },
  {
    code: 'InvalidSpec',
    severity: 'Error',
    retry: 'Fatal',
    todo: 'Correct the field of the spec that the message names.',
  },
  {
    code: 'CredentialNotFound',
    severity: 'Warning',
    retry: 'Slow',
    todo: 'Create the credential Secret, or the key in it, that the message names.',
  },
  {
    code: 'AuthenticationFailed',
    severity: 'Warning',
    retry: 'Slow',
    todo: 'Correct the client id, tenant and secret of the credential; look up the AADSTS code.',
  },
  {
    code: 'ProvisioningTimeout',
    severity: 'Warning',
    retry: 'Slow',
    todo: 'Look at the resource in the portal: Azure has not ended the operation in time.',
  },
  {
    code: 'OperationUrlRefused',
    severity: 'Error',
    retry: 'Fatal',
    todo: 'Set AZURE_RESOURCE_MANAGER_ENDPOINT to the host that Azure really answers from.',
  },
  {
    code: 'RequestTimeout',
    severity: 'Warning',
    retry: 'Slow',
    todo: 'Nothing; if it stays, look at the network between the worker and Azure.',
  },
  {
    code: 'RequestAborted',
    severity: 'Info',
    retry: 'Fast',
    todo: 'Nothing: the operator gave way to a newer change, or is stopping.',
  },
  { code: 'Failed', severity: 'Warning', retry: 'Slow', todo: 'Read the message.' },
  {
    code: 'UnknownError',
    severity: 'Warning',
    retry: 'Slow',
    todo: "Read the message; if it stays, look at the worker's log.",
  },
] as const satisfies readonly Reason[];

/** The name of a reason of ours. */
export type OwnReason = (typeof OWN_REASONS)[number]['code'];

/** ARM's codes as rows. */
export const ARM_REASONS: readonly Reason[] = [
  ...rows('Throttled', ARM_CODES.Throttled),
  ...rows('Slow', ARM_CODES.Slow),
  ...rows('VerySlow', ARM_CODES.VerySlow),
  ...rows('Fatal', ARM_CODES.Fatal),
];

/** The row of a reason; undefined for a code of ARM that we do not know. */
export function reasonOf(code: string): Reason | undefined {
  return BY_CODE.get(code);
}

const BY_CODE: ReadonlyMap<string, Reason> = new Map([...ARM_REASONS, ...OWN_REASONS].map((row) => [row.code, row]));

function rows(retry: RetryClass, codes: Readonly<Record<string, string>>): Reason[] {
  const severity = retry === 'Fatal' ? 'Error' : 'Warning';
  return Object.entries(codes).map(([code, todo]) => ({ code, severity, retry, todo }));
}

import type { ClaimedCredential } from '../../contract/stored-state.ts';
import { subscriptionOf } from '../../kinds/arm-id.ts';
import { annotationOf } from '../../kube/annotations.ts';
import type { KubeObject } from '../../kube/contract.ts';
import type { AzureAccess } from '../dependencies.ts';
import { StepError } from '../step-error.ts';

/** What is remembered of the credential that was picked. */
export function credentialToRemember(object: KubeObject, { from }: Pick<AzureAccess, 'from'>): ClaimedCredential {
  const annotation = annotationOf(object, 'credentialFrom');
  return { from, ...(annotation !== undefined && { annotation }) };
}

interface Checked {
  readonly object: KubeObject;
  readonly armId: string;
  readonly access: { readonly arm: { readonly subscriptionId: string }; readonly from: string };
  /** The credential that the resource was managed with before. */
  readonly remembered: ClaimedCredential | undefined;
}

/**
 * Checks that the resource may be managed with the credential that was picked. It runs before every request to Azure: a
 * Secret can disappear or change between two steps.
 * @throws StepError `CredentialNotFound`, `SubscriptionMismatch`
 */
export function checkCredential({ object, armId, access, remembered }: Checked): void {
  const now = credentialToRemember(object, access);
  const isFallback = now.from === 'global' && remembered !== undefined && remembered.from !== 'global';
  // Another `credential-from` is the user's decision. A Secret that is gone is not.
  if (isFallback && remembered.annotation === now.annotation) {
    const message = `Secret ${remembered.from}, the credential with which ${armId} is managed, does not exist; the global credential is not used instead. Create the Secret again, or name another one in the annotation credential-from. To leave the resource in Azure, set reconcile-policy to detach-on-delete and delete this resource`;
    throw new StepError('CredentialNotFound', message);
  }
  const subscription = subscriptionOf(armId);
  if (subscription === undefined || subscription === access.arm.subscriptionId.toLowerCase()) return;
  const message = `cannot manage ${armId} with the credential "${access.from}": the credential is for subscription ${access.arm.subscriptionId}; use a credential for the subscription of the resource`;
  throw new StepError('SubscriptionMismatch', message);
}

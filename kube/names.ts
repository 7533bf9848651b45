/** Names of finalizers, field managers and Secrets. They are ASO's where ASO has one. */

import type { ObjectMeta } from './contract.ts';

export const FINALIZER = 'serviceoperator.azure.com/finalizer';
/**
 * The finalizer on a credential Secret while a resource that was claimed with it exists: deleting that resource in
 * Azure needs the credential.
 */
export const CREDENTIAL_FINALIZER = 'azure-temporal-operator.io/credential';

/** All start with the same prefix, which distinguishes this operator's writes from a user's (`applied-version.ts`). */
export const FIELD_MANAGERS = {
  claim: 'azure-temporal-operator/claim',
  status: 'azure-temporal-operator/status',
  secrets: 'azure-temporal-operator/secrets',
  credential: 'azure-temporal-operator/credential',
  lease: 'azure-temporal-operator/lease',
} as const;

/** The Secret that holds the credential of a whole namespace. */
export const NAMESPACE_CREDENTIAL = 'aso-credential';

/** The Secret with the sealing keys, in the operator's own namespace. The name is reserved in every namespace. */
export const SEAL_SECRET = 'azure-temporal-operator-seal';

/** A Secret with this label, whatever its value, belongs to the operator: no resource may read it as an input. */
export const OWN_SECRET_LABEL = 'azure-temporal-operator.io/own';

/** Whether a Secret is the operator's own: whoever may write a resource could otherwise send its values to Azure. */
export function isOwnSecret({ name, labels = {} }: Pick<ObjectMeta, 'name' | 'labels'>): boolean {
  return name === SEAL_SECRET || OWN_SECRET_LABEL in labels;
}

/** Names of finalizers, field managers and Secrets. They are ASO's where ASO has one. */

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

/** The finalizers and field managers by which this operator and ASO mark what is theirs. The same as ASO's where ASO has one. */

export const FINALIZER = 'serviceoperator.azure.com/finalizer';
/** On a credential's Secret, while resources that were claimed with it need it to be deleted. */
export const CREDENTIAL_FINALIZER = 'azure-temporal-operator.io/credential';

/** All begin alike, so that our own writes are told from a user's. */
export const FIELD_MANAGERS = {
  claim: 'azure-temporal-operator/claim',
  status: 'azure-temporal-operator/status',
  secrets: 'azure-temporal-operator/secrets',
  credential: 'azure-temporal-operator/credential',
  lease: 'azure-temporal-operator/lease',
} as const;

/** The Secret that holds the credential of a whole namespace. */
export const NAMESPACE_CREDENTIAL = 'aso-credential';

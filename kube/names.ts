/** The annotations, finalizer and field managers by which this operator and ASO mark what is theirs. The same as ASO's where ASO has one. */

export const FINALIZER = 'serviceoperator.azure.com/finalizer';
/** On a credential's Secret, while resources that were claimed with it need it to be deleted. */
export const CREDENTIAL_FINALIZER = 'azure-temporal-operator.io/credential';

export const ANNOTATIONS = {
  reconcilePolicy: 'serviceoperator.azure.com/reconcile-policy',
  credentialFrom: 'serviceoperator.azure.com/credential-from',
  resourceId: 'serviceoperator.azure.com/resource-id',
  /** Ours: a new value, whichever, means "reconcile now", also where the last reconcile has failed for good. */
  reconcileRequestedAt: 'azure-temporal-operator.io/reconcile-requested-at',
} as const;

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

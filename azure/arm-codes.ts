/**
 * ARM's error codes by retry class, each with one line of advice for the user. The classes are those of Azure Service
 * Operator (PR 5092 and later). Fatal codes are Errors; all others are Warnings.
 */
export const ARM_CODES = {
  Throttled: {
    SubscriptionRequestsThrottled:
      'Nothing: all requests of this class to the subscription wait and then continue slowly. If it persists, spread the load over several subscriptions.',
    TooManyRequests:
      'Nothing: it is retried when Azure allows it. If it persists, change fewer resources of this type at once.',
  },
  Slow: {
    AnotherOperationInProgress: 'Nothing: it continues when the other operation has ended.',
    AuthorizationFailed:
      'Grant the identity of the credential a role on the resource or its resource group; a new role assignment takes minutes to take effect.',
    AllocationFailed: 'Wait, or choose another size, zone or region: Azure has no capacity there at present.',
    Conflict: 'Read the message: the resource is busy, or its name is already in use (then set another azureName).',
    FailedIdentityOperation: 'Check that each referenced identity exists; Azure takes a minute to recognize a new one.',
    InvalidResourceReference: 'Check the ARM ids in the spec: one of them does not exist (yet).',
    InvalidSubscriptionRegistrationState:
      'Nothing while the resource provider is being registered; else run az provider register.',
    LinkedAuthorizationFailed: 'Grant the identity of the credential a role on the resource that the spec refers to.',
    MissingRegistrationForLocation: 'Choose a region in which the resource provider is registered.',
    MissingSubscriptionRegistration: 'Register the resource provider: az provider register --namespace NAME.',
    NoRegisteredProviderFound: 'Choose a region and api-version that this type supports.',
    NotFound: 'Check that everything the spec refers to exists.',
    ParentResourceNotFound: 'Check that the owner exists in Azure. Nothing if it is being created.',
    PrincipalNotFound: 'Check the principal id; Azure takes a minute to recognize a new principal.',
    ResourceGroupNotFound: 'Create the resource group, or correct the owner.',
    ResourceNotFound: 'Check that everything the spec refers to exists.',
    ResourceQuotaExceeded: 'Request more quota, or delete resources that you do not need.',
    RequestDisallowedByPolicy:
      'Change the spec to what the Azure Policy named in the message allows, or request an exemption.',
    SubscriptionNotRegistered: 'Register the resource provider: az provider register --namespace NAME.',
    PreconditionFailed:
      'Nothing: another operation locks the resource, or it was changed after it was read. It is read again and retried.',
    ServiceUnavailable:
      'Nothing: the Azure service is not available at present. If it persists, see the Azure status page.',
    InternalServerError: 'Nothing. If it persists, give the request id to Azure support.',
    StorageAccountIsNotProvisioned: 'Nothing: the account is still being created.',
    StorageAccountAlreadyTaken: 'Set another azureName: storage account names are unique across Azure.',
    ExpiredAuthenticationToken:
      "Nothing: a new token is requested. If it persists, check the clock of the worker's node.",
    InvalidAuthenticationToken:
      'Nothing: a new token is requested. If it persists, correct AZURE_RESOURCE_MANAGER_AUDIENCE or AZURE_AUTHORITY_HOST.',
    InvalidAuthenticationTokenTenant:
      'Correct AZURE_TENANT_ID or AZURE_SUBSCRIPTION_ID: the subscription is in another tenant.',
  },
  VerySlow: {
    BadRequestFormat: 'Correct the spec as the message says.',
    BadRequest: 'Correct the spec as the message says.',
    InvalidResourceGroupLocation: 'The group exists in another region: use that location, or another name.',
    InvalidParameter: 'Correct the field that the message names.',
    InvalidParameterValue: 'Correct the field that the message names.',
    MethodNotAllowed: 'The resource cannot be changed in this way: undo the change, or delete and create the resource.',
    ReservedResourceName: 'Set another azureName: this one is reserved by Microsoft.',
    RegionIsOfferRestricted: 'Choose another region, or request access to this one from Azure support.',
    ScopeLocked: 'Remove the lock from the resource, its group or its subscription.',
    SkuNotAvailable: 'Choose a SKU that is offered in this region to this subscription.',
    SubscriptionNotFound: 'Correct AZURE_SUBSCRIPTION_ID, or grant the identity access to the subscription.',
  },
  Fatal: {
    PublicIpForGatewayIsRequired: 'Give the gateway a public IP address.',
    InvalidResourceType: 'Choose an api-version that has this resource type.',
    InvalidRequestContent: 'Correct the spec: Azure cannot parse the request that results from it.',
    InvalidTemplate: 'Correct the template as the message says.',
    InvalidValuesForRequestParameters: 'Correct the values that the message names.',
    InvalidGatewaySkuProvidedForGatewayVpnType: 'Choose a gateway SKU that fits the VPN type.',
    InvalidGatewaySize: 'Choose a gateway size that exists.',
    K8sVersionNotSupported: 'Choose a Kubernetes version that AKS supports in this region.',
    LocationRequired: 'Set spec.location.',
    MissingRequiredParameter: 'Set the field that the message names.',
    PasswordTooLong: 'Put a shorter password into the Secret.',
    PrivateIPAddressInReservedRange: 'Choose an address outside the reserved range.',
    PrivateIPAddressNotInSubnet: 'Choose an address inside the subnet.',
    PropertyChangeNotAllowed:
      'Undo the change: this property cannot change after creation. Otherwise delete and create the resource.',
  },
} as const;

/**
 * ARM's own error codes, by how soon a retry makes sense, with the one line of what the user does. The classes are
 * those of Azure Service Operator (PR 5092 and later). Fatal is an Error; all others are Warnings.
 */
export const ARM_CODES = {
  Throttled: {
    SubscriptionRequestsThrottled:
      'Nothing: requests of this kind wait for the whole subscription, then go on slowly. If it stays, spread the load over subscriptions.',
    TooManyRequests:
      'Nothing: it is tried again when Azure asked. If it stays, change fewer resources of this kind at once.',
  },
  Slow: {
    AnotherOperationInProgress: 'Nothing: it goes on when the other operation has ended.',
    AuthorizationFailed:
      'Grant the identity of the credential a role on the resource or its group; a new grant takes minutes to work.',
    AllocationFailed: 'Wait, or choose another size, zone or region: Azure has no capacity there now.',
    Conflict:
      'Read the message: the resource is busy, or its name is taken by somebody else (then set another azureName).',
    FailedIdentityOperation: 'Check that each referenced identity exists; a new one takes a minute to be known.',
    InvalidResourceReference: 'Check the ARM ids in the spec: one of them names nothing (yet).',
    InvalidSubscriptionRegistrationState:
      'Nothing while the resource provider is being registered; else run az provider register.',
    LinkedAuthorizationFailed: 'Grant the identity of the credential a role on the resource that the spec refers to.',
    MissingRegistrationForLocation: 'Choose a region in which the resource provider is registered.',
    MissingSubscriptionRegistration: 'Register the resource provider: az provider register --namespace NAME.',
    NoRegisteredProviderFound: 'Choose a region and api-version that this type supports.',
    NotFound: 'Check that everything the spec refers to exists.',
    ParentResourceNotFound: 'Check that the owner exists in Azure; if it is being made, nothing.',
    PrincipalNotFound: 'Check the principal id; a new principal takes a minute to be known.',
    ResourceGroupNotFound: 'Create the resource group, or correct the owner.',
    ResourceNotFound: 'Check that everything the spec refers to exists.',
    ResourceQuotaExceeded: 'Ask for more quota, or delete what is not needed.',
    RequestDisallowedByPolicy:
      'Change the spec to what the Azure Policy named in the message allows, or have an exemption made.',
    SubscriptionNotRegistered: 'Register the resource provider: az provider register --namespace NAME.',
    PreconditionFailed:
      'Nothing: it is locked by another operation, or was changed after it was read; it is read and tried again.',
    ServiceUnavailable: 'Nothing: Azure is not available for this now. See Azure status if it stays.',
    InternalServerError: 'Nothing; if it stays, give the request id to Azure support.',
    StorageAccountIsNotProvisioned: 'Nothing: the account is still being made.',
    StorageAccountAlreadyTaken: 'Set another azureName: storage account names are unique in all of Azure.',
    ExpiredAuthenticationToken:
      "Nothing: another token is asked for. If it stays, look at the clock of the worker's node.",
    InvalidAuthenticationToken:
      'Nothing: another token is asked for. If it stays, correct AZURE_RESOURCE_MANAGER_AUDIENCE or AZURE_AUTHORITY_HOST.',
    InvalidAuthenticationTokenTenant:
      'Correct AZURE_TENANT_ID or AZURE_SUBSCRIPTION_ID: the subscription is in another tenant.',
  },
  VerySlow: {
    BadRequestFormat: 'Correct the spec as the message says.',
    BadRequest: 'Correct the spec as the message says.',
    InvalidResourceGroupLocation: 'The group exists in another region: use that location, or another name.',
    InvalidParameter: 'Correct the field that the message names.',
    InvalidParameterValue: 'Correct the field that the message names.',
    MethodNotAllowed: 'The resource cannot be changed this way: delete and create it, or undo the change.',
    ReservedResourceName: 'Set another azureName: this one is reserved by Microsoft.',
    RegionIsOfferRestricted: 'Choose another region, or ask Azure support for access to this one.',
    ScopeLocked: 'Remove the lock from the resource, its group or its subscription.',
    SkuNotAvailable: 'Choose a SKU that is offered in this region to this subscription.',
    SubscriptionNotFound: 'Correct AZURE_SUBSCRIPTION_ID, or let the identity see the subscription.',
  },
  Fatal: {
    PublicIpForGatewayIsRequired: 'Give the gateway a public IP address.',
    InvalidResourceType: 'Choose an api-version that has this resource type.',
    InvalidRequestContent: 'Correct the spec: Azure cannot read the request made from it.',
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
      'Undo the change: this property is fixed at creation. Else delete and create the resource.',
  },
} as const;

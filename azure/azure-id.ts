import { ownError } from './arm-error.ts';

/**
 * The provider and resource type of a request, in lower case: `microsoft.compute/virtualmachines`. Providers throttle
 * by it. For an extension resource it is the type of the extension; for resource groups and subscriptions it is one of
 * `microsoft.resources`.
 */
export function typeOfRequest(method: string, url: string): string {
  const path = URL.parse(url, 'https://management.azure.com')?.pathname.toLowerCase() ?? '';
  const segments = path.split('/').filter((segment) => segment !== '');
  const at = segments.lastIndexOf('providers');
  const [namespace, ...rest] = at < 0 ? [] : segments.slice(at + 1);
  if (namespace === undefined) return `microsoft.resources/${segments[2] ?? 'subscriptions'}`;
  // A path without a name at its end lists a type or, with POST, is an action on the resource before it.
  if (rest.length % 2 === 1 && method === 'POST') rest.pop();
  return [namespace, ...rest.filter((_segment, index) => index % 2 === 0)].join('/');
}

/**
 * Splits the ARM id of a resource into subscription, resource group and name.
 * @throws ArmError when the id has another type
 */
export function partsOf(id: string, armType: string): { subscriptionId: string; resourceGroup: string; name: string } {
  const parts = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/([^/]+\/[^/]+)\/([^/]+)$/i.exec(id);
  const [, subscriptionId, resourceGroup, type, name] = parts ?? [];
  if (
    subscriptionId !== undefined &&
    resourceGroup !== undefined &&
    name !== undefined &&
    type?.toLowerCase() === armType.toLowerCase()
  ) {
    return { subscriptionId, resourceGroup, name };
  }
  throw ownError('AzureNameInvalid', `The ARM id is not that of a ${armType}; correct spec.owner or spec.azureName.`);
}

import { ownError } from './arm-error.ts';

/**
 * The provider and resource type that a request is about, in lower case: `microsoft.compute/virtualmachines`. Providers
 * count by it. Of an extension resource it is the extension's. A group, and a subscription, are those of
 * `microsoft.resources`.
 */
export function typeOfRequest(method: string, url: string): string {
  const path = URL.parse(url, 'https://management.azure.com')?.pathname.toLowerCase() ?? '';
  const segments = path.split('/').filter((segment) => segment !== '');
  const at = segments.lastIndexOf('providers');
  const [namespace, ...rest] = at < 0 ? [] : segments.slice(at + 1);
  if (namespace === undefined) return `microsoft.resources/${segments[2] ?? 'subscriptions'}`;
  // What has no name is a list of a type, or with POST an action on the resource before it.
  if (rest.length % 2 === 1 && method === 'POST') rest.pop();
  return [namespace, ...rest.filter((_segment, index) => index % 2 === 0)].join('/');
}

/**
 * Subscription, resource group and name in the id of a resource of a type.
 * @throws ArmError when it is the id of something else
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
  throw ownError('AzureNameInvalid', `This is not the ARM id of a ${armType}.`);
}

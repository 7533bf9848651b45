import type { JsonObject } from './contract.ts';

export const RESOURCE_GROUP_TYPE = 'Microsoft.Resources/resourceGroups';
const SUBSCRIPTION_TYPE = 'Microsoft.Resources/subscriptions';

/** The resource type of an ARM id, as written; empty for the tenant. */
export function typeOf(armId: string): string {
  const at = armId.toLowerCase().lastIndexOf('/providers/');
  if (at === -1)
    return /\/resourceGroups\/[^/]+$/i.test(armId) ? RESOURCE_GROUP_TYPE : armId === '' ? '' : SUBSCRIPTION_TYPE;
  const [provider = '', ...rest] = armId.slice(at + '/providers/'.length).split('/');
  return [provider, ...rest.filter((_, index) => index % 2 === 0)].join('/');
}

/** The last name in an ARM id. */
export function nameIn(armId: string): string {
  return armId.slice(armId.lastIndexOf('/') + 1);
}

/** A part of an ARM id, as written; undefined where the id has no such part. */
export function partOfId(armId: string, part: 'subscription' | 'resourceGroup' | 'name'): string | undefined {
  if (part === 'name') return nameIn(armId);
  const segments = armId.split('/');
  const at = segments.findIndex((segment) => segment.toLowerCase() === `${part}s`.toLowerCase());
  return at === -1 ? undefined : segments[at + 1];
}

/** The subscription of an ARM id in lower case; undefined for an id in the tenant or in a management group. */
export function subscriptionOf(armId: string): string | undefined {
  return /^\/subscriptions\/([^/]+)/i.exec(armId)?.[1]?.toLowerCase();
}

/**
 * Parses an ARM id into the parts that `aso.parseResourceId` returns in ASO's CEL expressions. A part that the id does
 * not have is an empty string.
 * @throws Error when the text is not an ARM id.
 */
export function parseResourceId(id: string): JsonObject {
  const segments = id.replace(/\/+$/, '').split('/').slice(1);
  if (!id.startsWith('/') || segments.length < 2 || segments.includes('')) throw new Error('not an ARM id');
  return parsed(segments);
}

function parsed(segments: readonly string[]): JsonObject {
  const after = (name: string): string => {
    const index = segments.findIndex((segment) => segment.toLowerCase() === name);
    return index < 0 ? '' : (segments[index + 1] ?? '');
  };
  const start = segments.findLastIndex((segment) => segment.toLowerCase() === 'providers');
  const inProvider = start < 0 ? [] : segments.slice(start + 2);
  const common = {
    subscriptionId: after('subscriptions'),
    resourceGroupName: after('resourcegroups'),
    provider: '',
    location: after('locations'),
    name: segments.at(-1) ?? '',
  };
  if (start < 0) {
    const [what = ''] = segments.slice(-2);
    const resourceType = { namespace: 'Microsoft.Resources', type: what };
    return { ...common, resourceType, ...(segments.length > 2 ? { parent: parsed(segments.slice(0, -2)) } : {}) };
  }
  const namespace = segments[start + 1] ?? '';
  // `/…/providers/Microsoft.Storage` is the id of the provider itself.
  if (inProvider.length === 0) return { ...common, provider: namespace, resourceType: { namespace, type: '' } };
  const type = inProvider.filter((_segment, index) => index % 2 === 0).join('/');
  const above = segments.slice(0, inProvider.length > 2 ? -2 : start);
  return {
    ...common,
    resourceType: { namespace, type },
    ...(above.length > 0 ? { parent: parsed(above) } : {}),
  };
}

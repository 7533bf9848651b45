import type { JsonObject } from '../contract.ts';

/**
 * An ARM id taken apart, with the names that ASO's expressions give its parts; an absent part is an empty text.
 * @throws Error when it is no ARM id.
 */
export function parseResourceId(id: string): JsonObject {
  const segments = id.replace(/\/+$/, '').split('/').slice(1);
  if (!id.startsWith('/') || segments.length < 2 || segments.includes('')) throw new Error('it is no resource id');
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
  // `/…/providers/NS` names the provider itself.
  if (inProvider.length === 0) return { ...common, provider: namespace, resourceType: { namespace, type: '' } };
  const type = inProvider.filter((_segment, index) => index % 2 === 0).join('/');
  const above = segments.slice(0, inProvider.length > 2 ? -2 : start);
  return {
    ...common,
    resourceType: { namespace, type },
    ...(above.length > 0 ? { parent: parsed(above) } : {}),
  };
}

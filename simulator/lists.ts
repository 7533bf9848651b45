import { childrenOf } from './providers/embedded.ts';
import type { JsonObject } from './json.ts';
import type { Call } from './provider.ts';
import type { Reply } from './reply.ts';
import { roleDefinitions } from './role-definitions.ts';
import type { StoredResource } from './store.ts';

/** GET of a collection: children of a resource, resources of a type in a group or a subscription, groups. */
export function list(call: Call, collection: string): Reply {
  const value: JsonObject[] = members(call, collection).map((resource) => ({
    ...resource.body,
    ...childrenOf(call, resource),
  }));
  const { namespace, subscription } = call.target;
  if (`${namespace ?? ''}/${collection}`.toLowerCase() === 'microsoft.authorization/roledefinitions')
    value.push(...roleDefinitions(subscription));
  return { status: 200, voice: 'generic', body: { value } };
}

function members({ store, target }: Call, collection: string): StoredResource[] {
  const { key, group, namespace, type, subscription } = target;
  const wanted = collection.toLowerCase();
  if (namespace === undefined && wanted === 'resources')
    return store.below(`${key}/`).filter((resource) => resource.type.split('/').length === 2 && !isGroup(resource));
  const prefix = `${key}/${wanted}/`;
  // A subscription's list of a type reaches into its groups.
  if (namespace !== undefined && group === undefined && subscription !== '' && type.endsWith('/'))
    return store
      .below(`/subscriptions/${subscription}/`.toLowerCase())
      .filter((resource) => resource.type.toLowerCase() === `${namespace}/${collection}`.toLowerCase());
  return store.below(prefix).filter((resource) => !resource.key.slice(prefix.length).includes('/'));
}

function isGroup(resource: StoredResource): boolean {
  return resource.type.toLowerCase() === 'microsoft.resources/resourcegroups';
}

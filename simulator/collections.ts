import type { Call } from './provider.ts';
import { builtInRoles } from './providers/built-in-roles.ts';
import { withChildren } from './providers/embedded.ts';
import type { Reply } from './reply.ts';
import type { StoredResource } from './store.ts';

/**
 * GET of a collection: the children of a resource, the resources of a type in a group or subscription, or the groups.
 */
export function listReply(call: Call, collection: string): Reply {
  const value = members(call, collection).map((resource) => withChildren(call, resource));
  const isRoles = /\/microsoft\.authorization\/roledefinitions$/i.test(`/${call.target.type}${collection}`);
  return { status: 200, service: 'generic', body: { value: isRoles ? [...builtInRoles(call), ...value] : value } };
}

function members({ store, target }: Call, collection: string): StoredResource[] {
  const { key, group, namespace, type, subscription } = target;
  const wanted = collection.toLowerCase();
  if (namespace === undefined && wanted === 'resources')
    return store.below(`${key}/`).filter((resource) => resource.type.split('/').length === 2 && !isGroup(resource));
  const prefix = `${key}/${wanted}/`;
  // The list of a type in a subscription includes the resources in all its groups.
  if (namespace !== undefined && group === undefined && subscription !== '' && type.endsWith('/'))
    return store
      .below(`/subscriptions/${subscription}/`.toLowerCase())
      .filter((resource) => resource.type.toLowerCase() === `${namespace}/${collection}`.toLowerCase());
  return store.below(prefix).filter((resource) => !resource.key.slice(prefix.length).includes('/'));
}

function isGroup(resource: StoredResource): boolean {
  return resource.type.toLowerCase() === 'microsoft.resources/resourcegroups';
}

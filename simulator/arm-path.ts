/** An ARM path, parsed: the resource that a request addresses. Keys are in lower case: ARM ids are case-insensitive. */
export interface ArmPath {
  readonly subscription: string;
  /** Name of the resource group, as written; undefined for resources outside of a group. */
  readonly group: string | undefined;
  /** `Microsoft.DBforMySQL`, or undefined when the path is a resource group itself. */
  readonly namespace: string | undefined;
  /** `Microsoft.DBforMySQL/flexibleServers/databases`. */
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly key: string;
  /** Key of the resource that contains this one (not the group); undefined for top-level resources. */
  readonly parentKey: string | undefined;
  readonly parentId: string | undefined;
  /** Id of the top-level resource above this one (itself when it is top-level). */
  readonly topId: string;
  /**
   * An action such as `listKeys`, or a collection: the segment after the last complete pair of type and name, or after
   * the namespace.
   */
  readonly action: string | undefined;
}

/** Store key of a resource group. */
export function groupKey(subscription: string, group: string): string {
  return `/subscriptions/${subscription}/resourcegroups/${group}`.toLowerCase();
}

/** Parses an ARM path without its query; undefined if it is not an ARM path. */
export function parseArmPath(path: string): ArmPath | undefined {
  const segments = path.split('/').filter((segment) => segment !== '');
  // A resource in the tenant, such as a management group.
  if (segments[0]?.toLowerCase() === 'providers') return resourceTarget('', undefined, '', segments);
  const [head, subscription, ...rest] = segments;
  if (head?.toLowerCase() !== 'subscriptions' || subscription === undefined) return undefined;
  let group: string | undefined;
  if (rest[0]?.toLowerCase() === 'resourcegroups' && rest[1] !== undefined) {
    group = rest[1];
    rest.splice(0, 2);
  }
  const scope =
    group === undefined ? `/subscriptions/${subscription}` : `/subscriptions/${subscription}/resourceGroups/${group}`;
  if (rest.length === 0) return groupTarget(subscription, group, scope);
  // `…/resourceGroups` and `…/resources` are collections.
  if (rest.length === 1) return { ...groupTarget(subscription, group, scope), action: rest[0] };
  return rest[0]?.toLowerCase() === 'providers' ? resourceTarget(subscription, group, scope, rest) : undefined;
}

function groupTarget(subscription: string, group: string | undefined, scope: string): ArmPath {
  const type = group === undefined ? 'Microsoft.Resources/subscriptions' : 'Microsoft.Resources/resourceGroups';
  const common = { namespace: undefined, parentKey: undefined, parentId: undefined, topId: scope, action: undefined };
  return { subscription, group, type, name: group ?? subscription, id: scope, key: scope.toLowerCase(), ...common };
}

/** Parses `providers/<namespace>/<type>/<name>/…`, which is repeated for an extension resource of another resource. */
function resourceTarget(
  subscription: string,
  group: string | undefined,
  scope: string,
  rest: string[],
): ArmPath | undefined {
  let id = scope;
  let namespace = '';
  let types: string[] = [];
  let name = '';
  let topId = scope;
  let parentId: string | undefined;
  let action: string | undefined;
  let index = 0;
  while (index < rest.length) {
    const segment = rest[index];
    const next = rest[index + 1];
    if (segment === undefined) break;
    if (next === undefined) {
      action = segment;
      break;
    }
    if (segment.toLowerCase() === 'providers') {
      if (namespace !== '') parentId = id;
      namespace = next;
      types = [];
      id = `${id}/providers/${next}`;
    } else {
      if (types.length > 0) parentId = id;
      types.push(segment);
      name = next;
      id = `${id}/${segment}/${next}`;
      if (topId === scope) topId = id;
    }
    index += 2;
  }
  if (namespace === '' || (types.length === 0 && action === undefined)) return undefined;
  const type = `${namespace}/${types.join('/')}`;
  return {
    subscription,
    group,
    namespace,
    type,
    name,
    id,
    key: id.toLowerCase(),
    parentKey: parentId?.toLowerCase(),
    parentId,
    topId,
    action,
  };
}

import { describe, expect, it } from '@jest/globals';
import { azureId } from '../../../activities/resource/azure-id.ts';
import { typeOf } from '../../../kinds/arm-id.ts';
import type { Kind } from '../../../kinds/contract.ts';
import { loadKindsWithParts } from '../../../kinds/load.ts';

const kinds = loadKindsWithParts();
const subscriptionId = '11111111-1111-1111-1111-111111111111';
const subscription = `/subscriptions/${subscriptionId}`;
const group = `${subscription}/resourceGroups/rg`;
const server = `${group}/providers/Microsoft.DBforMySQL/flexibleServers/x`;
const managementGroup = '/providers/Microsoft.Management/managementGroups/mg';

describe('azureId', () => {
  it.each<
    [reason: string, armType: string, scope: Kind['scope'], parentId: string | undefined, name: string, id: string]
  >([
    [
      'a resource group hangs on the subscription',
      'Microsoft.Resources/resourceGroups',
      'subscription',
      undefined,
      'rg',
      group,
    ],
    [
      'a resource of a group names its provider',
      'Microsoft.DBforMySQL/flexibleServers',
      'resourceGroup',
      group,
      'x',
      server,
    ],
    [
      'a child adds its own type to its parent',
      'Microsoft.DBforMySQL/flexibleServers/databases',
      'resourceGroup',
      server,
      'db',
      `${server}/databases/db`,
    ],
    [
      'ARM ignores case in types',
      'Microsoft.DBforMySQL/flexibleServers/databases',
      'resourceGroup',
      server.toLowerCase(),
      'db',
      `${server.toLowerCase()}/databases/db`,
    ],
    [
      'an extension names its provider after any owner',
      'Microsoft.Authorization/roleAssignments',
      'extension',
      server,
      'ra',
      `${server}/providers/Microsoft.Authorization/roleAssignments/ra`,
    ],
    [
      'an extension of a subscription',
      'Microsoft.Authorization/roleAssignments',
      'extension',
      subscription,
      'ra',
      `${subscription}/providers/Microsoft.Authorization/roleAssignments/ra`,
    ],
    [
      'an extension of a management group',
      'Microsoft.Authorization/roleAssignments',
      'extension',
      managementGroup,
      'ra',
      `${managementGroup}/providers/Microsoft.Authorization/roleAssignments/ra`,
    ],
    [
      'an extension of an extension',
      'Microsoft.Insights/diagnosticSettings',
      'extension',
      `${server}/providers/Microsoft.Quota/quotas/q`,
      'ds',
      `${server}/providers/Microsoft.Quota/quotas/q/providers/Microsoft.Insights/diagnosticSettings/ds`,
    ],
    [
      'a type of the tenant stands alone',
      'Microsoft.Subscription/aliases',
      'tenant',
      undefined,
      'a',
      '/providers/Microsoft.Subscription/aliases/a',
    ],
    [
      'a type of a subscription names its provider after it',
      'Microsoft.Consumption/budgets',
      'subscription',
      undefined,
      'b',
      `${subscription}/providers/Microsoft.Consumption/budgets/b`,
    ],
    [
      'a type of a management group',
      'Microsoft.Authorization/policyDefinitions',
      'managementGroup',
      managementGroup,
      'p',
      `${managementGroup}/providers/Microsoft.Authorization/policyDefinitions/p`,
    ],
    [
      'all names of a nested type, where its parent is no resource of ours',
      'Microsoft.DBforMySQL/flexibleServers/databases',
      'resourceGroup',
      group,
      'x/db',
      `${server}/databases/db`,
    ],
  ])('%s', (_, armType, scope, parentId, azureName, want) => {
    expect(azureId({ kind: { armType, scope }, azureName, parentId, subscriptionId })).toBe(want);
    expect(typeOf(want).toLowerCase()).toBe(armType.toLowerCase());
  });

  it.each<
    [reason: string, armType: string, scope: Kind['scope'], parentId: string | undefined, name: string, says: RegExp]
  >([
    [
      'a name with a slash would address something else',
      'Microsoft.Resources/resourceGroups',
      'subscription',
      undefined,
      'rg/providers/x',
      /one name/,
    ],
    [
      'the same under a parent',
      'Microsoft.DBforMySQL/flexibleServers/databases',
      'resourceGroup',
      server,
      'a/b',
      /one name/,
    ],
    [
      'a nested type needs its parent',
      'Microsoft.DBforMySQL/flexibleServers/databases',
      'resourceGroup',
      group,
      'db',
      /takes 2 names/,
    ],
    [
      'nobody knows which management group',
      'Microsoft.Authorization/policyDefinitions',
      'managementGroup',
      undefined,
      'p',
      /management group/,
    ],
    ['no name', 'Microsoft.DBforMySQL/flexibleServers', 'resourceGroup', group, '', /is empty/],
  ])('refuses: %s', (_, armType, scope, parentId, azureName, says) => {
    expect(() => azureId({ kind: { armType, scope }, azureName, parentId, subscriptionId })).toThrow(says);
  });

  // A GenericResource has its type in its spec.
  const typed = kinds.all().filter(({ armType }) => armType !== '');
  it.each(typed.map((kind): [string, Kind] => [`${kind.kind}.${kind.group}`, kind]))(
    'makes the id of a %s',
    (_, kind) => {
      const chain = chainOf(kind);
      let id: string | undefined;
      for (const [depth, link] of chain.entries())
        id = azureId({ kind: link, azureName: `n${String(depth)}`, parentId: id, subscriptionId });
      // The same, written out from the type alone: the scope, then each part of the type with the name of that level.
      const names = chain.map((_link, depth) => `n${String(depth)}`);
      const [provider, ...types] = kind.armType.split('/');
      const own = types.map((type, index) => `${type}/${names.at(index - types.length) ?? ''}`).join('/');
      const scope =
        names.length > types.length
          ? `${subscription}/resourceGroups/${names[0] ?? ''}`
          : kind.scope === 'tenant'
            ? ''
            : subscription;
      const want =
        kind.kind === 'ResourceGroup'
          ? `${subscription}/resourceGroups/n0`
          : `${scope}/providers/${provider ?? ''}/${own}`;
      // Providers are spelled as the owner's kind spells them; ARM ignores case.
      expect(id?.toLowerCase()).toBe(want.toLowerCase());
      expect(typeOf(want)).toBe(kind.armType);
    },
  );
});

/** The owners of a kind, outermost first; an extension is taken to hang on a resource group. */
function chainOf(kind: Kind): Kind[] {
  if (kind.owner === null) return [kind];
  const owner = kind.owner === 'any' ? { group: 'resources.azure.com', kind: 'ResourceGroup' } : kind.owner;
  return [...chainOf(kinds.find(owner)!), kind];
}

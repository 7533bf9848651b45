import { describe, expect, it } from '@jest/globals';
import { azureId, subscriptionOf } from '../../activities/azure-id.ts';
import type { Kind } from '../../kinds/contract.ts';

const kind = (armType: string, scope: Kind['scope'] = 'resourceGroup'): Kind => ({
  group: 'g',
  kind: 'K',
  plural: 'ks',
  armType,
  apiVersions: [],
  served: {},
  scope,
  owner: null,
  deletable: true,
  existsBy: 'GET',
  azureName: { default: 'metadata.name' },
});
const group = '/subscriptions/s/resourceGroups/rg';

describe('azureId', () => {
  it.each([
    {
      reason: 'a resource group hangs on the subscription',
      kind: kind('Microsoft.Resources/resourceGroups', 'subscription'),
      parent: undefined,
      want: group,
    },
    {
      reason: 'a resource of a group names its provider',
      kind: kind('Microsoft.DBforMySQL/flexibleServers'),
      parent: group,
      want: `${group}/providers/Microsoft.DBforMySQL/flexibleServers/rg`,
    },
    {
      reason: 'a child adds its own type to its parent',
      kind: kind('Microsoft.DBforMySQL/flexibleServers/databases'),
      parent: `${group}/providers/Microsoft.DBforMySQL/flexibleServers/x`,
      want: `${group}/providers/Microsoft.DBforMySQL/flexibleServers/x/databases/rg`,
    },
    {
      reason: 'an extension names its provider after any owner',
      kind: kind('Microsoft.Authorization/roleAssignments', 'extension'),
      parent: group,
      want: `${group}/providers/Microsoft.Authorization/roleAssignments/rg`,
    },
  ])('$reason', ({ kind, parent, want }) => {
    expect(azureId(kind, 'rg', parent, 's')).toBe(want);
  });

  it('reads the subscription of an id, whatever its case', () => {
    expect(subscriptionOf('/Subscriptions/ABC/resourceGroups/x')).toBe('abc');
    expect(subscriptionOf('/providers/x')).toBeUndefined();
  });
});

import { describe, expect, it } from '@jest/globals';
import { parseResourceId } from '../../../kinds/mapping/resource-id.ts';

const absent = { resourceGroupName: '', provider: '', location: '' };
const subscription = {
  ...absent,
  subscriptionId: 's',
  name: 's',
  resourceType: { namespace: 'Microsoft.Resources', type: 'subscriptions' },
};
const group = {
  ...subscription,
  resourceGroupName: 'rg',
  name: 'rg',
  resourceType: { namespace: 'Microsoft.Resources', type: 'resourceGroups' },
  parent: subscription,
};
const network = {
  ...group,
  name: 'v',
  resourceType: { namespace: 'Microsoft.Network', type: 'virtualNetworks' },
  parent: group,
};

describe('parseResourceId', () => {
  it.each([
    { id: '/subscriptions/s', want: subscription, why: 'a subscription' },
    { id: '/subscriptions/s/resourceGroups/rg/', want: group, why: 'a group, with a slash at its end' },
    {
      id: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v',
      want: network,
      why: 'a resource',
    },
    {
      id: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/n',
      want: {
        ...network,
        name: 'n',
        resourceType: { namespace: 'Microsoft.Network', type: 'virtualNetworks/subnets' },
        parent: network,
      },
      why: 'a child',
    },
    {
      id: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/providers/Microsoft.Authorization/locks/l',
      want: {
        ...network,
        name: 'l',
        resourceType: { namespace: 'Microsoft.Authorization', type: 'locks' },
        parent: network,
      },
      why: 'an extension resource: what it extends is above it',
    },
    {
      id: '/subscriptions/s/providers/Microsoft.KeyVault/locations/westus/deletedVaults/v',
      want: {
        location: 'westus',
        resourceType: { namespace: 'Microsoft.KeyVault', type: 'locations/deletedVaults' },
        resourceGroupName: '',
      },
      why: 'what lies under a location',
    },
  ])('$why', ({ id, want }) => {
    expect(parseResourceId(id)).toMatchObject(want);
  });

  it.each(['', 'rg', '/subscriptions', '/subscriptions//resourceGroups/rg'])('refuses "%s"', (id) => {
    expect(() => parseResourceId(id)).toThrow('it is no resource id');
  });
});

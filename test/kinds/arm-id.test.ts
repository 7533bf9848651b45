import { describe, expect, it } from '@jest/globals';
import { nameIn, parseResourceId, partOfId, subscriptionOf } from '../../kinds/arm-id.ts';

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
    expect(() => parseResourceId(id)).toThrow('not an ARM id');
  });
});

describe('parts of an ARM id', () => {
  const id = '/Subscriptions/ABC/resourcegroups/My-RG/providers/Microsoft.KeyVault/vaults/v';

  it.each([
    { why: 'the subscription, as written', id, part: 'subscription', want: 'ABC' },
    { why: 'the resource group, as written', id, part: 'resourceGroup', want: 'My-RG' },
    { why: 'the last name', id, part: 'name', want: 'v' },
    { why: 'an id in the tenant has no subscription', id: '/providers/x/y/z', part: 'subscription', want: undefined },
  ] as const)('$why', ({ id, part, want }) => {
    expect(partOfId(id, part)).toBe(want);
  });

  it('the name of the resource is the last segment', () => expect(nameIn(id)).toBe('v'));

  it('subscriptions are compared in lower case', () => {
    expect(subscriptionOf(id)).toBe('abc');
    expect(subscriptionOf('/providers/x')).toBeUndefined();
  });
});

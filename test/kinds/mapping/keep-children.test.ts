import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../kinds/contract.ts';
import { readRows } from '../../../kinds/load.ts';
import { GROUP_ID, newestShape, quirkDecision } from '../support/quirk-decision.ts';

describe('children that are resources of their own', () => {
  const network = newestShape('network.azure.com', 'VirtualNetwork');
  const subnet = (name: string, addressPrefix: string): JsonObject => ({
    id: `${GROUP_ID}/providers/Microsoft.Network/virtualNetworks/mine/subnets/${name}`,
    name,
    etag: 'W/"1"',
    type: 'Microsoft.Network/virtualNetworks/subnets',
    properties: { addressPrefix, provisioningState: 'Succeeded', delegations: [], unknownToTheTypes: 1 },
  });
  const payload: JsonObject = {
    name: 'mine',
    location: 'westus',
    properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } },
  };
  const existing: JsonObject = { name: 'mine', properties: { subnets: [subnet('a', '10.0.1.0/24')] } };

  it('are sent as Azure has them, without what is read-only', () => {
    const decision = quirkDecision(network, { payload, existing });
    expect(decision).toEqual({
      type: 'payload',
      payload: {
        ...payload,
        properties: {
          addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
          subnets: [
            {
              id: `${GROUP_ID}/providers/Microsoft.Network/virtualNetworks/mine/subnets/a`,
              name: 'a',
              type: 'Microsoft.Network/virtualNetworks/subnets',
              properties: { addressPrefix: '10.0.1.0/24', delegations: [] },
            },
          ],
        },
      },
    });
    // Sent like this they equal the answer, so the children alone cause no PUT.
    const differences = network.differences((decision as { payload: JsonObject }).payload, existing);
    expect(differences.filter(({ path }) => path.includes('subnets'))).toEqual([]);
  });

  it.each<[reason: string, existing: JsonObject | undefined]>([
    ['of a new resource there are none', undefined],
    ['none yet', { name: 'mine', properties: { subnets: [] } }],
    ['nothing known', { name: 'mine' }],
  ])('the payload stays as it is: %s', (_, there) => {
    expect(quirkDecision(network, { payload, ...(there && { existing: there }) })).toEqual({
      type: 'payload',
      payload,
    });
  });

  it('are sent as the spec has them where it names them; the others are kept', () => {
    const balancer = newestShape('network.azure.com', 'LoadBalancer');
    const rule = (name: string, frontendPort: number): JsonObject => ({ name, properties: { frontendPort } });
    const decision = quirkDecision(balancer, {
      payload: { name: 'mine', properties: { inboundNatRules: [rule('One', 80)] } },
      existing: { properties: { inboundNatRules: [rule('one', 8080), rule('two', 22)] } },
    });
    expect(decision).toEqual({
      type: 'payload',
      payload: { name: 'mine', properties: { inboundNatRules: [rule('One', 80), rule('two', 22)] } },
    });
  });

  it.each([
    ['NetworkSecurityGroup', 'network.azure.com', 'properties.securityRules'],
    ['RouteTable', 'network.azure.com', 'properties.routes'],
    ['LoadBalancer', 'network.azure.com', 'properties.inboundNatRules'],
    ['VirtualNetwork', 'network.azure.com', 'properties.subnets'],
    ['VirtualMachineScaleSet', 'compute.azure.com', 'properties.virtualMachineProfile.extensionProfile.extensions'],
  ])('of a %s.%s are at %s', (kind, groupName, path) => {
    const steps = path.split('.');
    const put = (value: JsonObject[string]): JsonObject =>
      steps.reduceRight<JsonObject[string]>((inner, name) => ({ [name]: inner }), value) as JsonObject;
    const decision = quirkDecision(newestShape(groupName, kind), {
      payload: {},
      existing: put([{ name: 'child', properties: {} }]),
    });
    expect(decision).toEqual({ type: 'payload', payload: put([{ name: 'child', properties: {} }]) });
  });

  it('are known for every row with keepChildren', () => {
    const without = readRows().filter(
      (row) => row.shape?.keepChildren && !newestShape(row.group, row.kind).quirk.beforePut,
    );
    expect(without.map(({ kind }) => kind)).toEqual([]);
  });
});

import { describe, expect, it } from '@jest/globals';
import type { JsonObject, Shape, Verdict } from '../../../kinds/contract.ts';
import { loadKinds, readRows } from '../../../kinds/load.ts';

const kinds = loadKinds();
const group = '/subscriptions/s/resourceGroups/rg';

function shapeOf(groupName: string, kind: string): Shape {
  const found = kinds.find({ group: groupName, kind })!;
  return kinds.shape(found, found.apiVersions.at(-1)!);
}

/** The verdict on a payload; `answers` are those to the lookups of the kind. */
function decide(
  shape: Shape,
  input: { payload: JsonObject; existing?: JsonObject; armId?: string; answers?: (JsonObject | undefined)[] },
): Verdict {
  const { payload, existing, armId = `${group}/providers/${shape.kind.armType}/mine`, answers = [] } = input;
  return shape.quirk.beforePut!({ payload, existing, armId, apiVersion: shape.apiVersion, answers });
}

describe('children that are resources of their own', () => {
  const network = shapeOf('network.azure.com', 'VirtualNetwork');
  const subnet = (name: string, addressPrefix: string): JsonObject => ({
    id: `${group}/providers/Microsoft.Network/virtualNetworks/mine/subnets/${name}`,
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
    const verdict = decide(network, { payload, existing });
    expect(verdict).toEqual({
      is: 'payload',
      payload: {
        ...payload,
        properties: {
          addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
          subnets: [
            {
              id: `${group}/providers/Microsoft.Network/virtualNetworks/mine/subnets/a`,
              name: 'a',
              type: 'Microsoft.Network/virtualNetworks/subnets',
              properties: { addressPrefix: '10.0.1.0/24', delegations: [] },
            },
          ],
        },
      },
    });
    // Sent like this they equal the answer, so the children alone cause no PUT.
    const differences = network.differences((verdict as { payload: JsonObject }).payload, existing);
    expect(differences.filter(({ path }) => path.includes('subnets'))).toEqual([]);
  });

  it.each<[reason: string, existing: JsonObject | undefined]>([
    ['of a new resource there are none', undefined],
    ['none yet', { name: 'mine', properties: { subnets: [] } }],
    ['nothing known', { name: 'mine' }],
  ])('the payload stays as it is: %s', (_, there) => {
    expect(decide(network, { payload, ...(there && { existing: there }) })).toEqual({ is: 'payload', payload });
  });

  it('are sent as the spec has them where it names them; the others are kept', () => {
    const balancer = shapeOf('network.azure.com', 'LoadBalancer');
    const rule = (name: string, frontendPort: number): JsonObject => ({ name, properties: { frontendPort } });
    const verdict = decide(balancer, {
      payload: { name: 'mine', properties: { inboundNatRules: [rule('One', 80)] } },
      existing: { properties: { inboundNatRules: [rule('one', 8080), rule('two', 22)] } },
    });
    expect(verdict).toEqual({
      is: 'payload',
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
    const verdict = decide(shapeOf(groupName, kind), {
      payload: {},
      existing: put([{ name: 'child', properties: {} }]),
    });
    expect(verdict).toEqual({ is: 'payload', payload: put([{ name: 'child', properties: {} }]) });
  });

  it('are known for every row with keepChildren', () => {
    const without = readRows().filter(
      (row) => row.shape?.keepChildren && !shapeOf(row.group, row.kind).quirk.beforePut,
    );
    expect(without.map(({ kind }) => kind)).toEqual([]);
  });
});

import { describe, expect, it } from '@jest/globals';
import type { JsonObject, Shape } from '../../../kinds/contract.ts';
import { loadKinds, readRows } from '../../../kinds/load.ts';
import type { Lookup, Quirk, Verdict } from '../../../kinds/quirks/contract.ts';
import { quirkOf } from '../../../kinds/quirks/registry.ts';

const kinds = loadKinds();
const group = '/subscriptions/s/resourceGroups/rg';

function shapeOf(groupName: string, kind: string): Shape {
  const found = kinds.find({ group: groupName, kind })!;
  return kinds.shape(found, found.apiVersions.at(-1)!);
}

/** What a kind would send; `answers` are those to its lookups. */
function decide(
  shape: Shape,
  input: { payload: JsonObject; existing?: JsonObject; armId?: string; answers?: (JsonObject | undefined)[] },
): Verdict {
  const { payload, existing, armId = `${group}/providers/${shape.kind.armType}/mine`, answers = [] } = input;
  return shape.quirk.beforePut!({ payload, existing, armId, apiVersion: shape.apiVersion, answers });
}

function reads(shape: Shape, payload: JsonObject, existing?: JsonObject): readonly Lookup[] {
  const armId = `${group}/providers/${shape.kind.armType}/mine`;
  return shape.quirk.reads!({ payload, existing, armId, apiVersion: shape.apiVersion });
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

  it('are sent as Azure has them, without what is read only', () => {
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
    // Sent like this they differ in nothing, so nothing is sent again for the children alone.
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

  it('go as the spec has them where it names them; the others are kept', () => {
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

  it('are known for every row that has such', () => {
    const without = readRows().filter(
      (row) => row.shape?.keepChildren && !shapeOf(row.group, row.kind).quirk.beforePut,
    );
    expect(without.map(({ kind }) => kind)).toEqual([]);
  });
});

describe('a role assignment', () => {
  const shape = shapeOf('authorization.azure.com', 'RoleAssignment');
  const payload = (role: string): JsonObject => ({
    name: 'mine',
    properties: { principalId: 'p', roleDefinitionId: role },
  });
  const definitions = '/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions';
  const uuid = '4d97b98b-1d4f-4787-a291-c67834d212e7';
  const role = (name: string, roleName: string, type = 'BuiltInRole'): JsonObject => ({
    name,
    properties: { roleName, type },
  });

  it('looks a role up by name, in the subscription', () => {
    expect(reads(shape, payload("Bob's Role"))).toEqual([
      { id: definitions, apiVersion: '2022-04-01', filter: "roleName eq 'Bob''s Role'" },
    ]);
  });

  it.each<[reason: string, role: string, answer: JsonObject | undefined, want: string]>([
    [
      'by its name in any case',
      'network contributor',
      { value: [role('x', 'Network'), role(uuid, 'Network Contributor')] },
      `${definitions}/${uuid}`,
    ],
    ['by its UUID', uuid, undefined, `${definitions}/${uuid}`],
    ['an id stays', `${definitions}/other`, undefined, `${definitions}/other`],
  ])('takes the role %s', (_, given, answer, want) => {
    expect(decide(shape, { payload: payload(given), answers: [answer] })).toEqual({
      is: 'payload',
      payload: payload(want),
    });
  });

  it.each<[reason: string, answer: JsonObject | undefined]>([
    ['nobody has one of that name', { value: [] }],
    ['it is a role that somebody made', { value: [role(uuid, 'Reader', 'CustomRole')] }],
    ['Azure lists none', undefined],
  ])('waits for the role to be named right: %s', (_, answer) => {
    expect(decide(shape, { payload: payload('Reader'), answers: [answer] })).toMatchObject({
      is: 'refused',
      reason: 'ReferenceNotFound',
      fatal: false,
    });
  });

  it('needs no lookup for an id or a UUID', () => {
    expect([reads(shape, payload(uuid)), reads(shape, payload(`${definitions}/x`)), reads(shape, {})]).toEqual([
      [],
      [],
      [],
    ]);
  });
});

describe('a key vault', () => {
  const shape = shapeOf('keyvault.azure.com', 'Vault');
  const payload = (createMode?: string): JsonObject => ({
    name: 'mine',
    location: 'West US 2',
    properties: { tenantId: 't', ...(createMode !== undefined && { createMode }) },
  });
  const lingering = '/subscriptions/s/providers/Microsoft.KeyVault/locations/westus2/deletedVaults/mine';
  const deletedIn = (resourceGroup: string): JsonObject => ({
    properties: {
      vaultId: `/subscriptions/s/resourceGroups/${resourceGroup}/providers/Microsoft.KeyVault/vaults/mine`,
    },
  });

  it.each<[reason: string, mode: string, answer: JsonObject | undefined, want: string]>([
    ['nothing to recover', 'createOrRecover', undefined, 'default'],
    ['the deleted one comes back', 'createOrRecover', deletedIn('RG'), 'recover'],
    ['nothing to purge', 'purgeThenCreate', undefined, 'default'],
    ["recover is Azure's own word", 'recover', undefined, 'recover'],
    ['default too', 'default', undefined, 'default'],
  ])('%s: %s', (_, mode, answer, want) => {
    expect(decide(shape, { payload: payload(mode), answers: [answer] })).toEqual({
      is: 'payload',
      payload: payload(want),
    });
  });

  it('is purged before it is made anew', () => {
    expect(decide(shape, { payload: payload('purgeThenCreate'), answers: [deletedIn('rg')] })).toEqual({
      is: 'remove',
      target: { id: lingering, apiVersion: shape.apiVersion },
      action: 'purge',
    });
  });

  it('cannot come back in another group', () => {
    expect(decide(shape, { payload: payload('createOrRecover'), answers: [deletedIn('other')] })).toMatchObject({
      is: 'refused',
      fatal: true,
    });
  });

  it('asks for a deleted one only when it is not there and the mode wants to know', () => {
    expect(reads(shape, payload('createOrRecover'))).toEqual([{ id: lingering, apiVersion: shape.apiVersion }]);
    expect([
      reads(shape, payload('createOrRecover'), {}),
      reads(shape, payload('default')),
      reads(shape, payload()),
    ]).toEqual([[], [], []]);
  });

  it('that exists is updated, whatever the mode says', () => {
    expect(decide(shape, { payload: payload('createOrRecover'), existing: {} })).toEqual({
      is: 'payload',
      payload: payload('default'),
    });
  });
});

describe('refusals that a kind takes in its own way', () => {
  const cosmos = { group: 'documentdb.azure.com', kind: 'DatabaseAccount' };
  const highDemand = 'Sorry, we are currently experiencing high demand in this region';
  it.each<
    [
      why: string,
      id: { group: string; kind: string },
      code: string,
      message: string,
      want: ReturnType<NonNullable<Quirk['retryOf']>>,
    ]
  >([
    ['retrying breaks the account', cosmos, 'ServiceUnavailable', highDemand, 'Fatal'],
    ['another unavailability of the account', cosmos, 'ServiceUnavailable', 'm', undefined],
    ['other kinds may retry', { ...cosmos, kind: 'SqlDatabase' }, 'ServiceUnavailable', highDemand, undefined],
    [
      'compute quota may be raised',
      { group: 'compute.azure.com', kind: 'VirtualMachine' },
      'OperationNotAllowed',
      'm',
      'Slow',
    ],
    [
      'that of a scale set too',
      { group: 'compute.azure.com', kind: 'VirtualMachineScaleSet' },
      'OperationNotAllowed',
      'm',
      'Slow',
    ],
    ['elsewhere the code means anything', cosmos, 'OperationNotAllowed', 'm', undefined],
  ])('%s', (_, id, code, message, want) => {
    expect(quirkOf(id).retryOf?.({ status: 400, code, message })).toBe(want);
  });
});

import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../kinds/contract.ts';
import { readGenericTypes } from '../../../kinds/generic/generic-types.ts';
import { loadKinds } from '../../../kinds/load.ts';

const kinds = loadKinds({ genericTypes: readGenericTypes({ GENERIC_RESOURCE_TYPES: '*' }) });
const kind = kinds.find({ group: 'generic.azure-temporal-operator.io', kind: 'GenericResource' })!;
const spec: JsonObject = {
  type: 'Microsoft.Maps/accounts',
  apiVersion: '2023-06-01',
  owner: { group: 'resources.azure.com', kind: 'ResourceGroup', name: 'rg' },
  body: { location: 'westus2', sku: { name: 'G2' }, properties: { list: [{ a: 1 }] } },
  secrets: [{ path: 'properties.list[0].token', secretRef: { name: 'in', key: 'token' } }],
  references: [
    {
      path: 'properties.subnetId',
      reference: { group: 'network.azure.com', kind: 'VirtualNetworksSubnet', name: 'sub' },
    },
    { path: 'properties.other', reference: { armId: '/subscriptions/s/resourceGroups/x' } },
  ],
  operatorSpec: {
    secrets: { first: { post: 'listKeys', path: 'primaryKey', name: 'out', key: 'key' } },
    configMaps: { id: { path: 'properties.uniqueId', name: 'out', key: 'id' } },
    secretExpressions: [{ name: 'out', key: 'both', value: 'secret.first + self.metadata.name' }],
  },
};
const shape = kinds.shapeFor(kind, { versionName: 'v1', spec });
const SECRET = 'secrets[0].secretRef';
const inputs = new Map([
  [SECRET, 'hush'],
  ['references[0].reference', '/sub'],
  ['references[1].reference', '/subscriptions/s/resourceGroups/x'],
]);

/** The answer of Azure, without the secret. */
const ANSWERED: JsonObject = { list: [{ a: 1 }], subnetId: '/SUB', other: '/subscriptions/s/resourceGroups/x/' };
const REST: JsonObject = { location: 'westus2', sku: { name: 'G2' } };

describe('GenericResource', () => {
  it('is found like every kind', () => {
    expect(kinds.all()).toContain(kind);
    expect(shape).toMatchObject({
      apiVersion: '2023-06-01',
      kind: { armType: 'Microsoft.Maps/accounts', owner: 'any', plural: 'genericresources' },
    });
  });

  it.each<[reason: string, more: JsonObject, want: JsonObject]>([
    ['in the tenant', { scope: 'tenant' }, { scope: 'tenant', owner: null }],
    ['in the subscription', { scope: 'subscription' }, { scope: 'subscription', owner: null }],
    ['below an owner by ARM id', { owner: { armId: '/subscriptions/s' } }, { owner: 'any' }],
  ])('can be %s', (_, more, want) => {
    const { owner: _owner, ...rest } = spec;
    expect(kinds.shapeFor(kind, { versionName: 'v1', spec: { ...rest, ...more } }).kind).toMatchObject(want);
  });

  it('reads its Secrets and references', () => {
    expect(shape.inputs(spec)).toEqual([
      { type: 'secret', path: SECRET, name: 'in', key: 'token' },
      {
        type: 'reference',
        path: 'references[0].reference',
        group: 'network.azure.com',
        kind: 'VirtualNetworksSubnet',
        name: 'sub',
      },
      { type: 'armId', path: 'references[1].reference', armId: '/subscriptions/s/resourceGroups/x' },
    ]);
  });

  it('sends its body with the values it read, and does not change the spec', () => {
    const before = structuredClone(spec);
    expect(shape.payload({ spec, name: 'mine', inputs })).toEqual({
      name: 'mine',
      location: 'westus2',
      sku: { name: 'G2' },
      properties: { list: [{ a: 1, token: 'hush' }], subnetId: '/sub', other: '/subscriptions/s/resourceGroups/x' },
    });
    expect(spec).toEqual(before);
  });

  it('sends the ids of user-assigned identities as keys, beside those in the body', () => {
    const given: JsonObject = {
      ...spec,
      body: { identity: { type: 'UserAssigned', userAssignedIdentities: { '/other': {} } } },
      secrets: [],
      references: [{ path: 'identity.userAssignedIdentities', reference: { armId: '/mine' } }],
    };
    const [input] = shape.inputs(given);
    expect(shape.payload({ spec: given, name: 'mine', inputs: new Map([[input!.path, '/mine']]) })).toEqual({
      name: 'mine',
      identity: { type: 'UserAssigned', userAssignedIdentities: { '/other': {}, '/mine': {} } },
    });
  });

  it('sends the id as a value at a path that only sounds like it', () => {
    const path = 'properties.platform.operatorsAuthentication.userAssignedIdentities.serviceManagedIdentity';
    const given: JsonObject = { ...spec, body: {}, secrets: [], references: [{ path, reference: { armId: '/mine' } }] };
    const [input] = shape.inputs(given);
    expect(shape.problems(given)).toEqual([]);
    expect(shape.payload({ spec: given, name: 'mine', inputs: new Map([[input!.path, '/mine']]) })).toMatchObject({
      properties: {
        platform: { operatorsAuthentication: { userAssignedIdentities: { serviceManagedIdentity: '/mine' } } },
      },
    });
  });

  it('finds no drift in what Azure answers for an identity', () => {
    const payload: JsonObject = {
      identity: { type: 'UserAssigned', userAssignedIdentities: { '/resourceGroups/RG/x': {} } },
    };
    const known = { '/resourcegroups/rg/x': { clientId: 'c', principalId: 'p' } };
    const answer = { identity: { type: 'UserAssigned', userAssignedIdentities: known } };
    expect(shape.differences(payload, answer)).toEqual([]);
  });

  it.each<[reason: string, reference: JsonObject, field: string, message: RegExp]>([
    [
      'an index: the ids are keys, not items',
      { path: 'identity.userAssignedIdentities[0]', reference: { armId: '/mine' } },
      'references[0].path',
      /end the path with userAssignedIdentities/,
    ],
    [
      'a key: the id is not known when the spec is written',
      { path: 'identity.userAssignedIdentities.mine', reference: { armId: '/mine' } },
      'references[0].path',
      /end the path with userAssignedIdentities/,
    ],
    [
      'a reference without a kind: it would be left out of the body',
      { path: 'properties.subnetId', reference: { group: 'network.azure.com', name: 'sub' } },
      'references[0].reference',
      /all of group, kind and name/,
    ],
  ])('refuses %s', (_, reference, field, message) => {
    const given: JsonObject = { ...spec, references: [reference] };
    expect(shape.problems(given)).toEqual([{ field, message: expect.stringMatching(message) }]);
  });

  it('names the field that has no value', () => {
    expect(() => shape.payload({ spec, name: 'mine', inputs: new Map() })).toThrow(
      `no value was read for spec.${SECRET}`,
    );
  });

  it('shows the answer of Azure without secrets', () => {
    const answer: JsonObject = {
      id: '/x',
      conditions: [],
      properties: {
        state: 'ok',
        list: [{ a: 1, token: 'hush' }],
        primaryKey: 'k',
        adminPassword: 'p',
        connectionString: 'c',
        publicKey: 'shown',
        keys: [{ accessKey: 'k' }],
      },
    };
    expect(shape.status(answer)).toEqual({
      id: '/x',
      properties: { state: 'ok', list: [{ a: 1 }], publicKey: 'shown', keys: [{}] },
    });
  });

  it.each([
    ['a signed URL', 'https://x.blob.core.windows.net/c?sv=1&sig=abc'],
    ['a connection string', 'Endpoint=sb://x/;SharedAccessKey=abc'],
  ])('hides %s under any name', (_, text) => {
    expect(shape.status({ properties: { note: text, notes: [text], state: 'ok' } })).toEqual({
      properties: { notes: [], state: 'ok' },
    });
  });

  it('exports what operatorSpec names', () => {
    expect(shape.exports(spec).map(({ target, field, source }) => [target, field, source])).toEqual([
      ['Secret', 'first', { from: 'action', action: 'listKeys', path: 'primaryKey' }],
      ['ConfigMap', 'id', { from: 'answer', path: 'properties.uniqueId' }],
    ]);
    expect(shape.expressions(spec)[0]?.secrets).toEqual({
      first: { from: 'action', action: 'listKeys', path: 'primaryKey' },
    });
  });

  it.each<[reason: string, answer: JsonObject, drifted: string[]]>([
    ['the same', {}, []],
    ['as ARM spells it', { location: 'West US 2', sku: { Name: 'g2' } }, []],
    ['with more than was sent', { sku: { name: 'G2', tier: 'x' }, extra: 1 }, []],
    ['another value', { sku: { name: 'S1' } }, ['sku.name']],
    ['an emptied list', { properties: { ...ANSWERED, list: [] } }, ['properties.list']],
    ['a list with more', { properties: { ...ANSWERED, list: [{ a: 2 }, { a: 1 }] } }, ['properties.list']],
    ['a masked secret', { properties: { ...ANSWERED, list: [{ a: 1, token: '****' }] } }, []],
    [
      'what is not answered, secrets aside',
      { properties: { list: [{ a: 1 }] } },
      ['properties.subnetId', 'properties.other'],
    ],
  ])('compares with the answer of Azure: %s', (_, answer, drifted) => {
    const payload = shape.payload({ spec, name: 'mine', inputs });
    const differences = shape.differences(payload, { ...REST, properties: ANSWERED, ...answer });
    expect(differences.map(({ path }) => path)).toEqual(drifted);
  });
});

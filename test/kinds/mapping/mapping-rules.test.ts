import { describe, expect, it } from '@jest/globals';

import type { JsonObject, Resolved } from '../../../kinds/contract.ts';
import { loadKinds } from '../../../kinds/load.ts';

const kinds = loadKinds();

/** A shape at the newest api-version of the kind, or at the given one. */
function shapeOf(id: string, apiVersion?: string) {
  const [kind = '', ...group] = id.split('.');
  const found = kinds.find({ group: group.join('.'), kind })!;
  return kinds.shape(found, apiVersion ?? found.apiVersions.at(-1)!);
}

const ACCOUNT = shapeOf('DatabaseAccount.documentdb.azure.com', '2021-05-15');
const CONTAINER = shapeOf('SqlDatabaseContainer.documentdb.azure.com', '2023-11-15');
const CLUSTER = shapeOf('ManagedCluster.containerservice.azure.com', '2024-09-01');
const STORAGE = shapeOf('StorageAccount.storage.azure.com', '2023-01-01');
const POLICY = shapeOf('StorageAccountsManagementPolicy.storage.azure.com', '2023-01-01');
const REDIS = shapeOf('Redis.cache.azure.com', '2020-12-01');
const ROLE = shapeOf('RoleAssignment.authorization.azure.com', '2022-04-01');
const ACTIONS = shapeOf('ActionGroup.insights.azure.com');
const HUB = shapeOf('IotHub.devices.azure.com');
const EXTENSION = shapeOf('VirtualMachinesExtension.compute.azure.com');
const RULE = shapeOf('Rule.cdn.azure.com');
const GROUP = shapeOf('ContainerGroup.containerinstance.azure.com');
const METRIC = shapeOf('MetricAlert.insights.azure.com');

interface Case {
  readonly reason: string;
  readonly shape: typeof ACCOUNT;
  readonly spec: JsonObject;
  readonly inputs?: Resolved;
  readonly payload: JsonObject;
}

const lists: Case[] = [
  {
    reason: 'an empty list is left out: Azure would take it for "remove all"',
    shape: ACCOUNT,
    spec: { ipRules: [], tags: {} },
    payload: { properties: {} },
  },
  {
    reason: 'one that Azure requires is sent: without it the whole request is refused',
    shape: ACCOUNT,
    spec: { locations: [], kind: 'MongoDB' },
    payload: { kind: 'MongoDB', properties: { locations: [] } },
  },
  {
    reason: 'an empty list in a list keeps its place: the second must not become the first',
    shape: CONTAINER,
    spec: { resource: { id: 'c', indexingPolicy: { compositeIndexes: [[], [{ path: '/a' }]] } } },
    payload: { properties: { resource: { id: 'c', indexingPolicy: { compositeIndexes: [[], [{ path: '/a' }]] } } } },
  },
  {
    reason: 'storage takes null for "none", at every depth of what is sent, lists in lists included',
    shape: POLICY,
    spec: { policy: { rules: [{ name: 'r', definition: { filters: { blobTypes: ['blockBlob'] } } }] } },
    payload: {
      properties: {
        policy: {
          rules: [
            {
              name: 'r',
              definition: { filters: { blobTypes: ['blockBlob'], blobIndexMatch: null, prefixMatch: null } },
            },
          ],
        },
      },
    },
  },
  {
    reason: '... but nothing for an object that is not there: null in it would create it',
    shape: STORAGE,
    spec: { location: 'x' },
    payload: { location: 'x', tags: null },
  },
  {
    reason: 'where AKS wants a list or map emptied it is sent empty, in the items of a list too; else null',
    shape: CLUSTER,
    spec: { agentPoolProfiles: [{ name: 'p', availabilityZones: [] }] },
    payload: {
      tags: {},
      properties: {
        addonProfiles: null,
        identityProfile: null,
        privateLinkResources: null,
        agentPoolProfiles: [{ name: 'p', availabilityZones: null, nodeLabels: {}, nodeTaints: [], tags: {} }],
      },
    },
  },
  {
    reason: 'an object that Azure requires is there even when nothing in it is set, since its fields moved up',
    shape: GROUP,
    spec: { initContainers: [{ name: 'i' }] },
    payload: { properties: { initContainers: [{ name: 'i', properties: {} }] } },
  },
];

const ids: Case[] = [
  {
    reason: 'identities become a map keyed by id; the rest of `identity` stays',
    shape: ACCOUNT,
    spec: {
      identity: {
        type: 'UserAssigned',
        userAssignedIdentities: [{ reference: { armId: '/i' } }, { reference: { armId: '/j' } }],
      },
    },
    inputs: new Map([
      ['identity.userAssignedIdentities[0].reference', '/i'],
      ['identity.userAssignedIdentities[1].reference', '/j'],
    ]),
    payload: { identity: { type: 'UserAssigned', userAssignedIdentities: { '/i': {}, '/j': {} } }, properties: {} },
  },
  {
    reason: 'a list of references becomes a list of ids under the name on the wire, in its order',
    shape: shapeOf('DatabaseAccount.documentdb.azure.com', '2024-08-15'),
    spec: { networkAclBypassResourceReferences: [{ armId: '/b' }, { armId: '/a' }] },
    inputs: new Map([
      ['networkAclBypassResourceReferences[0]', '/b'],
      ['networkAclBypassResourceReferences[1]', '/a'],
    ]),
    payload: { properties: { networkAclBypassResourceIds: ['/b', '/a'] } },
  },
  {
    reason: 'references in a map keep their keys, dots included',
    shape: CLUSTER,
    spec: { identity: { delegatedResources: { 'a.b': { resourceReference: { armId: '/r' } } } } },
    inputs: new Map([['identity.delegatedResources.a.b.resourceReference', '/r']]),
    payload: {
      tags: {},
      identity: { delegatedResources: { 'a.b': { resourceId: '/r' } } },
    },
  },
  {
    reason: 'no identities are left out, as in ASO, also where empty lists and maps are sent as null',
    shape: CLUSTER,
    spec: { identity: { type: 'SystemAssigned' } },
    payload: { tags: {}, identity: { type: 'SystemAssigned', delegatedResources: null } },
  },
  {
    reason: '... and an empty list of them, as in ASO',
    shape: STORAGE,
    spec: { identity: { type: 'None', userAssignedIdentities: [] } },
    payload: { tags: null, identity: { type: 'None' } },
  },
  {
    reason: 'a field for a reference begins with a lower-case letter; the property keeps its capital',
    shape: shapeOf('Component.insights.azure.com'),
    spec: { workspaceResourceReference: { armId: '/w' } },
    inputs: new Map([['workspaceResourceReference', '/w']]),
    payload: { properties: { WorkspaceResourceId: '/w' } },
  },
  {
    reason: 'a well-known name is sent as it is',
    shape: ROLE,
    spec: { principalId: 'p', roleDefinitionReference: { wellKnownName: 'Contributor' } },
    payload: { properties: { principalId: 'p', roleDefinitionId: 'Contributor' } },
  },
  {
    reason: 'where the plain string stays beside the reference, the string is sent',
    shape: METRIC,
    spec: { actions: [{ actionGroupId: '/g' }] },
    payload: { properties: { actions: [{ actionGroupId: '/g' }] } },
  },
];

const values: Case[] = [
  {
    reason: 'a value from a Secret in the items of a list goes where the plain one would',
    shape: ACTIONS,
    spec: {
      webhookReceivers: [
        { name: 'w', serviceUriFromSecret: { name: 's', key: 'k' } },
        { name: 'v', serviceUri: 'u' },
      ],
    },
    inputs: new Map([['webhookReceivers[0].serviceUriFromSecret', 'https://secret']]),
    payload: {
      properties: {
        webhookReceivers: [
          { name: 'w', serviceUri: 'https://secret' },
          { name: 'v', serviceUri: 'u' },
        ],
      },
    },
  },
  {
    reason: 'a secret in the values of a map',
    shape: HUB,
    spec: {
      properties: { storageEndpoints: { $default: { connectionString: { name: 's', key: 'k' }, containerName: 'c' } } },
    },
    inputs: new Map([['properties.storageEndpoints.$default.connectionString', 'conn']]),
    payload: { properties: { storageEndpoints: { $default: { connectionString: 'conn', containerName: 'c' } } } },
  },
  {
    reason: 'a whole Secret becomes an object',
    shape: EXTENSION,
    spec: { protectedSettings: { name: 's' }, settings: { a: 1 } },
    inputs: new Map([['protectedSettings', { user: 'u', pass: 'p' }]]),
    payload: { properties: { protectedSettings: { user: 'u', pass: 'p' }, settings: { a: 1 } } },
  },
  {
    reason: 'further properties stand beside the known ones, whatever they are called',
    shape: REDIS,
    spec: {
      redisConfiguration: {
        'maxmemory-delta': '1',
        additionalProperties: JSON.parse('{"other":"2","__proto__":"3","constructor":"4"}') as JsonObject,
      },
    },
    payload: {
      properties: {
        redisConfiguration: JSON.parse(
          '{"maxmemory-delta":"1","other":"2","__proto__":"3","constructor":"4"}',
        ) as JsonObject,
      },
    },
  },
  {
    reason: 'a variant says which it is, and says so first: some readers at Azure look no further',
    shape: ACCOUNT,
    spec: { backupPolicy: { continuous: {} } },
    payload: { properties: { backupPolicy: { type: 'Continuous' } } },
  },
  {
    reason: '`properties` with variants stays in the spec: its fields are the variants',
    shape: shapeOf('Server.dbformariadb.azure.com'),
    spec: { location: 'x', properties: { default: { createMode: 'Default', administratorLogin: 'a' } } },
    payload: { location: 'x', properties: { createMode: 'Default', administratorLogin: 'a' } },
  },
  {
    reason: 'a secret of unknown type is one value of a Secret, not all of them',
    shape: shapeOf('ManagedEnvironment.app.azure.com'),
    spec: { customDomainConfiguration: { certificateValue: { name: 's', key: 'k' } } },
    inputs: new Map([['customDomainConfiguration.certificateValue', 'cert']]),
    payload: { properties: { customDomainConfiguration: { certificateValue: 'cert' } } },
  },
  {
    reason: 'an object that the row adds, because the types of the api-version lack it',
    shape: shapeOf('Site.web.azure.com', '2025-05-01'),
    spec: { functionAppConfig: { siteUpdateStrategy: { type: 'RollingUpdate' } } },
    payload: { properties: { functionAppConfig: { siteUpdateStrategy: { type: 'RollingUpdate' } } } },
  },
  {
    reason: 'a field that has another name in the spec',
    shape: RULE,
    spec: { order: 1, ruleconditions: [] },
    payload: { properties: { order: 1 } },
  },
];

function sent({ shape, spec, inputs = new Map() }: Case): JsonObject {
  const { name: _, ...payload } = shape.payload({ spec, name: 'n', inputs });
  return payload;
}

describe('what is sent', () => {
  it.each([...lists, ...ids, ...values])('$reason', (row) => {
    expect(sent(row)).toEqual(row.payload);
  });

  it('names the variant before its content', () => {
    const spec = { backupPolicy: { periodic: { periodicModeProperties: { backupIntervalInMinutes: 60 } } } };
    const text = JSON.stringify(sent({ reason: '', shape: ACCOUNT, spec, payload: {} }));
    expect(text).toContain('"backupPolicy":{"type":"Periodic","periodicModeProperties"');
  });
});

const refused: { reason: string; shape: typeof ACCOUNT; spec: JsonObject; message: string }[] = [
  {
    reason: 'a plain value and one from a ConfigMap',
    shape: ROLE,
    spec: { principalId: 'p', principalIdFromConfig: { name: 'c', key: 'k' } },
    message: 'exactly one of spec.principalId and spec.principalIdFromConfig must be set, not both',
  },
  {
    reason: 'neither of them, where Azure requires the value',
    shape: ROLE,
    spec: { roleDefinitionReference: { wellKnownName: 'Contributor' } },
    message: 'exactly one of spec.principalId and spec.principalIdFromConfig must be set, one of them is required',
  },
  {
    reason: 'a plain value and one from a Secret, deep in a list',
    shape: ACTIONS,
    spec: { webhookReceivers: [{ name: 'w', serviceUri: 'u', serviceUriFromSecret: { name: 's', key: 'k' } }] },
    message:
      'exactly one of spec.webhookReceivers[0].serviceUri and spec.webhookReceivers[0].serviceUriFromSecret must be set, not both',
  },
  {
    reason: 'two variants: the object can only be one',
    shape: ACCOUNT,
    spec: { backupPolicy: { continuous: {}, periodic: {} } },
    message: 'only one of these fields can be set: spec.backupPolicy.continuous, spec.backupPolicy.periodic',
  },
  {
    reason: 'a reference that says nothing',
    shape: ACCOUNT,
    spec: { virtualNetworkRules: [{ reference: {} }] },
    message: 'spec.virtualNetworkRules[0].reference has no value: set armId, or group, kind and name',
  },
  {
    reason: 'a reference that names two resources',
    shape: ACCOUNT,
    spec: { virtualNetworkRules: [{ reference: { armId: '/x', name: 'n' } }] },
    message: 'spec.virtualNetworkRules[0].reference names two resources: set either armId, or group, kind and name',
  },
];

describe('a spec that cannot be sent is refused with the names of the fields', () => {
  it.each(refused)('$reason', ({ shape, spec, message }) => {
    const inputs = new Map(shape.inputs(spec).map(({ path }) => [path, 'resolved']));
    expect(() => shape.payload({ spec, name: 'n', inputs })).toThrow(new Error(message));
  });
});

import { describe, expect, it } from '@jest/globals';
import { azureNameOf, claimedNameOf, type Named } from '../../../activities/resource/azure-name.ts';
import type { JsonObject } from '../../../kinds/contract.ts';
import { loadKinds } from '../../../kinds/load.ts';

const kinds = loadKinds();
const assignment = { group: 'authorization.azure.com', kind: 'RoleAssignment' };
const group = { group: 'resources.azure.com', kind: 'ResourceGroup', name: 'rg' };
const RESOURCE_ID = 'serviceoperator.azure.com/resource-id';

function nameOf(...of: Parameters<typeof toNamed>): string {
  return azureNameOf(toNamed(...of));
}

function toNamed(
  id: { group: string; kind: string },
  spec: JsonObject,
  options: { name?: string; armId?: string; apiVersion?: string; finalizers?: string[] } = {},
): Named {
  const kind = kinds.find(id)!;
  const annotations = options.armId === undefined ? {} : { [RESOURCE_ID]: options.armId };
  const { name = 'mine', finalizers = [] } = options;
  const metadata = { name, namespace: 'ns', uid: 'u', resourceVersion: '1', annotations, finalizers };
  return {
    kind,
    apiVersion: options.apiVersion ?? kind.apiVersions.at(-1)!,
    object: { apiVersion: 'x/v1', kind: id.kind, metadata },
    spec,
  };
}

describe('azureNameOf', () => {
  it.each<
    [
      reason: string,
      id: { group: string; kind: string },
      spec: JsonObject,
      options: Parameters<typeof nameOf>[2],
      want: string,
    ]
  >([
    [
      'without more it is the name in Kubernetes',
      { group: 'resources.azure.com', kind: 'ResourceGroup' },
      {},
      {},
      'mine',
    ],
    [
      'azureName decides',
      { group: 'resources.azure.com', kind: 'ResourceGroup' },
      { azureName: 'formal' },
      {},
      'formal',
    ],
    [
      'some kinds have one name only',
      { group: 'storage.azure.com', kind: 'StorageAccountsBlobService' },
      { azureName: 'x' },
      {},
      'default',
    ],
    [
      'which differs by api-version',
      { group: 'sql.azure.com', kind: 'ServersDatabasesSecurityAlertPolicy' },
      {},
      { apiVersion: '2025-01-01' },
      'Default',
    ],
    [
      'in the case of one kind',
      { group: 'sql.azure.com', kind: 'ServersDatabasesSecurityAlertPolicy' },
      {},
      { apiVersion: '2021-11-01' },
      'default',
    ],
    [
      'a name that is a UUID already stays',
      assignment,
      { owner: group },
      { name: '0b5a2d4c-6f54-4a51-9c43-1b1f2a3c4d5e' },
      '0b5a2d4c-6f54-4a51-9c43-1b1f2a3c4d5e',
    ],
    ['azureName decides there too', assignment, { owner: group, azureName: 'x' }, {}, 'x'],
    // Made with Python: uuid.uuid5(namespace, "resources.azure.com/ResourceGroup:ns/rg:RoleAssignment/authorization.azure.com:ns/mine").
    ['else it is UUID v5 of where it is', assignment, { owner: group }, {}, 'd7d95084-3af0-5f00-9dec-6d2df80617b7'],
    [
      'of an owner by ARM id',
      assignment,
      { owner: { armId: '/subscriptions/s/resourceGroups/rg' } },
      {},
      'cb070a17-1bb1-5a45-be53-335c87a319ee',
    ],
    [
      "a single-parent kind need not name its owner's kind",
      { group: 'documentdb.azure.com', kind: 'SqlRoleAssignment' },
      { owner: { name: 'account' } },
      {},
      'ea214295-4f44-5239-b852-fdcfad1acdc5',
    ],
    [
      'the id that was stored says how it is called',
      assignment,
      { owner: group, operatorSpec: { namingConvention: 'random' } },
      { armId: '/x/providers/Microsoft.Authorization/roleAssignments/abc' },
      'abc',
    ],
  ])('%s', (_, id, spec, options, want) => {
    expect(nameOf(id, spec, options)).toBe(want);
  });

  it('makes a random UUID where that is asked for', () => {
    const random = (): string => nameOf(assignment, { owner: group, operatorSpec: { namingConvention: 'Random' } });
    expect(random()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(random()).not.toBe(random());
  });
});

describe('claimedNameOf: users can edit the annotation', () => {
  const stored = '0b5a2d4c-6f54-4a51-9c43-1b1f2a3c4d5e';
  const armId = `/x/providers/Microsoft.Authorization/roleAssignments/${stored}`;
  const finalizers = ['serviceoperator.azure.com/finalizer'];
  const random = { owner: group, operatorSpec: { namingConvention: 'random' } };

  it.each([
    {
      reason: 'a UUID of the name is what it must be, whatever the annotation says',
      spec: { owner: group },
      options: { armId, finalizers },
      want: 'd7d95084-3af0-5f00-9dec-6d2df80617b7',
    },
    {
      reason: 'a random UUID of a claimed resource stands nowhere else',
      spec: random,
      options: { armId, finalizers },
      want: stored,
    },
    {
      reason: 'azureName decides',
      spec: { ...random, azureName: 'own' },
      options: { armId, finalizers },
      want: 'own',
    },
  ])('$reason', ({ spec, options, want }) => {
    expect(claimedNameOf(toNamed(assignment, spec, options))).toBe(want);
  });

  it.each([
    { reason: 'before the claim it does not count', options: { armId } },
    {
      reason: 'what is no UUID was not generated',
      options: { armId: '/x/providers/Microsoft.Authorization/roleAssignments/abc', finalizers },
    },
  ])('random: $reason', ({ options }) => {
    expect(claimedNameOf(toNamed(assignment, random, options))).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(claimedNameOf(toNamed(assignment, random, options))).not.toBe(stored);
  });
});

import { describe, expect, it } from '@jest/globals';
import { selfOf } from '../../../activities/exports/self.ts';
import { azureNameOf } from '../../../activities/resource/azure-name.ts';
import type { Resource } from '../../../activities/resource/resource.ts';
import type { JsonObject } from '../../../kinds/contract.ts';
import { loadKinds } from '../../../kinds/load.ts';
import { readGenericTypes } from '../../../kinds/generic/generic-types.ts';
import { Cel, celSelf } from '../../../kinds/mapping/cel.ts';

const kinds = loadKinds({ genericTypes: readGenericTypes({ GENERIC_RESOURCE_TYPES: '*' }) });
const cel = new Cel();
const ROLE_ID =
  '/subscriptions/s/providers/Microsoft.Authorization/roleAssignments/00000000-0000-4000-8000-000000000001';

/** A resource as the operator reads it: at the storage version, with only what the user wrote in its spec. */
function resourceOf(
  id: { group: string; kind: string },
  given: { applied?: string; spec?: JsonObject; armId?: string } = {},
): Resource {
  const kind = kinds.find(id)!;
  const { spec = {}, applied, armId } = given;
  const entry = {
    manager: 'kubectl',
    operation: 'Apply',
    apiVersion: `${id.group}/${applied}`,
    fieldsV1: { 'f:spec': {} },
  };
  const object = {
    apiVersion: `${id.group}/v1storage`,
    kind: id.kind,
    metadata: {
      name: 'mine',
      namespace: 'ns',
      uid: 'u',
      resourceVersion: '1',
      labels: { team: 'red' },
      ...(armId !== undefined && { annotations: { 'serviceoperator.azure.com/resource-id': armId } }),
      ...(applied !== undefined && { managedFields: [entry] }),
    },
    spec,
  };
  const shape = kinds.shapeFor(kind, { versionName: applied, spec });
  const azureName = azureNameOf({ kind: shape.kind, apiVersion: shape.apiVersion, object, spec });
  return { ref: { ...id, namespace: 'ns', name: 'mine' }, kind: shape.kind, shape, object, spec, azureName };
}

const SERVER = { group: 'sql.azure.com', kind: 'Server' };
const ROLE = { group: 'authorization.azure.com', kind: 'RoleAssignment' };
const BLOB_SERVICE = { group: 'storage.azure.com', kind: 'StorageAccountsBlobService' };
const GENERIC = { group: 'generic.azure-temporal-operator.io', kind: 'GenericResource' };
const MAPS = { type: 'Microsoft.Maps/accounts', apiVersion: '2023-06-01' };

describe('self of an expression', () => {
  it.each<[reason: string, resource: Resource, expression: string, want: string]>([
    [
      "ASO's webhook writes the default of azureName into the spec",
      resourceOf(SERVER),
      'self.spec.azureName + ".database.windows.net"',
      'mine.database.windows.net',
    ],
    [
      'a name that the user gave stays',
      resourceOf(SERVER, { spec: { azureName: 'srv' } }),
      'self.spec.azureName',
      'srv',
    ],
    [
      'a generated name is that of the resource in Azure, also if it is random',
      resourceOf(ROLE, { spec: { operatorSpec: { namingConvention: 'random' } }, armId: ROLE_ID }),
      'self.spec.azureName',
      '00000000-0000-4000-8000-000000000001',
    ],
    [
      'a kind with a fixed name has no azureName',
      resourceOf(BLOB_SERVICE),
      'has(self.spec.azureName) ? "there" : "not there"',
      'not there',
    ],
    [
      'any ARM type: it has the field too',
      resourceOf(GENERIC, { applied: 'v1', spec: MAPS }),
      'self.apiVersion + " " + self.spec.azureName',
      'generic.azure-temporal-operator.io/v1 mine',
    ],
    [
      'the version is that of the user, not that in which the operator reads',
      resourceOf(SERVER, { applied: 'v1api20211101' }),
      'self.apiVersion + " " + self.kind',
      'sql.azure.com/v1api20211101 Server',
    ],
    [
      'nobody knows which version the user wrote',
      resourceOf({ group: 'resources.azure.com', kind: 'ResourceGroup' }),
      'self.apiVersion.endsWith("storage") ? "storage" : "served"',
      'served',
    ],
    [
      'metadata and owner as they are written',
      resourceOf(SERVER, { spec: { owner: { name: 'rg' } } }),
      '[self.metadata.name, self.metadata.namespace, self.metadata.labels.team, self.spec.owner.name].join("/")',
      'mine/ns/red/rg',
    ],
    [
      "status is Azure's answer in ASO's names",
      resourceOf(SERVER),
      'self.status.fullyQualifiedDomainName + " " + self.status.name',
      'mine.database.windows.net mine',
    ],
  ])('%s', (_, resource, expression, want) => {
    const answer = { name: 'mine', properties: { fullyQualifiedDomainName: 'mine.database.windows.net' } };
    expect(cel.evaluate(expression, { self: celSelf(selfOf(resource, answer)) })).toBe(want);
  });

  it('does not change the resource', () => {
    const resource = resourceOf(SERVER);
    selfOf(resource, {});
    expect(resource.spec).toEqual({});
  });
});

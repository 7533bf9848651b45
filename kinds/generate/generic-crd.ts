import type { JsonObject } from '../contract.ts';
import { GENERIC_KIND, GENERIC_VERSION } from '../generic/generic-kind.ts';
import { crdOf } from './crd.ts';
import { ARM_ID_SCHEMA, objectOfSchemas } from './node-schema.ts';

const text = (description: string, more: JsonObject = {}): JsonObject => ({ description, ...more, type: 'string' });
const TEXTS: JsonObject = { additionalProperties: { type: 'string' }, type: 'object' };
const METADATA: JsonObject = { annotations: TEXTS, labels: TEXTS };
const BODY_PATH = text('Path in the body: names separated by ".", [0] for an item.', { minLength: 1 });
const OBJECT_NAME = text('Name of the Secret or ConfigMap, in the same namespace.');
const KEY = text('Key in it.');

const OWNER_RULES: JsonObject[] = [
  {
    rule: 'has(self.armId) != (has(self.group) || has(self.kind) || has(self.name))',
    message: 'set either armId alone, or group, kind and name',
  },
  {
    rule: 'has(self.armId) || (has(self.group) && has(self.kind) && has(self.name))',
    message:
      'set all of group, kind and name: the owner can be of any kind, such as resources.azure.com, ResourceGroup',
  },
];

/** The CustomResourceDefinition of GenericResource, which has no type file. */
export function genericCrd(): JsonObject {
  const kind = { ...GENERIC_KIND, apiVersions: [GENERIC_VERSION], served: { [GENERIC_VERSION]: [GENERIC_VERSION] } };
  return crdOf(kind, genericSpecSchema);
}

function genericSpecSchema(): JsonObject {
  const properties: JsonObject = {
    type: text('ARM type, for example Microsoft.Maps/accounts.', {
      pattern: '^[A-Za-z0-9.-]+(/[A-Za-z0-9.-]+)+$',
    }),
    apiVersion: text('ARM api-version that Azure is called with.', {
      pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}(-[a-z]+)?$',
    }),
    azureName: text(
      'Name in Azure; defaults to metadata.name. For a nested type whose parent is not the owner: all names, separated by "/".',
      {
        minLength: 1,
      },
    ),
    owner: {
      description: 'The parent or scope of the resource: another custom resource in this namespace, or an ARM id.',
      ...objectOfSchemas({ ...referenced(), armId: ARM_ID_SCHEMA }, []),
      'x-kubernetes-validations': OWNER_RULES,
    },
    scope: text('Without an owner: whether the resource is in the subscription of the credential or in the tenant.', {
      enum: ['subscription', 'tenant'],
    }),
    body: {
      description: 'The body that is sent to Azure, with the property names of ARM.',
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
    },
    secrets: {
      description: 'Values of the body that are read from Secrets.',
      items: objectOfSchemas(
        { path: BODY_PATH, secretRef: objectOfSchemas({ name: OBJECT_NAME, key: KEY }, ['name', 'key']) },
        ['path', 'secretRef'],
      ),
      type: 'array',
    },
    references: {
      description:
        'ARM ids of other resources that go into the body. At identity.userAssignedIdentities the id becomes a key.',
      items: objectOfSchemas(
        { path: BODY_PATH, reference: objectOfSchemas({ ...referenced(), armId: ARM_ID_SCHEMA }, []) },
        ['path', 'reference'],
      ),
      type: 'array',
    },
    operatorSpec: operatorSpecSchema(),
  };
  return {
    ...objectOfSchemas(properties, ['type', 'apiVersion']),
    'x-kubernetes-validations': [
      { rule: 'has(self.owner) != has(self.scope)', message: 'exactly one of owner and scope must be set' },
    ],
  };
}

function referenced(): JsonObject {
  return { group: { type: 'string' }, kind: { type: 'string' }, name: { type: 'string' } };
}

function operatorSpecSchema(): JsonObject {
  const destination: JsonObject = {
    additionalProperties: objectOfSchemas(
      {
        ...METADATA,
        name: OBJECT_NAME,
        key: KEY,
        path: text('Path of the value in the answer, or in the selected item if list is set.', { minLength: 1 }),
        post: text('Action whose output has the value, for example listKeys; if not set, the answer of GET is read.', {
          pattern: '^[A-Za-z0-9]+$',
        }),
        list: text('Path of a list in the answer.'),
        where: { description: 'Properties of the item to select; if not set, the first item is selected.', ...TEXTS },
        apiVersion: text('api-version of the action; defaults to that of the resource.'),
        encoding: text('How to decode the value.', { enum: ['base64'] }),
      },
      ['key', 'name', 'path'],
    ),
    description: 'By a name of your choice: where a value comes from and where it is written.',
    type: 'object',
  };
  const expressions: JsonObject = {
    items: objectOfSchemas(
      {
        ...METADATA,
        name: OBJECT_NAME,
        key: KEY,
        value: text('CEL expression over self, this resource, that returns a string or a map of keys to strings.'),
      },
      ['name', 'value'],
    ),
    type: 'array',
  };
  return objectOfSchemas(
    {
      configMapExpressions: expressions,
      configMaps: destination,
      secretExpressions: expressions,
      secrets: destination,
    },
    [],
  );
}

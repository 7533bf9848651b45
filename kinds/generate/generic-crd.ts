import type { JsonObject } from '../contract.ts';
import { GENERIC_KIND, GENERIC_VERSION, genericShape } from '../generic/generic.ts';
import { ARM_ID_SCHEMA, objectOfSchemas } from './schema.ts';
import { crdOf } from './crd.ts';

const text = (description: string, more: JsonObject = {}): JsonObject => ({ description, ...more, type: 'string' });
const TEXTS: JsonObject = { additionalProperties: { type: 'string' }, type: 'object' };
const METADATA: JsonObject = { annotations: TEXTS, labels: TEXTS };
const PLACE = text('Place in the body: names with "." between, [0] for an item.', { minLength: 1 });
const OBJECT_NAME = text('Name of the Secret or ConfigMap, in the same namespace.');
const KEY = text('Key in it.');

/** The CustomResourceDefinition of GenericResource, which follows from no type of Azure. */
export function genericCrd(): JsonObject {
  const kind = { ...GENERIC_KIND, apiVersions: [GENERIC_VERSION], served: { [GENERIC_VERSION]: [GENERIC_VERSION] } };
  return crdOf(kind, () => ({ ...genericShape({}), specSchema }));
}

function specSchema(): JsonObject {
  const properties: JsonObject = {
    type: text('ARM type, for example Microsoft.Maps/accounts.', {
      pattern: '^[A-Za-z0-9.-]+(/[A-Za-z0-9.-]+)+$',
    }),
    apiVersion: text('ARM api-version that Azure is called with.', {
      pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}(-[a-z]+)?$',
    }),
    azureName: text(
      'Name in Azure, metadata.name without it. Of a nested type without its parent as owner: all names, "/" between.',
      {
        minLength: 1,
      },
    ),
    owner: {
      description: 'What the resource is in: another custom resource of this namespace, or any ARM id.',
      ...objectOfSchemas({ ...referenced(), armId: ARM_ID_SCHEMA }, []),
    },
    scope: text('Without an owner: whether the resource is in the subscription of the credential or in the tenant.', {
      enum: ['subscription', 'tenant'],
    }),
    body: {
      description: 'What is sent to Azure, named as on the wire.',
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
    },
    secrets: {
      description: 'Values of the body that are read from Secrets.',
      items: objectOfSchemas(
        { path: PLACE, secretRef: objectOfSchemas({ name: OBJECT_NAME, key: KEY }, ['name', 'key']) },
        ['path', 'secretRef'],
      ),
      type: 'array',
    },
    references: {
      description: 'ARM ids of other resources that go into the body.',
      items: objectOfSchemas(
        { path: PLACE, reference: objectOfSchemas({ ...referenced(), armId: ARM_ID_SCHEMA }, []) },
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
        path: text('Place of the value in the answer, below the chosen item where there is a list.', { minLength: 1 }),
        post: text('Action whose output has the value, for example listKeys; without it the answer of GET is read.', {
          pattern: '^[A-Za-z0-9]+$',
        }),
        list: text('Place of a list in the answer.'),
        where: { description: 'Properties of the item to take; without it the first.', ...TEXTS },
        apiVersion: text("api-version of the action, where it is not the resource's."),
        encoding: text('How the value is to be decoded.', { enum: ['base64'] }),
      },
      ['key', 'name', 'path'],
    ),
    description: 'Any name -> where the value comes from and where it goes.',
    type: 'object',
  };
  const expressions: JsonObject = {
    items: objectOfSchemas(
      {
        ...METADATA,
        name: OBJECT_NAME,
        key: KEY,
        value: text('CEL: self is this resource; a string, or a map of keys to strings.'),
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

import type { Kind } from '../contract.ts';

/** Whatever ARM type at whatever api-version: what all other kinds know from their row, its spec says. */
export const GENERIC_KIND: Kind = {
  group: 'resources.azure.com',
  kind: 'GenericResource',
  plural: 'genericresources',
  armType: '',
  apiVersions: [],
  served: {},
  scope: 'subscription',
  owner: 'any',
  deletable: true,
  existsBy: 'GET',
  invisibleWhileCreated: false,
  azureName: { default: 'metadata.name' },
};

/** The version that users write; it is not an ARM api-version, which is `spec.apiVersion`. */
export const GENERIC_VERSION = 'v1';

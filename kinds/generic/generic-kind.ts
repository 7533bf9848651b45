import type { Kind } from '../contract.ts';

/**
 * Any ARM type at any api-version: its spec states what the row states for other kinds. It has a group of its own, so
 * that rights on it are given apart from all other kinds.
 */
export const GENERIC_KIND: Kind = {
  group: 'generic.azure-temporal-operator.io',
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

/** The CRD version. It is not the ARM api-version, which is `spec.apiVersion`. */
export const GENERIC_VERSION = 'v1';

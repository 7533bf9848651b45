import type { Manifest } from '../../dev/kube-api.ts';

const namespace = 'default';

/** All that these tests use: each stack of its own would spend seconds on the kinds of the embedded stack. */
export const DURABILITY_KINDS =
  'resources.azure.com/ResourceGroup;documentdb.azure.com/DatabaseAccount;dbformysql.azure.com/FlexibleServer';

export function resourceGroup(name: string, tags: Record<string, string> = {}): Manifest {
  return {
    apiVersion: 'resources.azure.com/v1api20200601',
    kind: 'ResourceGroup',
    metadata: { name, namespace },
    spec: { location: 'westus2', tags },
  };
}

/** With keys to export, so that every step has something to do. */
export function account(name: string, owner: string): Manifest {
  return {
    apiVersion: 'documentdb.azure.com/v1api20210515',
    kind: 'DatabaseAccount',
    metadata: { name, namespace },
    spec: {
      location: 'westcentralus',
      owner: { name: owner },
      kind: 'MongoDB',
      databaseAccountOfferType: 'Standard',
      locations: [{ locationName: 'westcentralus' }],
      operatorSpec: {
        secrets: {
          primaryMasterKey: { name: `${name}-key`, key: 'primary' },
          documentEndpoint: { name: `${name}-endpoint`, key: 'endpoint' },
        },
      },
    },
  };
}

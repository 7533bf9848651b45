import { createHash } from 'node:crypto';

/** The four keys of a Cosmos DB account. They are computed from its name, so that a test knows them without asking. */
export interface CosmosKeys {
  readonly primaryMasterKey: string;
  readonly secondaryMasterKey: string;
  readonly primaryReadonlyMasterKey: string;
  readonly secondaryReadonlyMasterKey: string;
}

/** A key with the length and alphabet of a real one (64 bytes, base64). */
export function keyFor(resource: string, which: string): string {
  return createHash('sha512').update(`${resource.toLowerCase()}/${which}`).digest('base64');
}

/** The answer of `listKeys` for the Cosmos DB account of that name. */
export function cosmosKeys(account: string): CosmosKeys {
  return {
    primaryMasterKey: keyFor(account, 'primaryMasterKey'),
    secondaryMasterKey: keyFor(account, 'secondaryMasterKey'),
    primaryReadonlyMasterKey: keyFor(account, 'primaryReadonlyMasterKey'),
    secondaryReadonlyMasterKey: keyFor(account, 'secondaryReadonlyMasterKey'),
  };
}

/** Values of `key1` and `key2` of the storage account of that name. */
export function storageKeys(account: string): { readonly key1: string; readonly key2: string } {
  return { key1: keyFor(account, 'key1'), key2: keyFor(account, 'key2') };
}

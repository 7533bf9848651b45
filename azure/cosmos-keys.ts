import { ownError } from './arm-error.ts';
import { partsOf } from './azure-id.ts';
import { callTyped, typedClient, type TypedCallOptions } from './typed-sdk.ts';

/** The four keys of an account, by ARM's names. */
export type CosmosKeys = {
  readonly primaryMasterKey: string;
  readonly secondaryMasterKey: string;
  readonly primaryReadonlyMasterKey: string;
  readonly secondaryReadonlyMasterKey: string;
};

/**
 * Lists the keys of a Cosmos DB account with the typed SDK, which is loaded at the first call.
 * @throws ArmError
 */
export async function listCosmosKeys(options: TypedCallOptions): Promise<CosmosKeys> {
  const { subscriptionId, resourceGroup, name } = partsOf(options.target.id, 'Microsoft.DocumentDB/databaseAccounts');
  const { CosmosDBManagementClient } = await import('@azure/arm-cosmosdb');
  const made = typedClient(options);
  const client = new CosmosDBManagementClient(made.credential, subscriptionId, made.options);
  return await callTyped(options, 'POST', async (abortSignal) => {
    const keys = await client.databaseAccounts.listKeys(resourceGroup, name, { abortSignal });
    return {
      primaryMasterKey: present(keys.primaryMasterKey),
      secondaryMasterKey: present(keys.secondaryMasterKey),
      primaryReadonlyMasterKey: present(keys.primaryReadonlyMasterKey),
      secondaryReadonlyMasterKey: present(keys.secondaryReadonlyMasterKey),
    };
  });
}

function present(key: string | undefined): string {
  if (key !== undefined) return key;
  throw ownError('UnknownError', 'Azure did not return all four keys of the Cosmos DB account; it is retried.', {
    status: 200,
  });
}

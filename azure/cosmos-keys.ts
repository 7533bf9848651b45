import { ownError } from './arm-error.ts';
import { partsOf } from './azure-id.ts';
import { callTyped, typedClient, type TypedCallOptions } from './typed-sdk.ts';

/** The four keys of an account, named as ARM names them. */
export type CosmosKeys = {
  readonly primaryMasterKey: string;
  readonly secondaryMasterKey: string;
  readonly primaryReadonlyMasterKey: string;
  readonly secondaryReadonlyMasterKey: string;
};

/**
 * The keys of a Cosmos DB account, through the typed SDK. The SDK is loaded with the first call.
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
  throw ownError('UnknownError', 'Azure listed the keys of the account, but not all four.', { status: 200 });
}

import type { ArmClientOptions } from './arm-client.ts';
import { ArmError, normalizeArmError } from './arm-error.ts';
import { plainFailures, scopeOf } from './arm-http.ts';
import type { ArmTarget } from './contract.ts';
import { withDeadline } from './deadline.ts';

/** The four keys of an account, named as ARM names them. */
export type CosmosKeys = {
  readonly primaryMasterKey: string;
  readonly secondaryMasterKey: string;
  readonly primaryReadonlyMasterKey: string;
  readonly secondaryReadonlyMasterKey: string;
};

export type CosmosKeysOptions = ArmClientOptions & { readonly target: ArmTarget; readonly signal?: AbortSignal };

const ACCOUNT =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.DocumentDB\/databaseAccounts\/([^/]+)$/i;

/**
 * The keys of a Cosmos DB account, through the typed SDK. The SDK is loaded with the first call.
 * @throws ArmError
 */
export async function listCosmosKeys(options: CosmosKeysOptions): Promise<CosmosKeys> {
  const [, subscriptionId, resourceGroup, account] = ACCOUNT.exec(options.target.id) ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined || account === undefined) {
    throw new ArmError({
      status: 0,
      code: 'AzureNameInvalid',
      message: 'This is not the ARM id of a Cosmos DB account.',
    });
  }
  const { CosmosDBManagementClient } = await import('@azure/arm-cosmosdb');
  const client = new CosmosDBManagementClient(plainFailures(options.credential), subscriptionId, {
    endpoint: options.endpoint.replace(/\/+$/, ''),
    credentials: { scopes: [scopeOf(options.audience)] },
    apiVersion: options.target.apiVersion,
    retryOptions: { maxRetries: 0 },
    // A redirect would carry the request to a host that nobody configured.
    redirectOptions: { maxRetries: 0 },
    ...(options.httpClient === undefined ? {} : { httpClient: options.httpClient }),
  });
  try {
    return await withDeadline(
      { timeoutMs: options.timeoutMs ?? 60_000, signal: options.signal },
      async (abortSignal) => {
        await options.limiter?.turn('POST', abortSignal);
        const keys = await client.databaseAccounts.listKeys(resourceGroup, account, { abortSignal });
        return {
          primaryMasterKey: present(keys.primaryMasterKey),
          secondaryMasterKey: present(keys.secondaryMasterKey),
          primaryReadonlyMasterKey: present(keys.primaryReadonlyMasterKey),
          secondaryReadonlyMasterKey: present(keys.secondaryReadonlyMasterKey),
        };
      },
    );
  } catch (thrown) {
    const error = normalizeArmError(thrown);
    // What the limiter itself threw names the end it knows already.
    options.limiter?.note('POST', error.status, error.retryAfterMs);
    throw error;
  }
}

function present(key: string | undefined): string {
  if (key !== undefined) return key;
  throw new ArmError({
    status: 200,
    code: 'UnknownError',
    message: 'Azure listed the keys of the account, but not all four.',
  });
}

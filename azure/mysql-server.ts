import { partsOf } from './azure-id.ts';
import { callTyped, typedClient, type TypedCallOptions } from './typed-sdk.ts';

/** The properties of a MySQL server that can be exported, by ARM's names. */
export interface MysqlServer {
  readonly properties: { readonly administratorLogin?: string; readonly fullyQualifiedDomainName?: string };
}

/**
 * Reads a MySQL flexible server with the typed SDK, which is loaded at the first call.
 * @throws ArmError
 */
export async function getMysqlServer(options: TypedCallOptions): Promise<MysqlServer> {
  const { subscriptionId, resourceGroup, name } = partsOf(options.target.id, 'Microsoft.DBforMySQL/flexibleServers');
  const { MySQLManagementFlexibleServerClient } = await import('@azure/arm-mysql-flexible');
  const made = typedClient(options);
  const client = new MySQLManagementFlexibleServerClient(made.credential, subscriptionId, made.options);
  return await callTyped(options, 'GET', async (abortSignal) => {
    const { administratorLogin, fullyQualifiedDomainName } = await client.servers.get(resourceGroup, name, {
      abortSignal,
    });
    return {
      properties: {
        ...(administratorLogin !== undefined && { administratorLogin }),
        ...(fullyQualifiedDomainName !== undefined && { fullyQualifiedDomainName }),
      },
    };
  });
}

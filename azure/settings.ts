/** How this process reaches Azure; the same for every credential. */
export interface AzureSettings {
  /** The ARM endpoint, without a trailing slash. */
  readonly endpoint: string;
  readonly audience: string;
  /** The authority host of Entra ID; undefined: that of the public cloud. */
  readonly authorityHost: string | undefined;
  /** The projected service account token for workload identity; undefined: the default path. */
  readonly federatedTokenFile: string | undefined;
}

/**
 * Reads the same variables as Azure Service Operator. An empty variable counts as absent.
 * @throws Error that names the variable
 */
export function readAzureSettings(env: Readonly<Record<string, string | undefined>>): AzureSettings {
  const endpoint = httpsUrl(env, 'AZURE_RESOURCE_MANAGER_ENDPOINT') ?? 'https://management.azure.com';
  return {
    endpoint: endpoint.replace(/\/+$/, ''),
    audience: valueOf(env, 'AZURE_RESOURCE_MANAGER_AUDIENCE') ?? 'https://management.core.windows.net/',
    authorityHost: httpsUrl(env, 'AZURE_AUTHORITY_HOST'),
    federatedTokenFile: valueOf(env, 'AZURE_FEDERATED_TOKEN_FILE'),
  };
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** A tenant can also be named by a domain, such as contoso.onmicrosoft.com. */
const DOMAIN = /^(?=.{4,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/i;

/**
 * Checks the credential in the environment, as far as that is possible without a request to Azure. Returns one sentence
 * per problem, none of which quotes a value. Empty when the credential is valid, and when there is none: then each
 * namespace provides its own.
 */
export function checkGlobalCredential(env: Readonly<Record<string, string | undefined>>): string[] {
  const ids = ['AZURE_SUBSCRIPTION_ID', 'AZURE_TENANT_ID', 'AZURE_CLIENT_ID'] as const;
  if ([...ids, 'AZURE_CLIENT_SECRET', 'AZURE_CLIENT_CERTIFICATE'].every((name) => valueOf(env, name) === undefined))
    return [];
  return [...ids.flatMap((name) => problemOf(env, name)), ...problemOfProof(env)];
}

function problemOf(env: Readonly<Record<string, string | undefined>>, name: string): string[] {
  const value = valueOf(env, name);
  if (value === undefined) return [`${name} is missing: set it, or remove the other variables of the credential.`];
  if (GUID.test(value)) return [];
  if (name !== 'AZURE_TENANT_ID') return [`${name} is not a GUID like 00000000-0000-0000-0000-000000000000.`];
  return DOMAIN.test(value) ? [] : [`${name} is neither a GUID nor a domain name like contoso.onmicrosoft.com.`];
}

function problemOfProof(env: Readonly<Record<string, string | undefined>>): string[] {
  if (valueOf(env, 'AZURE_CLIENT_SECRET') !== undefined) return [];
  const certificate = valueOf(env, 'AZURE_CLIENT_CERTIFICATE');
  if (certificate !== undefined) {
    return certificate.includes('-----BEGIN') ? [] : ['AZURE_CLIENT_CERTIFICATE is not PEM; PKCS#12 is not supported.'];
  }
  const isEmpty = env['AZURE_CLIENT_SECRET'] !== undefined || env['AZURE_CLIENT_CERTIFICATE'] !== undefined;
  if (!isEmpty || valueOf(env, 'AZURE_FEDERATED_TOKEN_FILE') !== undefined) return [];
  return ['AZURE_CLIENT_SECRET is set but empty: give it a value, or remove the variable to use workload identity.'];
}

function httpsUrl(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const value = valueOf(env, name);
  if (value === undefined) return undefined;
  // The token is only sent over TLS. Report another protocol at the start instead of at the first request.
  const protocol = URL.parse(value)?.protocol;
  if (protocol !== 'https:') throw new Error(`${name} must be an https URL; it is ${JSON.stringify(value)}.`);
  return value;
}

function valueOf(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === undefined || value === '' ? undefined : value;
}

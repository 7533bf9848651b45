/** How this process reaches Azure, the same for every credential. */
export interface AzureSettings {
  /** The ARM endpoint, without a trailing slash. */
  readonly endpoint: string;
  readonly audience: string;
  /** Entra ID; undefined is the public cloud's. */
  readonly authorityHost: string | undefined;
  /** The projected service account token for workload identity; undefined is the usual place. */
  readonly federatedTokenFile: string | undefined;
}

/**
 * Reads the variables that Azure Service Operator has for this; an empty one counts as absent.
 * @throws Error naming the variable.
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
/** A tenant has domain names too: contoso.onmicrosoft.com. */
const DOMAIN = /^(?=.{4,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/i;

/**
 * What is wrong with the credential in the environment, as far as a process can know without asking Azure: one sentence
 * each, none quotes a value. Empty when all is well, and when there is none: then each namespace brings its own.
 */
export function checkGlobalCredential(env: Readonly<Record<string, string | undefined>>): string[] {
  const ids = ['AZURE_SUBSCRIPTION_ID', 'AZURE_TENANT_ID', 'AZURE_CLIENT_ID'] as const;
  if ([...ids, 'AZURE_CLIENT_SECRET', 'AZURE_CLIENT_CERTIFICATE'].every((name) => valueOf(env, name) === undefined))
    return [];
  return [...ids.flatMap((name) => problemOf(env, name)), ...problemOfProof(env)];
}

function problemOf(env: Readonly<Record<string, string | undefined>>, name: string): string[] {
  const value = valueOf(env, name);
  if (value === undefined) return [`${name} is missing: the credential of the environment cannot be used without it.`];
  if (GUID.test(value)) return [];
  if (name !== 'AZURE_TENANT_ID') return [`${name} is not a GUID like 00000000-0000-0000-0000-000000000000.`];
  return DOMAIN.test(value) ? [] : [`${name} is neither a GUID nor a domain name like contoso.onmicrosoft.com.`];
}

function problemOfProof(env: Readonly<Record<string, string | undefined>>): string[] {
  if (valueOf(env, 'AZURE_CLIENT_SECRET') !== undefined) return [];
  const certificate = valueOf(env, 'AZURE_CLIENT_CERTIFICATE');
  if (certificate !== undefined) {
    return certificate.includes('-----BEGIN') ? [] : ['AZURE_CLIENT_CERTIFICATE is not PEM.'];
  }
  const isEmpty = env['AZURE_CLIENT_SECRET'] !== undefined || env['AZURE_CLIENT_CERTIFICATE'] !== undefined;
  if (!isEmpty || valueOf(env, 'AZURE_FEDERATED_TOKEN_FILE') !== undefined) return [];
  return ['AZURE_CLIENT_SECRET is set but empty, so workload identity is used: set it, or do not set it at all.'];
}

function httpsUrl(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const value = valueOf(env, name);
  if (value === undefined) return undefined;
  // The token is refused on anything but TLS; better said at the start than at the first request.
  const protocol = URL.parse(value)?.protocol;
  if (protocol !== 'https:') throw new Error(`${name} must be an https URL; it is ${JSON.stringify(value)}.`);
  return value;
}

function valueOf(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === undefined || value === '' ? undefined : value;
}

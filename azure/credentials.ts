import type { TokenCredential } from '@azure/core-auth';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import { type ArmError, networkErrorCode, ownError, retryAfterMs } from './arm-error.ts';
import { EntraCredential, type ArmCredential, type Source } from './entra-credential.ts';
import { clearAnswer, type EntraAnswer } from './entra-error.ts';

/** How the application authenticates. */
type Proof =
  | { readonly type: 'secret'; readonly secret: string }
  /** PEM that contains both the certificate and its private key. */
  | { readonly type: 'certificate'; readonly pem: string; readonly password: string | undefined }
  | { readonly type: 'workloadIdentity' };

export interface CredentialSettings {
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly additionalTenants: readonly string[];
  readonly proof: Proof;
}

export interface Cloud {
  /** The authority host of Entra ID; undefined: that of the public cloud. */
  readonly authorityHost?: string | undefined;
  /**
   * The token file for workload identity. Only from the operator's own environment: a tenant's Secret must not be able
   * to name files in the operator's container.
   */
  readonly federatedTokenFile?: string | undefined;
}

const TOKEN_FILE = '/var/run/secrets/tokens/azure-identity';

/**
 * Reads a credential from the keys of an ASO credential Secret or from the environment.
 * @param where the source of the values, for messages: `Secret team-a/aso-credential`
 * @throws ArmError `CredentialNotFound` that names the missing key and `where`
 */
export function credentialSettingsFrom(
  values: Readonly<Record<string, string | undefined>>,
  where: string,
): CredentialSettings {
  const optional = (key: string): string | undefined => {
    const value = values[key]?.trim();
    return value === undefined || value === '' ? undefined : value;
  };
  const required = (key: string): string => {
    const value = optional(key);
    if (value === undefined) throw invalid(`${where} has no ${key}.`);
    // The values become parts of URLs.
    if (!/^[A-Za-z0-9.-]+$/.test(value))
      throw invalid(`${key} in ${where} is not a valid id: it may only contain letters, digits, "." and "-".`);
    return value;
  };
  return {
    subscriptionId: required('AZURE_SUBSCRIPTION_ID'),
    tenantId: required('AZURE_TENANT_ID'),
    clientId: required('AZURE_CLIENT_ID'),
    additionalTenants: (optional('AZURE_ADDITIONAL_TENANTS') ?? '').split(',').flatMap((part) => part.trim() || []),
    proof: proofOf(optional, where),
  };
}

const PUBLIC_AUTHORITY = 'https://login.microsoftonline.com';

/**
 * Creates a credential of `@azure/identity`. The package is loaded with the first token, so a process that needs no
 * token does not load it.
 */
export function createCredential(settings: CredentialSettings, cloud: Cloud): ArmCredential {
  const host = URL.parse(cloud.authorityHost ?? PUBLIC_AUTHORITY)?.host ?? '';
  return new EntraCredential({ host, make: () => load(settings, cloud) });
}

async function load(settings: CredentialSettings, cloud: Cloud): Promise<Source> {
  const answer: EntraAnswer = {};
  return { credential: await identityOf(settings, cloud, answer), answer };
}

/** Records Entra ID's answers: MSAL's errors omit the status, and for the very first request the reason as well. */
function recordAnswer(answer: EntraAnswer): PipelinePolicy {
  return {
    name: 'observeEntra',
    async sendRequest(request, next) {
      clearAnswer(answer);
      try {
        const response = await next(request);
        answer.status = response.status;
        if (response.status < 400) return response;
        const aadsts = /AADSTS\d+/.exec(response.bodyAsText ?? '')?.[0];
        const wait = retryAfterMs(response.headers.get('retry-after'), Date.now());
        Object.assign(answer, aadsts !== undefined && { aadsts }, wait !== undefined && { retryAfterMs: wait });
        return response;
      } catch (error) {
        answer.network = networkErrorCode(error) ?? 'ECONNRESET';
        throw error;
      }
    },
  };
}

async function identityOf(settings: CredentialSettings, cloud: Cloud, answer: EntraAnswer): Promise<TokenCredential> {
  const { ClientCertificateCredential, ClientSecretCredential, WorkloadIdentityCredential } =
    await import('@azure/identity');
  const { tenantId, clientId, proof } = settings;
  const options = {
    // Temporal retries, so that each failure is visible.
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [{ policy: recordAnswer(answer), position: 'perRetry' as const }],
    additionallyAllowedTenants: [...settings.additionalTenants],
    // Instance discovery would ask login.microsoftonline.com about a host that it does not know.
    ...(cloud.authorityHost === undefined
      ? {}
      : { authorityHost: cloud.authorityHost, disableInstanceDiscovery: true }),
  };
  switch (proof.type) {
    case 'secret':
      return new ClientSecretCredential(tenantId, clientId, proof.secret, options);
    case 'certificate':
      return new ClientCertificateCredential(
        tenantId,
        clientId,
        {
          certificate: proof.pem,
          ...(proof.password === undefined ? {} : { certificatePassword: proof.password }),
        },
        options,
      );
    case 'workloadIdentity':
      return new WorkloadIdentityCredential({
        ...options,
        tenantId,
        clientId,
        tokenFilePath: cloud.federatedTokenFile ?? TOKEN_FILE,
      });
  }
}

function proofOf(optional: (key: string) => string | undefined, where: string): Proof {
  const secret = optional('AZURE_CLIENT_SECRET');
  if (secret !== undefined) return { type: 'secret', secret };
  const pem = optional('AZURE_CLIENT_CERTIFICATE');
  if (pem === undefined) return { type: 'workloadIdentity' };
  if (!pem.includes('-----BEGIN'))
    throw invalid(`AZURE_CLIENT_CERTIFICATE in ${where} is not PEM (PKCS#12 is not supported).`);
  return { type: 'certificate', pem, password: optional('AZURE_CLIENT_CERTIFICATE_PASSWORD') };
}

function invalid(message: string): ArmError {
  return ownError('CredentialNotFound', message);
}

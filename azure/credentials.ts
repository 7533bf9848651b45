import type { TokenCredential } from '@azure/core-auth';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import { type ArmError, networkCode, ownError, retryAfterMs } from './arm-error.ts';
import { EntraCredential, type ArmCredential, type Source } from './entra-credential.ts';
import { forgetAnswer, type EntraAnswer } from './entra-error.ts';

/** How an application proves who it is. */
type Proof =
  | { readonly type: 'secret'; readonly secret: string }
  /** PEM with both the certificate and its private key. */
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
  /** Entra ID; undefined is the public cloud's. */
  readonly authorityHost?: string | undefined;
  /**
   * Where workload identity finds its token. From the operator's own environment only: a tenant's Secret must not name
   * files here.
   */
  readonly federatedTokenFile?: string | undefined;
}

const TOKEN_FILE = '/var/run/secrets/tokens/azure-identity';

/**
 * The credential in the keys of an ASO credential Secret (or of the environment).
 * @param where what the values are from, for messages: `Secret team-a/aso-credential`.
 * @throws ArmError `CredentialNotFound` naming the missing key and `where`.
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
    // They become parts of URLs.
    if (!/^[A-Za-z0-9.-]+$/.test(value)) throw invalid(`${key} in ${where} is not an id.`);
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
 * A credential of `@azure/identity`, which is loaded with the first token: a process that asks for none does not pay
 * for it.
 */
export function createCredential(settings: CredentialSettings, cloud: Cloud): ArmCredential {
  const host = URL.parse(cloud.authorityHost ?? PUBLIC_AUTHORITY)?.host ?? '';
  return new EntraCredential({ host, make: () => load(settings, cloud) });
}

async function load(settings: CredentialSettings, cloud: Cloud): Promise<Source> {
  const answer: EntraAnswer = {};
  return { credential: await identityOf(settings, cloud, answer), answer };
}

/** MSAL's errors hide the status, and for the first request of all the reason too. */
function observing(answer: EntraAnswer): PipelinePolicy {
  return {
    name: 'observeEntra',
    async sendRequest(request, next) {
      forgetAnswer(answer);
      try {
        const response = await next(request);
        answer.status = response.status;
        if (response.status < 400) return response;
        const aadsts = /AADSTS\d+/.exec(response.bodyAsText ?? '')?.[0];
        const wait = retryAfterMs(response.headers.get('retry-after'), Date.now());
        Object.assign(answer, aadsts !== undefined && { aadsts }, wait !== undefined && { retryAfterMs: wait });
        return response;
      } catch (error) {
        answer.network = networkCode(error) ?? 'ECONNRESET';
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
    // Temporal retries, with the failure in plain sight.
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [{ policy: observing(answer), position: 'perRetry' as const }],
    additionallyAllowedTenants: [...settings.additionalTenants],
    // Instance discovery asks login.microsoftonline.com about a host that it cannot know.
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

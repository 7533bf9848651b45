import { ArmError, isError, networkErrorCode, ownError, property } from './arm-error.ts';

/**
 * Entra ID's last answer, or the network error. Only codes and numbers: Entra's texts name tenants and traces, and its
 * requests contain the secret.
 */
export interface EntraAnswer {
  /** The HTTP status; undefined when there was no answer. */
  status?: number;
  /** Entra's error code, such as `AADSTS7000215`. */
  aadsts?: string;
  /** The system's error code when there was no answer, such as `ECONNREFUSED`. */
  network?: string;
  retryAfterMs?: number;
}

/** Call it before each attempt, so that the answer to an earlier attempt is not reported. */
export function clearAnswer(answer: EntraAnswer): void {
  for (const key of ['status', 'aadsts', 'network', 'retryAfterMs'] as const) delete answer[key];
}

export interface EntraContext {
  /** The authority host from which the token was requested. */
  readonly host?: string;
  readonly answer?: EntraAnswer;
}

/** Advice for the user, by AADSTS number. */
const ADVICE: Readonly<Record<string, string>> = {
  '53003': "A Conditional Access policy blocks it: exclude the identity, or the worker's address, from the policy.",
  '70021':
    'No federated credential of the identity matches: issuer, subject and audience must equal those of the token.',
  '90002': 'The tenant does not exist: correct AZURE_TENANT_ID.',
  '500011': 'The audience does not exist in the tenant: correct AZURE_RESOURCE_MANAGER_AUDIENCE.',
  '700016': 'The application does not exist in the tenant: correct AZURE_CLIENT_ID or AZURE_TENANT_ID.',
  '700024':
    "The token of the service account is expired or not valid yet: check the node's clock and the projected token.",
  '700027':
    'The certificate is not registered with the application: upload it there, or correct AZURE_CLIENT_CERTIFICATE.',
  '700211': "No federated credential of the identity has this issuer: use the cluster's issuer.",
  '700212': 'No federated credential of the identity has this audience: use api://AzureADTokenExchange.',
  '700213': "No federated credential of the identity has this subject: use the worker's service account.",
  '900023': 'The tenant id is not valid: correct AZURE_TENANT_ID.',
  '7000112': 'The application is disabled: enable it, or use another one.',
  '7000215': "The client secret is wrong: put the secret's value, not its id, into AZURE_CLIENT_SECRET.",
  '7000216':
    'The credential has no secret or certificate: set AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE, or use workload identity.',
  '7000222': 'The client secret has expired: create a new one and put it into AZURE_CLIENT_SECRET.',
  '7000229': 'The tenant has no service principal for this application: create it there.',
};

/**
 * Builds the ArmError for a failed token request: the authority host, the HTTP status, the codes of Entra and MSAL, and
 * advice. The error's own text is not used.
 */
export function authenticationError(error: unknown, { host, answer = {} }: EntraContext = {}): ArmError {
  if (error instanceof ArmError) return error;
  const text = isError(error) ? error.message : '';
  const aadsts = /AADSTS\d+/.exec(text)?.[0] ?? answer.aadsts;
  const network = answer.network ?? (answer.status === undefined ? networkErrorCode(error) : undefined);
  const words = [
    ...(answer.status === undefined ? [] : [`HTTP ${answer.status}`]),
    ...[msalCode(error, text), aadsts, network].filter((word) => word !== undefined),
  ];
  const at = host === undefined ? '' : ` at ${host}`;
  const facts = words.length === 0 ? '' : `: ${words.join(', ')}`;
  const message = `No token from Entra ID${at}${facts}. ${adviceFor({ ...answer, ...(network && { network }), ...(aadsts && { aadsts }) })}`;
  return ownError('AuthenticationFailed', message, { retryAfterMs: answer.retryAfterMs });
}

function adviceFor({ status, aadsts, network }: EntraAnswer): string {
  const advice = aadsts === undefined ? undefined : ADVICE[aadsts.slice('AADSTS'.length)];
  if (advice !== undefined) return advice;
  if (aadsts !== undefined)
    return 'Look up the AADSTS code, and check the client id, tenant and secret of the credential.';
  if (status === 404) return 'The host is not an Entra ID authority: correct AZURE_AUTHORITY_HOST.';
  if (status === 429) return 'Entra ID throttles this identity; it is retried.';
  if (status !== undefined && status >= 500) return 'Entra ID is not available; it is retried.';
  if (network === 'ENOENT' || network === 'EACCES') {
    return "The service account's token cannot be read: check the workload identity webhook and AZURE_FEDERATED_TOKEN_FILE, or set AZURE_CLIENT_SECRET.";
  }
  if (network !== undefined && /CERT|SIGNED|ISSUER|VERIFY/.test(network)) {
    return "The host's certificate is not trusted: correct AZURE_AUTHORITY_HOST, or add its CA to NODE_EXTRA_CA_CERTS.";
  }
  if (network === 'ETIMEDOUT')
    return 'The host did not answer in time: check the network between the worker and the host.';
  if (network !== undefined)
    return 'The host cannot be reached: correct AZURE_AUTHORITY_HOST, or check the network between the worker and the host.';
  return 'Check the client id, tenant, and secret or certificate of the credential.';
}

/**
 * MSAL's code (`invalid_client`, `endpoints_resolution_error`): on the error, on its cause, or at the start of its
 * text.
 */
function msalCode(error: unknown, text: string): string | undefined {
  const candidates = [
    property(error, 'errorCode'),
    property(property(error, 'cause'), 'errorCode'),
    /^\w+(?=:)/.exec(text)?.[0],
  ];
  return candidates.find(
    (code): code is string => typeof code === 'string' && /^[a-z][a-z0-9]*(_[a-z0-9]+)+$/.test(code),
  );
}

import { ArmError, isError, networkCode, ownError, property } from './arm-error.ts';

/**
 * What Entra ID, or the way to it, said last. Only words and numbers: its texts name tenants and traces, its requests
 * hold the secret.
 */
export interface EntraAnswer {
  /** HTTP status; undefined where no answer came. */
  status?: number;
  /** `AADSTS7000215` and the like. */
  aadsts?: string;
  /** The system's word for why no answer came: `ECONNREFUSED`. */
  network?: string;
  retryAfterMs?: number;
}

/** To be called before each attempt: what an earlier one was answered says nothing of it. */
export function forgetAnswer(answer: EntraAnswer): void {
  for (const key of ['status', 'aadsts', 'network', 'retryAfterMs'] as const) delete answer[key];
}

export interface EntraContext {
  /** Where the token was asked for: the authority host. */
  readonly host?: string;
  readonly answer?: EntraAnswer;
}

/** What the user does about a refusal of Entra ID, by its AADSTS number. */
const ADVICE: Readonly<Record<string, string>> = {
  '53003': 'A Conditional Access policy refuses it: have the identity, or the address of the worker, excepted.',
  '70021': 'No federated credential of the identity fits: issuer, subject and audience must be those of the token.',
  '90002': 'There is no such tenant: correct AZURE_TENANT_ID.',
  '500011': 'The tenant knows no such resource: correct AZURE_RESOURCE_MANAGER_AUDIENCE.',
  '700016': 'The tenant has no such application: correct AZURE_CLIENT_ID or AZURE_TENANT_ID.',
  '700024': 'The assertion is too old or too new: look at the clock of the node and the projected token.',
  '700027': "The certificate is not one of the application's: upload it there, or correct AZURE_CLIENT_CERTIFICATE.",
  '700211': 'No federated credential of the identity has this issuer: use that of the cluster.',
  '700212': 'No federated credential of the identity has this audience: use api://AzureADTokenExchange.',
  '700213': "No federated credential of the identity has this subject: use that of the worker's service account.",
  '900023': 'That is no tenant: correct AZURE_TENANT_ID.',
  '7000112': 'The application is disabled: enable it, or use another.',
  '7000215': "The client secret is wrong: put the secret's value, not its id, into AZURE_CLIENT_SECRET.",
  '7000216': 'There is no proof: set AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE, or use workload identity.',
  '7000222': 'The client secret has expired: make a new one and put it into AZURE_CLIENT_SECRET.',
  '7000229': 'The tenant has no service principal for this application: create it there.',
};

/**
 * The ArmError for a token that could not be had: the authority host, the HTTP status, the codes of Entra and MSAL, and
 * what to do. Nothing of the error's own text is kept.
 */
export function authenticationError(error: unknown, { host, answer = {} }: EntraContext = {}): ArmError {
  if (error instanceof ArmError) return error;
  const said = isError(error) ? error.message : '';
  const aadsts = /AADSTS\d+/.exec(said)?.[0] ?? answer.aadsts;
  const network = answer.network ?? (answer.status === undefined ? networkCode(error) : undefined);
  const words = [
    ...(answer.status === undefined ? [] : [`HTTP ${answer.status}`]),
    ...[msalCode(error, said), aadsts, network].filter((word) => word !== undefined),
  ];
  const at = host === undefined ? '' : ` at ${host}`;
  const facts = words.length === 0 ? '' : `: ${words.join(', ')}`;
  const message = `No token from Entra ID${at}${facts}. ${adviceFor({ ...answer, ...(network && { network }), ...(aadsts && { aadsts }) })}`;
  return ownError('AuthenticationFailed', message, { retryAfterMs: answer.retryAfterMs });
}

function adviceFor({ status, aadsts, network }: EntraAnswer): string {
  const known = aadsts === undefined ? undefined : ADVICE[aadsts.slice('AADSTS'.length)];
  if (known !== undefined) return known;
  if (aadsts !== undefined) return 'Look up the AADSTS code, and check client id, tenant and secret of the credential.';
  if (status === 404) return 'That is not the address of an Entra ID: correct AZURE_AUTHORITY_HOST.';
  if (status === 429) return 'Entra ID throttles this identity; it is tried again.';
  if (status !== undefined && status >= 500) return 'Entra ID is not available; it is tried again.';
  if (network === 'ENOENT' || network === 'EACCES') {
    return "The service account's token cannot be read: look at the workload identity webhook and AZURE_FEDERATED_TOKEN_FILE, or set AZURE_CLIENT_SECRET.";
  }
  if (network !== undefined && /CERT|SIGNED|ISSUER|VERIFY/.test(network)) {
    return 'Its certificate is not trusted: correct AZURE_AUTHORITY_HOST, or name its authority in NODE_EXTRA_CA_CERTS.';
  }
  if (network === 'ETIMEDOUT') return 'It did not answer in time: look at the network between the worker and it.';
  if (network !== undefined) return 'It cannot be reached: correct AZURE_AUTHORITY_HOST, or look at the network to it.';
  return 'Check client id, tenant, and secret or certificate of the credential.';
}

/**
 * MSAL's own code (`invalid_client`, `endpoints_resolution_error`), on the error itself, its cause, or before its text.
 */
function msalCode(error: unknown, said: string): string | undefined {
  const candidates = [
    property(error, 'errorCode'),
    property(property(error, 'cause'), 'errorCode'),
    /^\w+(?=:)/.exec(said)?.[0],
  ];
  return candidates.find(
    (code): code is string => typeof code === 'string' && /^[a-z][a-z0-9]*(_[a-z0-9]+)+$/.test(code),
  );
}

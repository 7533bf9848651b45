import { randomBytes } from 'node:crypto';
import { newGuid, type Json, type JsonObject } from './json.ts';
import type { Tokens } from './tokens.ts';

export interface EntraReply {
  readonly status: number;
  readonly body: Json;
}

export interface EntraRequest {
  readonly method: string;
  readonly path: string;
  readonly form: URLSearchParams;
  readonly origin: string;
}

/** Answers the requests to Entra ID that a client credential makes; undefined for any other path. */
export function entra(tokens: Tokens, { method, path, form, origin }: EntraRequest): EntraReply | undefined {
  if (method === 'GET' && path.toLowerCase() === '/common/discovery/instance')
    return { status: 200, body: discovery(origin) };
  const match = /^\/([^/]+)\/(?:v2\.0\/\.well-known\/openid-configuration|oauth2\/v2\.0\/token)$/.exec(path);
  const tenant = match?.[1];
  if (tenant === undefined) return undefined;
  if (method === 'GET') return { status: 200, body: configuration(tenant, origin) };
  return method === 'POST' ? token(tokens, tenant, form) : undefined;
}

function configuration(tenant: string, origin: string): JsonObject {
  const base = `${origin}/${tenant}`;
  return {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    tenant_region_scope: null,
    cloud_instance_name: 'microsoftonline.com',
  };
}

function discovery(origin: string): JsonObject {
  const host = new URL(origin).host;
  return {
    tenant_discovery_endpoint: `${origin}/common/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
}

function token(tokens: Tokens, tenant: string, form: URLSearchParams): EntraReply {
  const secret = form.get('client_secret') ?? form.get('client_assertion');
  if (form.get('grant_type') !== 'client_credentials') {
    return refused(
      400,
      'unsupported_grant_type',
      70003,
      `The app requested an unsupported grant type '${form.get('grant_type') ?? ''}'.`,
    );
  }
  const clientId = form.get('client_id');
  if (clientId === null)
    return refused(
      400,
      'invalid_request',
      900144,
      "The request body must contain the following parameter: 'client_id'.",
    );
  if (secret === null || secret === '') {
    return refused(
      401,
      'invalid_client',
      7000216,
      "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
    );
  }
  if (secret === 'wrong') {
    const message = `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`;
    return refused(401, 'invalid_client', 7000215, message);
  }
  return {
    status: 200,
    body: {
      token_type: 'Bearer',
      expires_in: 3599,
      ext_expires_in: 3599,
      access_token: tokens.issue(accessToken(tenant, clientId)),
    },
  };
}

/** A token in the form of a JWT with a random signature. */
function accessToken(tenant: string, clientId: string): string {
  const part = (value: JsonObject): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.trunc(Date.now() / 1000);
  const times = { iat: now, nbf: now, exp: now + 3599 };
  const who = { appid: clientId, tid: tenant };
  const claims = { aud: 'https://management.azure.com', ...times, ...who, jti: newGuid() };
  return `${part({ typ: 'JWT', alg: 'RS256' })}.${part(claims)}.${randomBytes(256).toString('base64url')}`;
}

function refused(status: number, error: string, code: number, message: string): EntraReply {
  const trace = newGuid();
  const correlation = newGuid();
  const timestamp = new Date().toISOString().replace('T', ' ').replace(/\.\d+/, '');
  return {
    status,
    body: {
      error,
      error_description: `AADSTS${code}: ${message} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
      error_codes: [code],
      timestamp,
      trace_id: trace,
      correlation_id: correlation,
      error_uri: `https://login.microsoftonline.com/error?code=${code}`,
    },
  };
}

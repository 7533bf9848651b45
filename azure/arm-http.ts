import { randomUUID } from 'node:crypto';
import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/core-auth';
import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
} from '@azure/core-rest-pipeline';
import { authenticationError, errorOfBody, isObject, parseJson, retryAfterMs } from './arm-error.ts';
import type { JsonObject } from './contract.ts';
import { withDeadline } from './deadline.ts';
import type { Limiter } from './limiter.ts';

/** One answer of ARM, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: JsonObject | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly asyncOperation: string | undefined;
  readonly location: string | undefined;
}

export type Method = 'GET' | 'HEAD' | 'PUT' | 'DELETE' | 'POST';

/** Sends one request once. Throws ArmError only where there is no answer. */
export type Send = (
  method: Method,
  url: string,
  options: { body?: JsonObject; signal?: AbortSignal; poll?: boolean },
) => Promise<HttpAnswer>;

export interface HttpOptions {
  readonly credential: TokenCredential;
  /** The token is asked for `<audience>/.default`. */
  readonly audience: string;
  readonly limiter?: Limiter | undefined;
  readonly timeoutMs: number;
  /** Replaces the transport; the default keeps connections alive and trusts NODE_EXTRA_CA_CERTS. */
  readonly httpClient?: HttpClient | undefined;
}

/** The scope of a token for an audience, with or without a trailing slash. */
export function scopeOf(audience: string): string {
  return `${audience.replace(/\/+$/, '')}/.default`;
}

/** The transport: a bearer token, a limit in time, no retry, no redirect. Redirects would carry the token to another host. */
export function createSend(options: HttpOptions): Send {
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(
    bearerTokenAuthenticationPolicy({
      credential: plainFailures(options.credential),
      scopes: scopeOf(options.audience),
    }),
  );
  const client = options.httpClient ?? createDefaultHttpClient();
  return (method, url, { body, signal, poll }) =>
    withDeadline({ timeoutMs: options.timeoutMs, signal }, async (abortSignal) => {
      const turn = await options.limiter?.turn({ method, url, poll }, abortSignal);
      const request = createPipelineRequest({
        url,
        method,
        headers: createHttpHeaders({
          accept: 'application/json',
          'user-agent': 'azure-temporal-operator',
          'x-ms-client-request-id': randomUUID(),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        }),
        abortSignal,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const response = await pipeline.sendRequest(client, request);
      const parsed = parseJson(response.bodyAsText ?? '');
      const wait = retryAfterMs(response.headers.get('retry-after'), Date.now());
      turn?.heard({
        status: response.status,
        code: errorOfBody(parsed).code,
        retryAfterMs: wait,
        header: (name) => response.headers.get(name),
      });
      return {
        status: response.status,
        body: isObject(parsed) ? parsed : undefined,
        requestId: response.headers.get('x-ms-request-id'),
        retryAfterMs: wait,
        asyncOperation: response.headers.get('azure-asyncoperation'),
        location: response.headers.get('location'),
      };
    });
}

/** A credential whose failures say nothing but the code: Entra's own errors carry the request. */
export function plainFailures(credential: TokenCredential): TokenCredential {
  return {
    async getToken(scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken | null> {
      try {
        return await credential.getToken(scopes, options);
      } catch (error) {
        throw authenticationError(error);
      }
    },
  };
}

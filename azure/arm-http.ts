import { randomUUID } from 'node:crypto';
import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/core-auth';
import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  type PipelinePolicy,
} from '@azure/core-rest-pipeline';
import { type ArmError, errorOfBody, isObject, ownError, parseJson, retryAfterMs } from './arm-error.ts';
import type { JsonObject } from './contract.ts';
import { withDeadline } from './deadline.ts';
import type { ArmCredential } from './entra-credential.ts';
import { authenticationError } from './entra-error.ts';
import { typeOfRequest } from './azure-id.ts';
import type { Limiter } from './limiter.ts';
import type { ArmObserver, EndedRequest } from './observer.ts';

/** An HTTP response of ARM, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: JsonObject | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly asyncOperation: string | undefined;
  readonly location: string | undefined;
  readonly etag: string | undefined;
}

type Method = 'GET' | 'HEAD' | 'PUT' | 'DELETE' | 'POST';

/** Sends a request once. Throws ArmError only when there is no answer. */
export type Send = (
  method: Method,
  url: string,
  options: { body?: JsonObject | undefined; signal?: AbortSignal; ifMatch?: string | undefined; poll?: boolean },
) => Promise<HttpAnswer>;

export interface HttpOptions {
  readonly credential: ArmCredential;
  /** The token is requested for the scope `<audience>/.default`. */
  readonly audience: string;
  readonly limiter?: Limiter | undefined;
  readonly timeoutMs: number;
  /** Replaces the HTTP transport; the default keeps connections alive and trusts NODE_EXTRA_CA_CERTS. */
  readonly httpClient?: HttpClient | undefined;
  readonly observer?: ArmObserver | undefined;
}

/** The token scope of an audience, with or without a trailing slash. */
export function scopeOf(audience: string): string {
  return `${audience.replace(/\/+$/, '')}/.default`;
}

/**
 * Creates the function that sends requests: with a bearer token and a timeout, without retries or redirects. A redirect
 * would send the token to another host.
 */
export function createSend(options: HttpOptions): Send {
  const credential = withTypedErrors(options.credential);
  const scope = scopeOf(options.audience);
  const client = options.httpClient ?? createDefaultHttpClient();
  return (method, url, { body, signal, ifMatch, poll }) =>
    withDeadline({ timeoutMs: options.timeoutMs, signal }, async (abortSignal) => {
      if (!url.startsWith('https://')) throw notTls();
      // Get the token before the turn: a request that has its turn must be sent at once.
      const token = await credential.getToken(scope, { abortSignal });
      const turn = await options.limiter?.waitForTurn({ method, url, poll }, abortSignal);
      const request = createPipelineRequest({
        url,
        method,
        headers: createHttpHeaders({
          accept: 'application/json',
          authorization: `Bearer ${token?.token ?? ''}`,
          'user-agent': 'azure-temporal-operator',
          'x-ms-client-request-id': randomUUID(),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
        }),
        abortSignal,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const response = await observed({ ...options, method, url, signal }, () => client.sendRequest(request));
      if (response.status === 401 && token !== null) options.credential.refused?.(token.token);
      const parsed = parseJson(response.bodyAsText ?? '');
      const wait = retryAfterMs(response.headers.get('retry-after'), Date.now());
      turn?.answered({
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
        etag: response.headers.get('etag'),
      };
    });
}

/** Tells the observer how a request ended, and returns its answer. */
async function observed<T extends { readonly status: number }>(
  of: {
    readonly observer?: ArmObserver | undefined;
    readonly method: string;
    readonly url: string;
    /** That of the caller, without the time limit. */
    readonly signal?: AbortSignal | undefined;
  },
  send: () => Promise<T>,
): Promise<T> {
  const { observer, method, url, signal } = of;
  if (observer === undefined) return await send();
  const startedAt = performance.now();
  const ended = (status: EndedRequest['status']): void =>
    observer.requestEnded({
      method,
      type: typeOfRequest(method, url),
      status,
      durationMs: performance.now() - startedAt,
    });
  try {
    const answer = await send();
    ended(answer.status);
    return answer;
  } catch (error) {
    ended(signal?.aborted === true ? 'aborted' : 'none');
    throw error;
  }
}

/** Wraps a credential so that its failures become ArmErrors without the request, which Entra's own errors carry. */
export function withTypedErrors(credential: TokenCredential): TokenCredential {
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

/**
 * A pipeline policy for the typed SDKs, which have a token policy of their own: it tells the credential when ARM
 * refuses its token, and the observer how the request ended.
 */
export function reportRefusedTokens(
  { credential, observer }: Pick<HttpOptions, 'credential' | 'observer'>,
  signal: AbortSignal | undefined,
): PipelinePolicy {
  return {
    name: 'refusedTokens',
    async sendRequest(request, next) {
      const { method, url } = request;
      const response = await observed({ observer, method, url, signal }, () => next(request));
      const token = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1];
      if (response.status === 401 && token !== undefined) credential.refused?.(token);
      return response;
    },
  };
}

function notTls(): ArmError {
  const message = 'AZURE_RESOURCE_MANAGER_ENDPOINT is not an https URL; the token is not sent unencrypted.';
  return ownError('OperationUrlRefused', message);
}

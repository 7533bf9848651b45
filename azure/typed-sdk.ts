import type { TokenCredential } from '@azure/core-auth';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import type { ArmClientOptions } from './arm-client.ts';
import { normalizeArmError } from './arm-error.ts';
import { plainFailures, refusals, scopeOf } from './arm-http.ts';
import type { ArmAddress } from './contract.ts';
import { withDeadline } from './deadline.ts';

export type TypedCallOptions = ArmClientOptions & { readonly target: ArmAddress; readonly signal?: AbortSignal };

/**
 * What a typed SDK client is made with, so that it speaks to ARM as our own does: same host, same audience, no retries,
 * no redirects.
 */
export function typedClient(options: TypedCallOptions): {
  readonly credential: TokenCredential;
  readonly options: {
    additionalPolicies: { policy: PipelinePolicy; position: 'perRetry' }[];
    endpoint: string;
    credentials: { scopes: string[] };
    apiVersion: string;
    retryOptions: { maxRetries: number };
    redirectOptions: { maxRetries: number };
    httpClient?: NonNullable<ArmClientOptions['httpClient']>;
  };
} {
  return {
    credential: plainFailures(options.credential),
    options: {
      additionalPolicies: [{ policy: refusals(options.credential), position: 'perRetry' }],
      endpoint: options.endpoint.replace(/\/+$/, ''),
      credentials: { scopes: [scopeOf(options.audience)] },
      apiVersion: options.target.apiVersion,
      retryOptions: { maxRetries: 0 },
      // A redirect would carry the request to a host that nobody configured.
      redirectOptions: { maxRetries: 0 },
      ...(options.httpClient === undefined ? {} : { httpClient: options.httpClient }),
    },
  };
}

/**
 * One call of a typed SDK, in turn with all others of the subscription and bounded in time.
 * @throws ArmError
 */
export async function callTyped<T>(
  options: TypedCallOptions,
  method: 'GET' | 'POST',
  call: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { limiter, target, signal, timeoutMs = 60_000 } = options;
  return await withDeadline({ timeoutMs, signal }, async (abortSignal) => {
    const turn = await limiter?.turn({ method, url: target.id }, abortSignal);
    try {
      const result = await call(abortSignal);
      turn?.heard({ status: 200 });
      return result;
    } catch (thrown) {
      const error = normalizeArmError(thrown);
      // Without an answer there is nothing to learn.
      if (error.status !== 0) turn?.heard(error);
      throw thrown;
    }
  });
}

import type { TokenCredential } from '@azure/core-auth';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import type { ArmClientOptions } from './arm-client.ts';
import { normalizeArmError } from './arm-error.ts';
import { withTypedErrors, reportRefusedTokens, scopeOf } from './arm-http.ts';
import type { ArmAddress } from './contract.ts';
import { withDeadline } from './deadline.ts';

export type TypedCallOptions = ArmClientOptions & { readonly target: ArmAddress; readonly signal?: AbortSignal };

/**
 * The credential and options for a typed SDK client, so that it behaves as the ARM client: same host, same audience, no
 * retries, no redirects.
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
    credential: withTypedErrors(options.credential),
    options: {
      additionalPolicies: [{ policy: reportRefusedTokens(options, options.signal), position: 'perRetry' }],
      endpoint: options.endpoint.replace(/\/+$/, ''),
      credentials: { scopes: [scopeOf(options.audience)] },
      apiVersion: options.target.apiVersion,
      retryOptions: { maxRetries: 0 },
      // A redirect would send the request to a host that is not configured.
      redirectOptions: { maxRetries: 0 },
      ...(options.httpClient === undefined ? {} : { httpClient: options.httpClient }),
    },
  };
}

/** Runs one call of a typed SDK, with the limiter of the subscription and a time limit. */
export async function callTyped<T>(
  options: TypedCallOptions,
  method: 'GET' | 'POST',
  call: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { limiter, target, signal, timeoutMs = 60_000 } = options;
  return await withDeadline({ timeoutMs, signal }, async (abortSignal) => {
    const turn = await limiter?.waitForTurn({ method, url: target.id }, abortSignal);
    try {
      const result = await call(abortSignal);
      turn?.answered({ status: 200 });
      return result;
    } catch (thrown) {
      const error = normalizeArmError(thrown);
      // Without an answer, the limiter learns nothing.
      if (error.status !== 0) turn?.answered(error);
      throw thrown;
    }
  });
}

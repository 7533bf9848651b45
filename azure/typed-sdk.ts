import type { TokenCredential } from '@azure/core-auth';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import type { ArmClientOptions } from './arm-client.ts';
import { ArmError, normalizeArmError } from './arm-error.ts';
import { plainFailures, refusals, scopeOf } from './arm-http.ts';
import type { ArmTarget } from './contract.ts';
import { withDeadline } from './deadline.ts';

export type TypedCallOptions = ArmClientOptions & { readonly target: ArmTarget; readonly signal?: AbortSignal };

/** What a typed SDK client is made with, so that it speaks to ARM as our own does: same host, same audience, no retries, no redirects. */
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
  try {
    return await withDeadline(
      { timeoutMs: options.timeoutMs ?? 60_000, signal: options.signal },
      async (abortSignal) => {
        await options.limiter?.turn(method, abortSignal);
        return await call(abortSignal);
      },
    );
  } catch (thrown) {
    const error = normalizeArmError(thrown);
    // What the limiter itself threw names the end it knows already.
    options.limiter?.note(method, error.status, error.retryAfterMs);
    throw error;
  }
}

/** Subscription, resource group and name in the id of a resource of a type. @throws ArmError when it is the id of something else */
export function partsOf(id: string, armType: string): { subscriptionId: string; resourceGroup: string; name: string } {
  const parts = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/([^/]+\/[^/]+)\/([^/]+)$/i.exec(id);
  const [, subscriptionId, resourceGroup, type, name] = parts ?? [];
  if (
    subscriptionId !== undefined &&
    resourceGroup !== undefined &&
    name !== undefined &&
    type?.toLowerCase() === armType.toLowerCase()
  ) {
    return { subscriptionId, resourceGroup, name };
  }
  throw new ArmError({ status: 0, code: 'AzureNameInvalid', message: `This is not the ARM id of a ${armType}.` });
}

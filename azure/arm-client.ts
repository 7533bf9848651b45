import type { HttpClient } from '@azure/core-rest-pipeline';
import { ArmError, armErrorOfAnswer, errorOfBody, isObject, ownError } from './arm-error.ts';
import { createSend, type HttpAnswer } from './arm-http.ts';
import { secretsOf } from './clean-message.ts';
import type { ArmAnswer, ArmClient, ArmAddress, JsonObject, Operation, PollAnswer, PollBudget } from './contract.ts';
import type { ArmCredential } from './entra-credential.ts';
import { Limiter } from './limiter.ts';
import { operationOf, provisioningStateOf, phaseOfOperation, phaseOfResource } from './operation.ts';
import type { ArmObserver } from './observer.ts';
import { SharedPollBudget } from './poll-budget.ts';
import type { Phase } from './provisioning-states.ts';

export interface ArmClientOptions {
  readonly credential: ArmCredential;
  readonly subscriptionId: string;
  /** For example `https://management.azure.com`, with or without a trailing slash. */
  readonly endpoint: string;
  readonly audience: string;
  readonly limiter?: Limiter | undefined;
  /** The poll budget of the subscription; the client creates its own when absent. */
  readonly polls?: PollBudget | undefined;
  /** For one request, including the wait for the token and the limiter; 60 s when absent. */
  readonly timeoutMs?: number | undefined;
  /** Replaces the HTTP transport; for tests. */
  readonly httpClient?: HttpClient | undefined;
  /** Is told of each request. */
  readonly observer?: ArmObserver | undefined;
}

/** Creates the ARM client, which serves all kinds and api-versions. See `contract.ts`. */
export function createArmClient(options: ArmClientOptions): ArmClient {
  const send = createSend({ ...options, timeoutMs: options.timeoutMs ?? 60_000 });
  const url = (at: ArmAddress, action?: string): string => urlOf(options.endpoint, at, { action });
  return {
    subscriptionId: options.subscriptionId,
    polls: options.polls ?? new SharedPollBudget((options.limiter ?? new Limiter()).reads),
    async get(at, call = {}) {
      const answer = await send('GET', url(at), call);
      return answer.status === 404 ? undefined : accepted(answer, undefined);
    },
    async head(at, call = {}) {
      const answer = await send('HEAD', url(at), call);
      if (answer.status === 404) return false;
      accepted(answer, undefined);
      return true;
    },
    async put(at, body, call = {}) {
      const answer = await send('PUT', url(at), { ...call, body });
      if (answer.status === 412 && call.ifMatch !== undefined) throw changedSinceRead(answer);
      return changed('PUT', answer, [...secretsOf(body), ...(call.secrets ?? [])]);
    },
    async delete(at, call = {}) {
      const { query, ...rest } = call;
      const answer = await send('DELETE', urlOf(options.endpoint, at, { query }), rest);
      return answer.status === 404 ? undefined : changed('DELETE', answer, []);
    },
    async poll(operation, at, call = {}) {
      const pollUrl = operation.style === 'resource' ? url(at) : operationUrl(options.endpoint, operation);
      return pollAnswer(operation, await send('GET', pollUrl, { ...call, poll: true }));
    },
    async action(at, action, call = {}) {
      return accepted(await send('POST', url(at, action), call), undefined).body ?? {};
    },
  };
}

function changed(method: 'PUT' | 'DELETE', answer: HttpAnswer, secrets: readonly string[]): ArmAnswer {
  if (answer.status < 200 || answer.status >= 300) throw armErrorOfAnswer({ ...answer, secrets });
  const operation = operationOf({ ...answer, method, now: Date.now() });
  const { phase, word } = phaseOfResource(answer.body);
  if (method === 'PUT' && operation === undefined && phase === 'failed') throw failed(answer, word);
  return accepted(answer, operation);
}

/**
 * Providers use different codes for a failed If-Match, and some use the code of a 412 for "busy" as well. This error
 * has one code.
 */
function changedSinceRead({ status, requestId }: HttpAnswer): ArmError {
  const message =
    'The resource was changed in Azure after it was read, so nothing was written; it is read again and retried.';
  return new ArmError({ status, code: 'PreconditionFailed', message, requestId });
}

function accepted(answer: HttpAnswer, operation: Operation | undefined): ArmAnswer {
  if (answer.status < 200 || answer.status >= 300) throw armErrorOfAnswer(answer);
  return { status: answer.status, body: answer.body, requestId: answer.requestId, operation, etag: etagOf(answer) };
}

/** Network resources have an ETag in header and body; some answers only have it in the body. */
function etagOf({ etag, body }: HttpAnswer): string | undefined {
  const inside = body?.['etag'];
  return etag ?? (typeof inside === 'string' && inside !== '' ? inside : undefined);
}

function pollAnswer(operation: Operation, answer: HttpAnswer): PollAnswer {
  if (answer.status === 404 || answer.status === 410) {
    return operation.method === 'DELETE' ? { done: true, body: undefined } : { done: 'lost' };
  }
  if (answer.status < 200 || answer.status >= 300) {
    // Style `location` has no status field: a failed operation shows as an error response of the poll itself.
    const operationFailed = operation.style === 'location' && [400, 409, 412, 422].includes(answer.status);
    throw armErrorOfAnswer({ ...answer, operationFailed });
  }
  switch (operation.style) {
    case 'azure-async':
      return asyncAnswer(answer);
    case 'location':
      return locationAnswer(answer);
    case 'resource':
      return resourceAnswer(operation, answer);
  }
}

function asyncAnswer(answer: HttpAnswer): PollAnswer {
  const status = answer.body?.['status'];
  if (typeof status === 'string' && status !== '') {
    return answerFor(answer, status, phaseOfOperation(status), undefined);
  }
  // Some providers answer the poll with the resource instead of a status.
  if (provisioningStateOf(answer.body) !== undefined) {
    const { phase, word } = phaseOfResource(answer.body);
    return answerFor(answer, word, phase, undefined);
  }
  const gone = answer.status === 204 || typeof answer.body?.['id'] === 'string';
  return gone ? { done: true, body: undefined } : running(answer, 'Unknown');
}

function locationAnswer(answer: HttpAnswer): PollAnswer {
  if (answer.status === 202) return running(answer, provisioningStateOf(answer.body) ?? 'InProgress');
  const { phase, word } = phaseOfResource(answer.body);
  if (phase === 'failed') throw failed(answer, word);
  return { done: true, body: answer.body };
}

function resourceAnswer(operation: Operation, answer: HttpAnswer): PollAnswer {
  const { phase, word } = phaseOfResource(answer.body);
  // While the resource can still be read, it is not deleted, whatever its state says.
  if (operation.method === 'DELETE' && phase === 'succeeded') return running(answer, word);
  return answerFor(answer, word, phase, answer.body);
}

function answerFor(answer: HttpAnswer, word: string, phase: Phase, body: JsonObject | undefined): PollAnswer {
  if (phase === 'failed') throw failed(answer, word);
  return phase === 'succeeded' ? { done: true, body } : running(answer, word);
}

function running(answer: HttpAnswer, state: string): PollAnswer {
  return { done: false, state, retryAfterMs: answer.retryAfterMs };
}

/** ARM accepted the operation and then reported that it failed. */
function failed(answer: HttpAnswer, word: string): ArmError {
  const error = answer.body?.['error'];
  const { code, message } = errorOfBody(isObject(error) ? { error } : undefined);
  const body = {
    code: code ?? word,
    message: message ?? `Azure ended the operation with status ${word} and no error message.`,
  };
  return armErrorOfAnswer({ ...answer, body, retryAfterMs: undefined, operationFailed: true });
}

function urlOf(
  endpoint: string,
  at: ArmAddress,
  { action, query = {} }: { action?: string | undefined; query?: Readonly<Record<string, string>> | undefined },
): string {
  const segments = [...at.id.split('/'), ...(action === undefined ? [] : [action])];
  // The id contains names that users chose: one with `..` would address another resource with the operator's token.
  if (segments[0] !== '' || segments.slice(1).some((segment) => ['', '.', '..'].includes(segment))) {
    throw ownError(
      'AzureNameInvalid',
      'The Azure name does not form a valid ARM id: it has an empty part, "." or "..". Correct spec.azureName.',
    );
  }
  const path = segments.map(pathSegment).join('/');
  const filter = at.filter === undefined ? '' : `&$filter=${encodeURIComponent(at.filter)}`;
  const more = Object.entries(query).map(
    ([name, value]) => `&${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  );
  return `${endpoint.replace(/\/+$/, '')}${path}?api-version=${encodeURIComponent(at.apiVersion)}${filter}${more.join('')}`;
}

function pathSegment(segment: string): string {
  // ARM writes these characters unescaped in paths.
  return encodeURIComponent(segment).replace(/%(24|26|2B|3A|3B|3D|40|2C)/g, decodeURIComponent);
}

/**
 * Returns the poll URL if its host is the configured ARM endpoint. It gets the bearer token, and the header it came
 * from is not trusted.
 */
function operationUrl(endpoint: string, operation: Operation): string {
  const base = new URL(endpoint);
  const url = operation.url === undefined ? null : URL.parse(operation.url, base.origin);
  if (url === null || url.host !== base.host || url.protocol !== base.protocol || url.username !== '') {
    const message =
      'The operation URL that Azure returned is not on the host of AZURE_RESOURCE_MANAGER_ENDPOINT; the token is not sent there.';
    throw ownError('OperationUrlRefused', message);
  }
  return url.href;
}

import type { JsonObject } from './json.ts';
import type { Operation, Operations, UrlSigner } from './operations.ts';
import { pollUrl, retryAfter } from './provider.ts';
import { mysqlTime } from './providers/mysql.ts';
import { errorReply, type Reply } from './reply.ts';
import type { SubscriptionSettings } from './settings.ts';

export interface PollCall {
  readonly operations: Operations;
  readonly signer: UrlSigner;
  readonly settings: SubscriptionSettings;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly origin: string;
  readonly now: number;
}

const statusUrl =
  /^\/subscriptions\/([^/]+)\/providers\/[^/]+\/locations\/[^/]+\/(azureAsyncOperation|operationsStatus|operationStatuses|asyncoperations|operationResults)\/([^/]+)$/i;
const groupUrl = /^\/subscriptions\/([^/]+)\/(operationresults)\/([^/]+)$/i;
const resultUrl = /^\/subscriptions\/([^/]+)\/resourceGroups\/.+\/(operationResults)\/([^/]+)$/i;

/** Answers a poll; undefined if the path is not that of a poll URL. */
export function poll(call: PollCall): Reply | undefined {
  const match = statusUrl.exec(call.path) ?? groupUrl.exec(call.path) ?? resultUrl.exec(call.path);
  const [, subscription, kind, id] = match ?? [];
  if (subscription === undefined || kind === undefined || id === undefined) return undefined;
  const operation = call.operations.find(subscription, id);
  if (operation === undefined || operation.forgotten !== undefined) {
    const status = operation?.forgotten ?? 404;
    const code = status === 410 ? 'Gone' : 'NotFound';
    return errorReply('gateway', status, code, `The operation '${id}' was not found.`);
  }
  if (!call.signer.accepts(call.query))
    return errorReply(
      'gateway',
      403,
      'InvalidAsyncOperationSignature',
      'The signature of the operation URL is not valid.',
    );
  if (operation.style === 'location') return locationPoll(call, operation);
  if (kind.toLowerCase() === 'operationresults') return resultPoll(call, operation);
  return operation.style === 'mysql' ? mysqlPoll(call, operation) : cosmosPoll(call, operation);
}

/** Style D: 202 with a newly signed Location, then 200 with the resource or an empty body. */
function locationPoll(call: PollCall, operation: Operation): Reply {
  const service = operation.method === 'DELETE' ? 'resources' : 'storage';
  if (operation.state === 'running') {
    const location = pollUrl(call, operation.pollPath);
    return { status: 202, service, headers: { location, ...retryAfter(call, operation.retryAfterSeconds ?? 15) } };
  }
  if (operation.outcome !== undefined)
    return errorReply(service, 409, operation.outcome.code, operation.outcome.message);
  const body = operation.result();
  return body === undefined ? { status: 200, service } : { status: 200, service, body };
}

/** Style A: every answer has a Retry-After, also the last one. */
function mysqlPoll(call: PollCall, operation: Operation): Reply {
  const headers = retryAfter(call, operation.retryAfterSeconds ?? 15);
  const status = statusWord(operation, 'InProgress');
  return {
    status: 200,
    service: 'mysql',
    headers,
    body: { name: operation.id, status, startTime: mysqlTime(operation.startedAt), ...errorOf(operation) },
  };
}

/** Styles B and C: the body has only a status, with unusual words while the operation is running. */
function cosmosPoll(call: PollCall, operation: Operation): Reply {
  const word = call.operations.progress(operation, call.now) < 0.15 ? 'Enqueued' : 'Dequeued';
  return { status: 200, service: 'cosmos', body: { status: statusWord(operation, word), ...errorOf(operation) } };
}

/** Polls the `Location` of an answer that also has an `Azure-AsyncOperation`. No recorded client polls it. */
function resultPoll(call: PollCall, operation: Operation): Reply {
  const service = operation.style === 'mysql' ? 'mysql' : 'cosmos';
  if (operation.state === 'running') {
    const path = `${call.path}?api-version=${call.query.get('api-version') ?? ''}`;
    return {
      status: 202,
      service,
      headers: { location: pollUrl(call, path), ...retryAfter(call, operation.retryAfterSeconds ?? 5) },
    };
  }
  if (operation.outcome !== undefined)
    return errorReply(service, 409, operation.outcome.code, operation.outcome.message);
  const body = operation.method === 'DELETE' ? undefined : operation.result();
  return body === undefined ? { status: 204, service } : { status: 200, service, body };
}

function statusWord(operation: Operation, running: string): string {
  if (operation.state === 'running') return running;
  return operation.outcome === undefined ? 'Succeeded' : 'Failed';
}

function errorOf(operation: Operation): JsonObject {
  return operation.outcome === undefined
    ? {}
    : { error: { code: operation.outcome.code, message: operation.outcome.message } };
}

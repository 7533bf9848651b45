import type { Faults } from './faults.ts';
import type { SimulatorState } from './gateway.ts';
import { asObject, asString, mergePatch, type Json, type JsonObject } from './json.ts';
import type { Operation } from './operations.ts';
import type { RequestLog } from './request-log.ts';

export interface ControlRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: JsonObject;
  readonly now: number;
}

/** Handles `/_simulator/…`, the API with which tests and demos control the simulator. */
export function control(
  state: SimulatorState,
  faults: Faults,
  log: RequestLog,
  request: ControlRequest,
): { status: number; body: Json } {
  const { method, url, body, now } = request;
  state.operations.finishDue(now);
  const path = url.pathname.slice('/_simulator'.length);
  const subscription = /^\/subscriptions\/([^/]+)$/.exec(path)?.[1];
  if (subscription !== undefined && method === 'POST') {
    if (body['buckets'] !== undefined) state.throttle.change(subscription, body['buckets'], now);
    const buckets = state.throttle.of(subscription);
    return ok({ ...settings(state, body, subscription), ...(buckets === undefined ? {} : { buckets }) });
  }
  switch (`${method} ${path}`) {
    case 'GET /health':
      return ok({ status: 'ok' });
    case 'POST /faults':
      faults.add(body);
      return ok({});
    case 'POST /faults/forget':
      faults.forget(new RegExp(asString(body['path'])).source);
      return ok({});
    case 'DELETE /faults':
      faults.clear();
      return ok({});
    case 'POST /drift':
      return drift(state, body, now);
    case 'GET /requests':
      return ok({
        requests: log
          .of(url.searchParams.get('subscription'))
          .map((entry) => ({ ...entry, subscription: entry.subscription ?? null })),
      });
    case 'DELETE /requests':
      log.clear();
      return ok({});
    case 'POST /time-scale':
      return ok(settings(state, { timeScale: body['scale'] ?? 1 }, asString(body['subscription']) || undefined));
    case 'GET /operations':
      return ok({
        operations: state.operations.running(url.searchParams.get('subscription') ?? undefined).map(describe),
      });
    case 'POST /operations/finish':
      return ok(finish(state, body, now));
    case 'POST /operations/forget':
      return ok(forget(state, body));
    case 'POST /tokens/revoke':
      return ok(revoke(state, body));
    case 'POST /rights':
      return ok(rights(state, body));
    default:
      return {
        status: 404,
        body: { error: `The simulator does not have ${method} ${url.pathname}; see simulator/README.md` },
      };
  }
}

function ok(body: Json): { status: number; body: Json } {
  return { status: 200, body };
}

function settings(state: SimulatorState, body: JsonObject, subscription: string | undefined): JsonObject {
  const { timeScale, synchronous, hold } = body;
  const changes = {
    ...(typeof timeScale === 'number' ? { timeScale } : {}),
    ...(typeof synchronous === 'boolean' ? { synchronous } : {}),
    ...(typeof hold === 'boolean' ? { hold } : {}),
  };
  state.settings.change(changes, subscription);
  return { ...state.settings.of(subscription ?? '') };
}

/**
 * Changes a resource as another client would: `patch` is merged into it; `delete` removes it. With `insist` the patch
 * is merged into every later answer, with `insist: 'reads'` into answers to GET only; the resource need not exist yet.
 */
function drift(state: SimulatorState, body: JsonObject, now: number): { status: number; body: Json } {
  const key = asString(body['id']).toLowerCase();
  const { insist } = body;
  if (insist === true || insist === 'reads') {
    state.store.forceValues(key, { patch: asObject(body['patch']), readsOnly: insist === 'reads' });
    return ok({});
  }
  const resource = state.store.get(key);
  if (resource === undefined) return { status: 404, body: { error: `There is no resource ${key}` } };
  if (body['delete'] === true) state.store.remove(key, now);
  else resource.body = mergePatch(resource.body, asObject(body['patch']));
  return ok({});
}

/** Ends the chosen running operations. */
function finish(state: SimulatorState, body: JsonObject, now: number): JsonObject {
  const failure =
    typeof body['code'] === 'string' ? { code: body['code'], message: asString(body['message']) } : undefined;
  const chosen = chosenOperations(state, body);
  for (const operation of chosen) state.operations.finish(operation, failure ?? operation.failure, now);
  return { finished: chosen.map(describe) };
}

/** Makes the URLs of the chosen running operations answer 404, or 410 (`status`). The operations go on. */
function forget(state: SimulatorState, body: JsonObject): JsonObject {
  const chosen = chosenOperations(state, body);
  for (const operation of chosen) operation.forgotten = body['status'] === 410 ? 410 : 404;
  return { forgotten: chosen.map(describe) };
}

/**
 * The running operations of a subscription (`subscription`), of resources (`resource`, a regular expression on the id),
 * or the one with that `id`.
 */
function chosenOperations(state: SimulatorState, body: JsonObject): Operation[] {
  const id = asString(body['id']);
  const resource = new RegExp(asString(body['resource']), 'i');
  return state.operations
    .running(asString(body['subscription']) || undefined)
    .filter((operation) => (id === '' || operation.id === id) && resource.test(operation.resourceKey));
}

/** Makes ARM refuse all tokens that were issued so far, or those of `clientId`, with 401 and `code`. */
function revoke({ tokens }: SimulatorState, body: JsonObject): JsonObject {
  const code = asString(body['code'], 'ExpiredAuthenticationToken');
  return { revoked: tokens.revoke(code, asString(body['clientId']) || undefined) };
}

/**
 * Denies access to `subscription` except for `scope` (an ARM id), either to everybody or to the application `clientId`.
 * Without `scope`, everybody has access again.
 */
function rights(state: SimulatorState, body: JsonObject): JsonObject {
  const subscription = asString(body['subscription']);
  const scope = asString(body['scope']);
  if (scope === '') state.rights.clear(subscription);
  else state.rights.grant(subscription, scope, asString(body['clientId']) || undefined);
  return {};
}

function describe(operation: Operation): JsonObject {
  const { id, resourceKey, method, startedAt } = operation;
  return { id, resource: resourceKey, method, startedAt };
}

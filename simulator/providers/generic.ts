import { actionOutput } from '../action-output.ts';
import { answerBody } from '../answer-body.ts';
import { etagHeader, preconditionFailedReply, withEtag } from '../etag.ts';
import { asObject, asString, newGuid, type JsonObject } from '../json.ts';
import { keyFor } from '../keys.ts';
import { shortLocation } from '../locations.ts';
import type { OwningResource } from '../made-up-values.ts';
import { setPhase, pollUrl, retryAfter, startOperation, storeResource, type Call, type Provider } from '../provider.ts';
import { errorReply, type Reply } from '../reply.ts';
import type { StoredResource } from '../store.ts';
import { replaceChildren, withChildren } from './embedded.ts';
import { forcedToFail, longRunningOf, type LongRunning } from './long-running.ts';
import { withInterface } from './private-endpoint.ts';

/**
 * The provider of every type without its own provider. It uses the type facts: what is secret, what only Azure sets,
 * what actions answer. For a type or api-version without facts, GET answers what was sent.
 */
export const generic: Provider = { writeLatencyMs: 1_000, put, get, delete: remove, action };

function put(call: Call): Reply {
  const { existing, target, body, now, failure } = call;
  if (existing?.phase === 'deleting')
    return errorReply('generic', 409, 'Conflict', `The resource '${target.name}' is being deleted.`);
  const stale = preconditionFailedReply(call, existing && show(call, existing));
  if (stale !== undefined) return stale;
  const { name: _ignored, ...sent } = body;
  const shown = withInterface(call, shownBody(call, replaceChildren(call, sent)));
  const own = longRunningOf(target.type);
  const timing = failure !== undefined && own.style === 'synchronous' ? forcedToFail : own;
  const durationMs = existing === undefined ? timing.createMs : timing.updateMs;
  const status = existing === undefined ? 201 : 200;
  if (call.settings.synchronous || timing.style === 'synchronous' || durationMs === 0)
    return { status, service: 'generic', body: show(call, storeResource(call, 'ready', sent, shown)) };
  const resource = existing ?? storeResource(call, 'creating', sent, shown);
  if (existing !== undefined) setPhase(existing, existing.phase === 'creating' ? 'creating' : 'updating', now);
  const finish = (outcome: unknown, at: number): void => {
    if (call.store.get(target.key) !== resource || resource.phase === 'deleting') return;
    if (outcome === undefined) Object.assign(resource, { sent, body: shown });
    setPhase(resource, existing === undefined && outcome !== undefined ? 'failed' : 'ready', at);
  };
  const headers = begin(call, timing, { method: 'PUT', durationMs, finish });
  if (timing.style === 'accepted') return { status: 202, service: 'mysql', headers };
  return {
    status: timing.style === 'resource' ? 200 : status,
    service: 'generic',
    body: show(call, resource),
    ...(timing.style === 'status' ? { headers } : {}),
  };
}

function get(call: Call): Reply {
  const { existing, target } = call;
  if (call.facts.row(target.type)?.existsBy === 'HEAD' && call.method === 'GET') return notAllowed(call);
  if (existing === undefined || (existing.phase === 'creating' && longRunningOf(target.type).style === 'accepted'))
    return errorReply('generic', 404, 'ResourceNotFound', `The ${target.type} '${target.name}' was not found.`);
  const body = show(call, existing);
  return { status: 200, service: 'generic', body, headers: etagHeader(body) };
}

function remove(call: Call): Reply {
  const { existing, target, now } = call;
  if (call.facts.row(target.type)?.delete === false) return notAllowed(call);
  if (existing === undefined) return { status: 204, service: 'generic' };
  const timing = longRunningOf(target.type);
  if (call.settings.synchronous || timing.deleteMs === 0) {
    call.store.remove(target.key, now);
    return { status: 200, service: 'generic' };
  }
  setPhase(existing, 'deleting', now);
  const finish = (outcome: unknown, at: number): void => {
    if (outcome === undefined) call.store.remove(target.key, at);
    else setPhase(existing, 'ready', at);
  };
  const headers = begin(call, timing, { method: 'DELETE', durationMs: timing.deleteMs, finish });
  return { status: 202, service: 'generic', headers };
}

function action(call: Call, name: string): Reply {
  const { existing, target, facts } = call;
  if (existing === undefined && !isBuiltIn(call)) return get(call);
  const known = facts.of(target.type, call.apiVersion);
  if (known === undefined) return { status: 200, service: 'generic', body: usualKeys(call, name) };
  const body = actionOutput(known, owningResource(call), name);
  if (body !== undefined) return { status: 200, service: 'generic', body };
  const message = `The action '${name}' is not known for '${target.type}'.`;
  return errorReply('generic', 400, 'InvalidResourceType', message);
}

/** The output of an action that lists keys, for a type without facts: with the names that most services use. */
function usualKeys({ target }: Call, name: string): JsonObject {
  if (!/^list.*keys$/i.test(name)) return {};
  return { primaryKey: keyFor(target.key, 'primary'), secondaryKey: keyFor(target.key, 'secondary') };
}

/** Whether it is a child that exists without a PUT, such as `RootManageSharedAccessKey` of a namespace. */
function isBuiltIn({ target, store: resources, facts }: Call): boolean {
  const parent = target.parentKey === undefined ? undefined : resources.get(target.parentKey);
  const row = parent && facts.row(parent.type);
  if (parent === undefined || row === undefined) return false;
  const child = target.key.slice(parent.key.length + 1);
  return Object.values(row.generatedSecrets).some((fact) => fact.child?.toLowerCase() === child);
}

function shownBody(call: Call, sent: JsonObject): JsonObject {
  const { existing, target } = call;
  const base: JsonObject = { id: existing?.id ?? target.id, name: existing?.name ?? target.name, type: target.type };
  const facts = call.facts.of(target.type, call.apiVersion);
  if (facts !== undefined) return { ...answerBody(facts, owningResource(call), sent), ...base };
  const properties = Object.entries(asObject(sent['properties'])).filter(([key]) => !/password|secret$/i.test(key));
  return { ...sent, ...base, properties: { ...Object.fromEntries(properties), provisioningState: 'Succeeded' } };
}

/**
 * The answer of GET: the body with its children, its ETag and, while an operation is running, its provisioning state.
 */
function show(call: Call, resource: StoredResource): JsonObject {
  const body = withChildren(call, resource);
  if (resource.phase === 'ready') return withEtag(call, resource.phaseSince, body);
  const properties = asObject(body['properties']);
  const word = { failed: 'Failed', deleting: 'Deleting', creating: undefined, updating: 'Updating' }[resource.phase];
  const provisioningState = word ?? longRunningOf(resource.type).provisioningState;
  return withEtag(call, resource.phaseSince, { ...body, properties: { ...properties, provisioningState } });
}

function owningResource({ target, existing, now }: Call): OwningResource {
  const { key, name, type, subscription } = target;
  return { key, name, type, subscription, createdAt: existing?.createdAt ?? now };
}

/** Starts the operation for a write and returns the headers with its poll URLs. */
function begin(
  call: Call,
  { style, retryAfterSeconds }: LongRunning,
  start: Pick<Parameters<typeof startOperation>[1], 'method' | 'durationMs' | 'finish'>,
): Record<string, string> {
  const { target, apiVersion } = call;
  const location = shortLocation(asString(call.existing?.body['location'] ?? call.body['location'], 'westus2'));
  const id = newGuid();
  const base = `/subscriptions/${target.subscription}/providers/${target.namespace ?? ''}/locations/${location}`;
  const pollPath = `${base}/azureAsyncOperation/${id}?api-version=${apiVersion}`;
  startOperation(call, { ...start, id, style: 'mysql', retryAfterSeconds, pollPath });
  const both = style === 'accepted' || start.method === 'DELETE';
  return {
    'azure-asyncoperation': pollUrl(call, pollPath),
    ...(both ? { location: pollUrl(call, `${base}/operationResults/${id}?api-version=${apiVersion}`) } : {}),
    ...(retryAfterSeconds === undefined ? {} : retryAfter(call, retryAfterSeconds)),
  };
}

function notAllowed({ target }: Call): Reply {
  const message = `The requested resource of type '${target.type}' does not support this method.`;
  return errorReply('generic', 405, 'MethodNotAllowed', message);
}

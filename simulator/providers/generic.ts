import { asObject, newGuid, type JsonObject } from '../json.ts';
import { keyFor } from '../keys.ts';
import { enter, pollUrl, retryAfter, startOperation, store, type Call, type Provider } from '../provider.ts';
import { errorReply, type Reply } from '../reply.ts';

/** Any type that has no provider of its own here: written at once, echoed with a `provisioningState`. */
export const generic: Provider = { writeLatencyMs: 1_000, put, get, delete: remove, action };

function put(call: Call): Reply {
  const { existing, target, body } = call;
  const { name: _ignored, properties, ...rest } = body;
  const shown: JsonObject = {
    id: existing?.id ?? target.id,
    name: existing?.name ?? target.name,
    type: target.type,
    ...rest,
    properties: { ...withoutSecrets(asObject(properties)), provisioningState: 'Succeeded' },
  };
  const status = existing === undefined ? 201 : 200;
  if (call.failure === undefined) return { status, voice: 'generic', body: store(call, 'ready', body, shown).body };
  return failLater(call, status, shown);
}

/** A fault wants the operation to fail: then there has to be one. */
function failLater(call: Call, status: number, shown: JsonObject): Reply {
  const { existing, target } = call;
  const resource = existing ?? store(call, 'creating', call.body, shown);
  const id = newGuid();
  const pollPath = `/subscriptions/${target.subscription}/providers/${target.namespace ?? ''}/locations/westus2/operationStatuses/${id}?api-version=${call.apiVersion}`;
  const finish = (failure: unknown, at: number): void => {
    enter(resource, existing === undefined && failure !== undefined ? 'failed' : 'ready', at);
  };
  startOperation(call, {
    id,
    method: 'PUT',
    style: 'mysql',
    durationMs: 10_000,
    retryAfterSeconds: 10,
    pollPath,
    finish,
  });
  const headers = { 'azure-asyncoperation': pollUrl(call, pollPath), ...retryAfter(call, 10) };
  return {
    status,
    voice: 'generic',
    headers,
    body: { ...shown, properties: { ...asObject(shown['properties']), provisioningState: 'Updating' } },
  };
}

function get(call: Call): Reply {
  const { existing, target } = call;
  if (existing === undefined)
    return errorReply('generic', 404, 'ResourceNotFound', `The ${target.type} '${target.name}' was not found.`);
  if (existing.phase === 'ready') return { status: 200, voice: 'generic', body: existing.body };
  const provisioningState = existing.phase === 'failed' ? 'Failed' : 'Updating';
  return {
    status: 200,
    voice: 'generic',
    body: { ...existing.body, properties: { ...asObject(existing.body['properties']), provisioningState } },
  };
}

function remove(call: Call): Reply {
  if (call.existing === undefined) return { status: 204, voice: 'generic' };
  call.store.remove(call.target.key, call.now);
  return { status: 200, voice: 'generic' };
}

/** `listKeys` and its like: the names that most services use. */
function action(call: Call, name: string): Reply {
  const { existing, target } = call;
  if (existing === undefined) return get(call);
  if (!name.toLowerCase().startsWith('list')) return { status: 200, voice: 'generic', body: {} };
  const primaryKey = keyFor(target.key, 'primary');
  const secondaryKey = keyFor(target.key, 'secondary');
  const endpoint = `Endpoint=sb://${target.name}.servicebus.windows.net/`;
  return {
    status: 200,
    voice: 'generic',
    body: {
      primaryKey,
      secondaryKey,
      primaryConnectionString: `${endpoint};SharedAccessKey=${primaryKey}`,
      secondaryConnectionString: `${endpoint};SharedAccessKey=${secondaryKey}`,
      keyName: target.name,
    },
  };
}

function withoutSecrets(properties: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(properties).filter(([key]) => !/password|secret$/i.test(key)));
}

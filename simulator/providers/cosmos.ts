import { isDeepStrictEqual } from 'node:util';
import { asString, newGuid, updated, type JsonObject } from '../json.ts';
import { cosmosKeys } from '../keys.ts';
import { shortLocation } from '../locations.ts';
import { setPhase, pollUrl, startOperation, storeResource, type Call, type Provider } from '../provider.ts';
import { errorReply, type Reply } from '../reply.ts';
import type { StoredResource } from '../store.ts';
import { accountBody, showAccount } from './cosmos-account.ts';
import { cosmosChildBody } from './cosmos-children.ts';

/**
 * Cosmos DB: accounts have operations of style B (200 with the unfinished resource and a status URL), all other types
 * of style C (202 `Enqueued`). Neither has a Retry-After.
 */
export const cosmos: Provider = { writeLatencyMs: 7_000, put, get, delete: remove, action };

const createMs = 130_000;
const updateMs = 40_000;
const deleteMs = 470_000;
const childMs = 8_000;

function put(call: Call): Reply {
  const { existing, target, now } = call;
  const { name: _ignored, ...sent } = call.body;
  if (!isAccount(call)) return putChild(call, sent);
  if (existing !== undefined && existing.phase !== 'ready')
    return existing.phase === 'failed' ? leftOver(call) : locked(call);
  const merged = existing === undefined ? sent : updated(existing.sent, sent);
  const shown = accountBody(call, merged);
  if (existing !== undefined && isDeepStrictEqual(existing.sent, sent) && isDeepStrictEqual(existing.body, shown))
    return { status: 200, service: 'cosmos', body: showAccount(existing, call.apiVersion) };
  if (call.settings.synchronous)
    return {
      status: 200,
      service: 'cosmos',
      body: showAccount(storeResource(call, 'ready', sent, shown), call.apiVersion),
    };
  // During an update, GET answers the old values.
  const resource = existing ?? storeResource(call, 'creating', sent, shown);
  if (existing !== undefined) setPhase(existing, 'updating', now);
  const finish = (failure: unknown, at: number): void => {
    if (resource.phase === 'deleting') return;
    if (failure !== undefined) {
      setPhase(resource, existing === undefined ? 'failed' : 'ready', at);
      return;
    }
    resource.sent = sent;
    resource.body = shown;
    setPhase(resource, 'ready', at);
  };
  const headers = begin(call, {
    method: 'PUT',
    durationMs: existing === undefined ? createMs : updateMs,
    finish,
    resultBelow: target.id,
  });
  return { status: 200, service: 'cosmos', headers, body: showAccount(resource, call.apiVersion) };
}

function putChild(call: Call, sent: JsonObject): Reply {
  const { existing, target } = call;
  const shown = cosmosChildBody(call, sent);
  if (call.settings.synchronous) {
    storeResource(call, 'ready', sent, shown);
    return { status: 200, service: 'cosmos', body: shown };
  }
  if (existing === undefined) storeResource(call, 'creating', sent, shown);
  const finish = (failure: unknown, at: number): void => {
    const resource = call.store.get(target.key);
    if (resource === undefined || resource.phase === 'deleting') return;
    if (failure === undefined) {
      resource.sent = sent;
      resource.body = shown;
      setPhase(resource, 'ready', at);
    } else if (existing === undefined) call.store.remove(target.key, at);
  };
  const headers = begin(call, { method: 'PUT', durationMs: childMs, finish, resultBelow: target.id });
  return { status: 202, service: 'cosmos', headers, body: { status: 'Enqueued' } };
}

function get(call: Call): Reply {
  const { existing } = call;
  if (existing === undefined) return missing();
  if (isAccount(call))
    return {
      status: 200,
      service: 'cosmos',
      body: showAccount(existing, call.apiVersion, isNearlyGone(call, existing)),
    };
  if (existing.phase === 'creating') return missing();
  return { status: 200, service: 'cosmos', body: existing.body };
}

function remove(call: Call): Reply {
  const { existing, target } = call;
  if (existing === undefined) return missing();
  if (existing.phase === 'creating' || existing.phase === 'updating') if (isAccount(call)) return locked(call);
  if (call.settings.synchronous) {
    call.store.remove(target.key, call.now);
    return { status: 200, service: 'cosmos' };
  }
  setPhase(existing, 'deleting', call.now);
  const finish = (failure: unknown, at: number): void => {
    if (failure === undefined) call.store.remove(target.key, at);
    else setPhase(existing, 'ready', at);
  };
  // The result URL of a deletion is not below the account, which will not exist any more.
  const account = isAccount(call);
  const resultBelow = account ? operationsBase(call) : target.id;
  const headers = begin(call, { method: 'DELETE', durationMs: account ? deleteMs : childMs, finish, resultBelow });
  return { status: 202, service: 'cosmos', headers, body: { status: 'Enqueued' } };
}

function action(call: Call, name: string): Reply {
  const { existing, target } = call;
  if (existing === undefined || !isAccount(call)) return missing();
  if (existing.phase === 'creating' || existing.phase === 'failed') return locked(call);
  const keys = cosmosKeys(target.name);
  switch (name.toLowerCase()) {
    case 'listkeys':
      return { status: 200, service: 'cosmos', body: { ...keys } };
    case 'readonlykeys': {
      const { primaryReadonlyMasterKey, secondaryReadonlyMasterKey } = keys;
      return { status: 200, service: 'cosmos', body: { primaryReadonlyMasterKey, secondaryReadonlyMasterKey } };
    }
    case 'listconnectionstrings':
      return { status: 200, service: 'cosmos', body: { connectionStrings: connectionStrings(existing) } };
    default:
      return errorReply('cosmos', 400, 'BadRequest', `The action '${name}' is not known.`);
  }
}

function connectionStrings(account: StoredResource): JsonObject[] {
  const keys = cosmosKeys(account.name);
  const mongo = asString(account.body['kind']) === 'MongoDB';
  const host = `${account.name}.mongo.cosmos.azure.com:10255`;
  const rows = [
    ['Primary', keys.primaryMasterKey],
    ['Secondary', keys.secondaryMasterKey],
    ['Primary Read-Only', keys.primaryReadonlyMasterKey],
    ['Secondary Read-Only', keys.secondaryReadonlyMasterKey],
  ] as const;
  return rows.map(([label, key]) => ({
    connectionString: mongo
      ? `mongodb://${account.name}:${key}@${host}/?ssl=true&replicaSet=globaldb&retrywrites=false&maxIdleTimeMS=120000&appName=@${account.name}@`
      : `AccountEndpoint=https://${account.name}.documents.azure.com:443/;AccountKey=${key};`,
    description: `${label} ${mongo ? 'MongoDB' : 'SQL'} Connection String`,
    keyKind: label.replace(' Read-Only', 'Readonly'),
    type: mongo ? 'MongoDB' : 'Sql',
  }));
}

interface Begin {
  readonly method: 'PUT' | 'DELETE';
  readonly durationMs: number;
  readonly finish: (failure: unknown, at: number) => void;
  readonly resultBelow: string;
}

function begin(call: Call, { method, durationMs, finish, resultBelow }: Begin): Record<string, string> {
  const id = newGuid();
  const pollPath = `${operationsBase(call)}/operationsStatus/${id}?api-version=${call.apiVersion}`;
  const result = (): JsonObject | undefined => {
    const resource = call.store.get(call.target.key);
    if (resource === undefined) return undefined;
    return isAccount(call) ? showAccount(resource, call.apiVersion) : resource.body;
  };
  startOperation(call, {
    id,
    method,
    style: 'cosmos',
    durationMs,
    retryAfterSeconds: undefined,
    pollPath,
    finish,
    result,
  });
  return {
    'azure-asyncoperation': pollUrl(call, pollPath),
    location: pollUrl(call, `${resultBelow}/operationResults/${id}?api-version=${call.apiVersion}`),
  };
}

function operationsBase(call: Call): string {
  const account = isAccount(call) ? call.existing : call.store.get(call.target.topId.toLowerCase());
  const location = shortLocation(asString(account?.sent['location'] ?? call.body['location'], 'westus2'));
  return `/subscriptions/${call.target.subscription}/providers/Microsoft.DocumentDB/locations/${location}`;
}

/** Towards the end of a deletion Azure omits the locations. */
function isNearlyGone(call: Call, resource: StoredResource): boolean {
  if (resource.phase !== 'deleting') return false;
  const operation = call.operations
    .running(call.target.subscription)
    .find((candidate) => candidate.resourceKey === resource.key && candidate.method === 'DELETE');
  return operation !== undefined && call.operations.progress(operation, call.now) > 0.8;
}

/** The 404 of the provider: its body is not wrapped in `error`. */
function missing(): Reply {
  const message = `Entity with the specified id does not exist in the system. More info: https://aka.ms/cosmosdb-tsg-not-found\r\nActivityId: ${newGuid()}, Microsoft.Azure.Documents.Common/2.11.0`;
  return { status: 404, service: 'cosmos', body: { code: 'NotFound', message } };
}

function locked(call: Call): Reply {
  const message = `There is another user operation in progress which requires an exclusive lock on account ${call.target.name}. Please retry after sometime.\r\nActivityId: ${newGuid()}, Microsoft.Azure.Documents.Common/2.14.0`;
  return errorReply('cosmos', 412, 'PreconditionFailed', message);
}

function leftOver(call: Call): Reply {
  const message = `DatabaseAccount ${call.target.name} is in a failed provisioning state because the previous attempt to create it was not successful. Please delete the previous instance and retry.`;
  return errorReply('cosmos', 400, 'BadRequest', message);
}

function isAccount(call: Call): boolean {
  return call.target.type.toLowerCase() === 'microsoft.documentdb/databaseaccounts';
}

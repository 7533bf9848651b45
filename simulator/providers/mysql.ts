import { asObject, asString, newGuid, updated, type JsonObject } from '../json.ts';
import { displayLocation, shortLocation } from '../locations.ts';
import { setPhase, pollUrl, retryAfter, startOperation, storeResource, type Call, type Provider } from '../provider.ts';
import { errorReply, type Reply } from '../reply.ts';
import type { StoredResource } from '../store.ts';
import { childBody, childRules, type ChildRule } from './mysql-children.ts';
import { serverBody, showServer } from './mysql-server.ts';

/** MySQL flexible servers and their children: style A, a 202 with a stub body and a status URL for every write. */
export const mysql: Provider = { writeLatencyMs: 4_000, put, get, delete: remove, action };

const serverRule: ChildRule = {
  upsert: 'UpsertServerManagementOperationV2',
  drop: 'DropServerManagementOperation',
  upsertMs: 200_000,
  dropMs: 32_000,
  upsertRetryAfter: 60,
  dropRetryAfter: 15,
};
/** An update is shorter than a creation. */
const updateMs = 65_000;

function put(call: Call): Reply {
  const { existing, target, body, now } = call;
  const rule = ruleOf(call);
  const server = isServer(call);
  if (server && existing !== undefined && existing.phase !== 'ready') return busy(call);
  const sent = withoutPassword(body);
  // A PUT changes the properties that it names and keeps the others.
  const shown = server
    ? serverBody(call, existing === undefined ? sent : updated(existing.sent, sent))
    : childBody(call, sent);
  const merged = existing === undefined ? sent : updated(existing.sent, sent);
  if (call.settings.synchronous) {
    const resource = storeResource(call, 'ready', merged, shown);
    return { status: existing === undefined ? 201 : 200, service: 'mysql', body: show(call, resource) };
  }
  if (existing === undefined) storeResource(call, 'creating', merged, shown);
  else setPhase(existing, existing.phase === 'creating' ? 'creating' : 'updating', now);
  const finish = (failure: unknown, at: number): void => {
    const resource = call.store.get(target.key);
    if (resource === undefined || resource.phase === 'deleting') return;
    if (failure === undefined) {
      resource.sent = merged;
      resource.body = shown;
      setPhase(resource, 'ready', at);
    } else if (existing === undefined) call.store.remove(target.key, at);
    else setPhase(resource, 'ready', at);
  };
  const durationMs = server && existing !== undefined ? updateMs : rule.upsertMs;
  return accept(call, {
    word: rule.upsert,
    method: 'PUT',
    durationMs,
    seconds: rule.upsertRetryAfter,
    location: shortLocation(locationOf(call)),
    finish,
  });
}

function get(call: Call): Reply {
  const { existing } = call;
  // GET answers 404 while a server is being created. During a deletion it answers 404 before the operation ends.
  if (existing === undefined || existing.phase === 'creating' || isHalfDeleted(call, existing)) return missing(call);
  return { status: 200, service: 'mysql', body: show(call, existing) };
}

function remove(call: Call): Reply {
  const { existing, target } = call;
  if (existing === undefined) return missing(call);
  const rule = ruleOf(call);
  if (call.settings.synchronous) {
    call.store.remove(target.key, call.now);
    return { status: 200, service: 'mysql' };
  }
  // Only for the deletion of the server itself, the poll URL has the display name of the location.
  const location = isServer(call) ? displayLocation(locationOf(call)) : shortLocation(locationOf(call));
  setPhase(existing, 'deleting', call.now);
  const finish = (failure: unknown, at: number): void => {
    if (failure === undefined) call.store.remove(target.key, at);
    else setPhase(existing, 'ready', at);
  };
  return accept(call, {
    word: rule.drop,
    method: 'DELETE',
    durationMs: rule.dropMs,
    seconds: rule.dropRetryAfter,
    location,
    finish,
  });
}

function action(call: Call, name: string): Reply {
  return errorReply(
    'mysql',
    400,
    'InvalidResourceType',
    `The action '${name}' is not known for '${call.target.type}'.`,
  );
}

interface Accepted {
  readonly word: string;
  readonly method: 'PUT' | 'DELETE';
  readonly durationMs: number;
  readonly seconds: number;
  readonly location: string;
  readonly finish: (failure: unknown, at: number) => void;
}

function accept(call: Call, { word, method, durationMs, seconds, location, finish }: Accepted): Reply {
  const id = newGuid();
  const base = `/subscriptions/${call.target.subscription}/providers/Microsoft.DBforMySQL/locations/${encodeURIComponent(location)}`;
  const pollPath = `${base}/azureAsyncOperation/${id}?api-version=${call.apiVersion}`;
  const resultPath = `${base}/operationResults/${id}?api-version=${call.apiVersion}`;
  const result = (): JsonObject | undefined => {
    const resource = call.store.get(call.target.key);
    return resource === undefined ? undefined : show(call, resource);
  };
  startOperation(call, {
    id,
    method,
    style: 'mysql',
    durationMs,
    retryAfterSeconds: seconds,
    pollPath,
    finish,
    result,
  });
  const headers = {
    'azure-asyncoperation': pollUrl(call, pollPath),
    location: pollUrl(call, resultPath),
    ...retryAfter(call, seconds),
  };
  return { status: 202, service: 'mysql', headers, body: { operation: word, startTime: mysqlTime(call.now) } };
}

/** The 404 of the provider. */
function missing(call: Call): Reply {
  const { type, name } = call.target;
  if (type.toLowerCase().endsWith('/firewallrules')) {
    return errorReply('mysql', 404, 'FirewallRuleNotExist', `The firewall rule '${name}' does not exist.`);
  }
  return errorReply(
    'mysql',
    404,
    'ResourceNotFound',
    `The requested resource of type '${type}' with name '${name}' was not found.`,
  );
}

function busy(call: Call): Reply {
  const message = `Server '${call.target.name}' is busy processing another operation. Please try again later.`;
  return errorReply('mysql', 409, 'AnotherOperationInProgress', message);
}

function isServer(call: Call): boolean {
  return call.target.type.toLowerCase() === 'microsoft.dbformysql/flexibleservers';
}

function isHalfDeleted(call: Call, resource: StoredResource): boolean {
  if (resource.phase !== 'deleting') return false;
  const operation = call.operations
    .running(call.target.subscription)
    .find((candidate) => candidate.resourceKey === resource.key && candidate.method === 'DELETE');
  return operation === undefined || call.operations.progress(operation, call.now) > 0.5;
}

function ruleOf(call: Call): ChildRule {
  if (isServer(call)) return serverRule;
  return childRules(call.target.type);
}

/** The location of the server: children have none. */
function locationOf(call: Call): string {
  const server = isServer(call) ? call.existing : call.store.get(call.target.topId.toLowerCase());
  return asString(server?.sent['location'] ?? call.body['location'], 'westus2');
}

function show(call: Call, resource: StoredResource): JsonObject {
  return isServer(call) ? showServer(resource, call.apiVersion) : resource.body;
}

/** The password is not stored, because no answer contains it. */
function withoutPassword(body: JsonObject): JsonObject {
  const properties = { ...asObject(body['properties']) };
  delete properties['administratorLoginPassword'];
  const { name: _ignored, ...rest } = body;
  return { ...rest, properties };
}

/** A time as MySQL's provider writes it: milliseconds without trailing zeros. */
export function mysqlTime(at: number): string {
  return new Date(at).toISOString().replace(/0{1,2}Z$/, 'Z');
}

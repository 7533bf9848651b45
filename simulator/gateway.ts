import { listReply } from './collections.ts';
import { mergePatch, withoutNulls, type JsonObject } from './json.ts';
import type { Failure, Operations, UrlSigner } from './operations.ts';
import { poll } from './polls.ts';
import type { Call, Provider } from './provider.ts';
import { apiManagement } from './providers/api-management.ts';
import { dataProtection } from './providers/backup-instances.ts';
import { cosmos } from './providers/cosmos.ts';
import { generic } from './providers/generic.ts';
import { identities } from './providers/identity.ts';
import { mysql } from './providers/mysql.ts';
import { resourceGroups } from './providers/resource-group.ts';
import { storage } from './providers/storage.ts';
import { subscriptions } from './providers/subscriptions.ts';
import { vaults } from './providers/vaults.ts';
import { refusalOf } from './refusal.ts';
import { errorReply, groupNotFound, parentNotFound, resourceNotFound, type Reply } from './reply.ts';
import { forbidden, type Rights } from './rights.ts';
import type { Settings } from './settings.ts';
import type { Store } from './store.ts';
import { groupKey, parseArmPath, type ArmPath } from './arm-path.ts';
import type { Throttle } from './throttle.ts';
import type { Tokens } from './tokens.ts';
import type { TypeFacts } from './type-facts.ts';

/** The state of one simulator. */
export interface SimulatorState {
  readonly store: Store;
  readonly operations: Operations;
  readonly signer: UrlSigner;
  readonly settings: Settings;
  readonly throttle: Throttle;
  readonly facts: TypeFacts;
  readonly tokens: Tokens;
  readonly rights: Rights;
}

export interface ArmRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: JsonObject;
  readonly now: number;
  readonly failure: Failure | undefined;
  readonly ifMatch: string | undefined;
  /** The application that the token names. */
  readonly clientId: string | undefined;
}

/** How long after a deletion the provider answers 404 before the gateway does, at time scale 1. */
const providerNotFoundMs = 3_000;

/** The answer of ARM, and how long ARM takes to answer. */
export function arm(state: SimulatorState, request: ArmRequest): { readonly reply: Reply; readonly latencyMs: number } {
  const { method, url, now } = request;
  state.operations.finishDue(now);
  const path = url.pathname;
  const subscription = path.split('/')[2] ?? '';
  const settings = state.settings.of(subscription);
  if (method === 'GET') {
    const polled = poll({ ...state, settings, path, query: url.searchParams, origin: url.origin, now });
    if (polled !== undefined) return { reply: polled, latencyMs: 0 };
  }
  const target = parseArmPath(path);
  if (target === undefined)
    return {
      reply: errorReply('gateway', 404, 'InvalidResourceType', `The path '${path}' is not known.`),
      latencyMs: 0,
    };
  if (!state.rights.allows(state.store, target, request.clientId))
    return { reply: forbidden(target, method, request.clientId), latencyMs: 0 };
  const apiVersion = url.searchParams.get('api-version');
  if (apiVersion === null) {
    const message = `The api-version query parameter (?api-version=) is required for all requests.`;
    return { reply: errorReply('gateway', 400, 'MissingApiVersionParameter', message), latencyMs: 0 };
  }
  const provider = providerOf(target);
  const existing = state.store.get(target.key);
  const body = method === 'PATCH' && existing !== undefined ? mergePatch(existing.sent, request.body) : request.body;
  const call: Call = {
    ...state,
    settings,
    method,
    target,
    apiVersion,
    query: url.searchParams,
    body: withoutNulls(body),
    existing,
    origin: url.origin,
    now,
    failure: request.failure,
    ifMatch: request.ifMatch,
  };
  const writes = method === 'PUT' || method === 'DELETE' || method === 'PATCH';
  const latencyMs = writes && !settings.synchronous ? provider.writeLatencyMs * settings.timeScale : 0;
  const refusal = gatewayRefusal(call, method) ?? (method === 'PUT' ? refusalOf(call) : undefined);
  return { reply: refusal ?? withForcedValues(call, dispatch(provider, call, method)), latencyMs };
}

/** Merges the values that Azure keeps whatever it is sent into the answer (`insist`). */
function withForcedValues({ store, target, method }: Call, reply: Reply): Reply {
  const forced = target.action === undefined ? store.forcedValuesOf(target.key) : undefined;
  const { body } = reply;
  const hasResource = reply.status < 300 && typeof body === 'object' && body !== null && !Array.isArray(body);
  if (forced === undefined || !hasResource || (forced.readsOnly && method !== 'GET')) return reply;
  return { ...reply, body: mergePatch(body, forced.patch) };
}

function dispatch(provider: Provider, call: Call, method: string): Reply {
  const { action, group, namespace, subscription, id } = call.target;
  if (group === undefined && namespace === undefined && action === undefined) {
    const state = call.existing?.body['state'] ?? 'Enabled';
    return {
      status: 200,
      service: 'resources',
      body: { id, subscriptionId: subscription, displayName: 'Simulated', state },
    };
  }
  if (action !== undefined) return method === 'POST' ? provider.action(call, action) : listReply(call, action);
  switch (method) {
    case 'PATCH':
      return call.existing === undefined ? provider.get(call) : provider.put(call);
    case 'PUT':
      return provider.put(call);
    case 'GET':
      return provider.get(call);
    case 'HEAD': {
      const { status, service, headers } = provider.get(call);
      return { status: status === 200 ? 204 : status, service, ...(headers === undefined ? {} : { headers }) };
    }
    case 'DELETE':
      return provider.delete(call);
    default:
      return errorReply('gateway', 405, 'MethodNotAllowed', `The method '${method}' is not allowed for this resource.`);
  }
}

/** The errors that the gateway answers itself: for groups, top-level resources and parents that do not exist. */
function gatewayRefusal(call: Call, method: string): Reply | undefined {
  const { target, existing, store, now, settings } = call;
  if (target.namespace === undefined || target.group === undefined) return undefined;
  const group = store.get(groupKey(target.subscription, target.group));
  if (group === undefined) return groupNotFound(target.group);
  if (method === 'PUT' && group.phase === 'deleting') {
    const message = `The resource group '${group.name}' is in deprovisioning state and cannot perform this operation.`;
    return errorReply('gateway', 409, 'ResourceGroupBeingDeleted', message);
  }
  const top = store.get(target.topId.toLowerCase());
  const child = target.parentKey !== undefined;
  if (
    child &&
    method === 'PUT' &&
    ((store.get(target.parentKey) === undefined && !isService(target.parentKey)) ||
      top === undefined ||
      top.phase === 'creating')
  ) {
    return parentNotFound('write', target.type, target.parentId ?? target.topId);
  }
  if (top !== undefined || method === 'PUT' || (target.action !== undefined && method === 'GET')) return undefined;
  const gone = store.goneSince(target.key);
  // At first the provider answers 404; only a while later the gateway does.
  if (!child && gone !== undefined && now - gone < providerNotFoundMs * settings.timeScale) return undefined;
  if (!child && existing === undefined && method === 'DELETE') return { status: 204, service: 'gateway' };
  if (child && method === 'DELETE' && target.namespace.toLowerCase() === 'microsoft.storage')
    return parentNotFound('delete', target.type, target.topId);
  const topTarget = parseArmPath(target.topId) ?? target;
  return resourceNotFound(topTarget.type, topTarget.name, target.group);
}

/** The services of a storage account exist without a PUT. */
function isService(key: string): boolean {
  return /\/(blob|file|queue|table)services\/default$/.test(key);
}

function providerOf(target: ArmPath): Provider {
  switch (target.namespace?.toLowerCase()) {
    case undefined:
      return resourceGroups;
    case 'microsoft.dbformysql':
      return mysql;
    case 'microsoft.documentdb':
      return target.type.toLowerCase().startsWith('microsoft.documentdb/databaseaccounts') ? cosmos : generic;
    case 'microsoft.storage':
      return storage;
    case 'microsoft.managedidentity':
      return identities;
    case 'microsoft.keyvault':
      return vaults;
    case 'microsoft.apimanagement':
      return apiManagement;
    case 'microsoft.dataprotection':
      return dataProtection;
    case 'microsoft.subscription':
      return subscriptions;
    default:
      return generic;
  }
}

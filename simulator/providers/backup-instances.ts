import { asObject, asString, type JsonObject } from '../json.ts';
import { startOperation, pollUrl, type Call, type Provider } from '../provider.ts';
import type { Reply } from '../reply.ts';
import { generic } from './generic.ts';

/** How long Azure configures the protection after a PUT, or after a `sync`, at time scale 1. */
const protectMs = 60_000;

/**
 * Data protection. A backup instance is provisioned at once; its protection is configured later, and shows in
 * `protectionStatus`. After an error it stays as it is until the action `sync`.
 */
export const dataProtection: Provider = { ...generic, put, get, action };

function put(call: Call): Reply {
  const reply = generic.put(call);
  if (!isInstance(call) || reply.status >= 300) return reply;
  setStatus(call, call.existing === undefined ? 'ConfiguringProtection' : 'UpdatingProtection');
  return reply;
}

function get(call: Call): Reply {
  const { existing, settings, now } = call;
  const isWorking = /^(configuring|updating)protection$/i.test(statusOf(existing?.body));
  const since = existing?.phaseSince ?? now;
  if (isInstance(call) && isWorking && (settings.synchronous || now - since >= protectMs * settings.timeScale))
    setStatus(call, 'ProtectionConfigured');
  return generic.get(call);
}

/** `sync`, a long-running operation: Azure configures the protection again. */
function action(call: Call, name: string): Reply {
  const { existing, target, settings, now } = call;
  if (!isInstance(call) || name.toLowerCase() !== 'sync' || existing === undefined) return generic.action(call, name);
  existing.phaseSince = now;
  setStatus(call, 'UpdatingProtection');
  const pollPath = `/subscriptions/${target.subscription}/providers/Microsoft.DataProtection/locations/westus2/operationStatus/sync-${target.name}-${String(now)}?api-version=${call.apiVersion}`;
  const plan = { style: 'mysql', durationMs: protectMs, retryAfterSeconds: undefined, pollPath } as const;
  if (!settings.synchronous)
    startOperation(call, { ...plan, id: `sync ${target.name} ${String(now)}`, method: 'PUT', finish: () => undefined });
  return { status: 202, service: 'generic', headers: { 'azure-asyncoperation': pollUrl(call, pollPath) } };
}

function isInstance({ target }: Call): boolean {
  return target.type.toLowerCase() === 'microsoft.dataprotection/backupvaults/backupinstances';
}

function statusOf(body: JsonObject | undefined): string {
  return asString(asObject(asObject(body?.['properties'])['protectionStatus'])['status']);
}

function setStatus({ store, target }: Call, status: string): void {
  const resource = store.get(target.key);
  if (resource === undefined) return;
  const properties = asObject(resource.body['properties']);
  const shown = { ...properties, protectionStatus: { status }, currentProtectionState: status };
  resource.body = { ...resource.body, properties: shown };
}

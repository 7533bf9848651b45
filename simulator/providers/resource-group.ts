import { asObject, asString, type JsonObject } from '../json.ts';
import { isKnownLocation, knownLocations, shortLocation } from '../locations.ts';
import { setPhase, pollUrl, retryAfter, startOperation, storeResource, type Call, type Provider } from '../provider.ts';
import { errorReply, groupNotFound, type Reply } from '../reply.ts';
import type { StoredResource } from '../store.ts';

/**
 * Resource groups: PUT is synchronous; DELETE has style D (202 with a Location only) and deletes everything in the
 * group.
 */
export const resourceGroups: Provider = { writeLatencyMs: 2_000, put, get, delete: remove, action };

function put(call: Call): Reply {
  const { existing, target, body } = call;
  if (existing?.phase === 'deleting') {
    const message = `The resource group '${target.name}' is in deprovisioning state and cannot perform this operation.`;
    return errorReply('gateway', 409, 'ResourceGroupBeingDeleted', message);
  }
  const location = asString(body['location']);
  if (!isKnownLocation(location)) {
    const message = `The provided location '${location}' is not available for resource group. List of available regions is '${knownLocations().join(',')}'.`;
    return errorReply('gateway', 400, 'LocationNotAvailableForResourceGroup', message);
  }
  if (existing !== undefined && shortLocation(asString(existing.body['location'])) !== shortLocation(location)) {
    const message = `Invalid resource group location '${location}'. The Resource group already exists in location '${asString(existing.body['location'])}'.`;
    return errorReply('gateway', 409, 'InvalidResourceGroupLocation', message);
  }
  const { managedBy } = body;
  const shown: JsonObject = {
    id: existing?.id ?? target.id,
    name: existing?.name ?? target.name,
    type: 'Microsoft.Resources/resourceGroups',
    location,
    ...(managedBy === undefined ? {} : { managedBy }),
    ...(body['tags'] === undefined ? {} : { tags: asObject(body['tags']) }),
    properties: { provisioningState: 'Succeeded' },
  };
  const resource = storeResource(call, 'ready', body, shown);
  return { status: existing === undefined ? 201 : 200, service: 'resources', body: show(resource) };
}

function get(call: Call): Reply {
  const { existing, target } = call;
  if (existing === undefined) return groupNotFound(target.name);
  return { status: 200, service: 'resources', body: show(existing) };
}

function remove(call: Call): Reply {
  const { existing, target } = call;
  if (existing === undefined) return groupNotFound(target.name);
  if (call.settings.synchronous) {
    call.store.remove(target.key, call.now);
    return { status: 200, service: 'resources' };
  }
  const token = jobToken(existing.name, asString(existing.body['location']));
  const path = `/subscriptions/${target.subscription}/operationresults/${token}?api-version=${call.apiVersion}`;
  if (existing.phase !== 'deleting') {
    setPhase(existing, 'deleting', call.now);
    // An empty group takes 17 s, a full one minutes.
    const durationMs = call.store.below(`${target.key}/`).length === 0 ? 17_000 : 75_000;
    const finish = (failure: unknown, at: number): void => {
      if (failure === undefined) call.store.remove(target.key, at);
      else setPhase(existing, 'ready', at);
    };
    startOperation(call, {
      id: token,
      method: 'DELETE',
      style: 'location',
      durationMs,
      retryAfterSeconds: 15,
      pollPath: path,
      finish,
    });
  }
  return { status: 202, service: 'resources', headers: { location: pollUrl(call, path), ...retryAfter(call, 15) } };
}

function action(call: Call, name: string): Reply {
  return errorReply(
    'gateway',
    400,
    'InvalidResourceType',
    `The action '${name}' could not be found for '${call.target.type}'.`,
  );
}

function show(resource: StoredResource): JsonObject {
  const provisioningState = resource.phase === 'deleting' ? 'Deleting' : 'Succeeded';
  return { ...resource.body, properties: { ...asObject(resource.body['properties']), provisioningState } };
}

/** The name of the deletion job as ARM writes it: upper case, `-` as `:2D`, base64 without padding. */
function jobToken(group: string, location: string): string {
  const short = shortLocation(location);
  const jobId = `RESOURCEGROUPDELETIONJOB-${group.toUpperCase().replaceAll('-', ':2D')}-${short.toUpperCase()}`;
  return Buffer.from(JSON.stringify({ jobId, jobLocation: short })).toString('base64url');
}

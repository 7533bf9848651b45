import { asObject, asString, guidOf, type JsonObject } from '../json.ts';
import { storeResource, type Call, type Provider } from '../provider.ts';
import { errorReply, type Reply } from '../reply.ts';

/** User-assigned identities: requests are synchronous. The 201 has a relative `Location` that cannot be polled. */
export const identities: Provider = { writeLatencyMs: 2_000, put, get, delete: remove, action };

function put(call: Call): Reply {
  const { existing, target, body } = call;
  if (target.parentKey !== undefined) return putCredential(call);
  // Azure answers ids of identities with `resourcegroups` in lower case.
  const id = (existing?.id ?? target.id).replace(/\/resourceGroups\//i, '/resourcegroups/');
  const shown: JsonObject = {
    location: asString(body['location']),
    tags: asObject(body['tags']),
    id,
    name: existing?.name ?? target.name,
    type: target.type,
    properties: {
      tenantId: guidOf(`tenant of ${target.subscription}`),
      principalId: guidOf(`principal ${target.key}`),
      clientId: guidOf(`client ${target.key}`),
    },
  };
  storeResource(call, 'ready', body, shown);
  if (existing !== undefined) return { status: 200, service: 'generic', body: shown };
  return { status: 201, service: 'generic', headers: { location: id }, body: shown };
}

/** A federated credential: like an identity, but without a location. */
function putCredential(call: Call): Reply {
  const { existing, target, body } = call;
  const id = (existing?.id ?? target.id).replace(/\/resourceGroups\//i, '/resourcegroups/');
  const shown: JsonObject = { id, name: target.name, type: target.type, properties: asObject(body['properties']) };
  storeResource(call, 'ready', body, shown);
  if (existing !== undefined) return { status: 200, service: 'generic', body: shown };
  return { status: 201, service: 'generic', headers: { location: id }, body: shown };
}

function get(call: Call): Reply {
  if (call.existing === undefined)
    return errorReply('generic', 404, 'ResourceNotFound', `The identity '${call.target.name}' was not found.`);
  return { status: 200, service: 'generic', body: call.existing.body };
}

function remove(call: Call): Reply {
  call.store.remove(call.target.key, call.now);
  return { status: 200, service: 'generic' };
}

function action(call: Call, name: string): Reply {
  return errorReply(
    'generic',
    400,
    'InvalidResourceType',
    `The action '${name}' is not known for '${call.target.type}'.`,
  );
}

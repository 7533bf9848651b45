import { asObject, asString } from '../json.ts';
import type { Call, Provider } from '../provider.ts';
import { errorReply, type Reply } from '../reply.ts';
import type { StoredResource } from '../store.ts';
import { generic } from './generic.ts';

/** API Management. A product that has subscriptions is deleted only together with them. */
export const apiManagement: Provider = { ...generic, delete: remove };

function remove(call: Call): Reply {
  const { target, query, store, now } = call;
  const isProduct = target.type.toLowerCase() === 'microsoft.apimanagement/service/products';
  const subscriptions = isProduct ? subscriptionsOf(call) : [];
  if (subscriptions.length > 0 && query.get('deleteSubscriptions')?.toLowerCase() !== 'true') {
    const message = `Product ${target.name} has subscriptions; delete them first, or set deleteSubscriptions to true.`;
    return errorReply('generic', 400, 'ValidationError', message);
  }
  for (const { key } of subscriptions) store.remove(key, now);
  return generic.delete(call);
}

/** The subscriptions of the service whose scope is the product. */
function subscriptionsOf({ target, store }: Call): StoredResource[] {
  const product = `/products/${target.name}`.toLowerCase();
  return store
    .below(`${target.parentKey ?? ''}/subscriptions/`)
    .filter(({ body }) => asString(asObject(body['properties'])['scope']).toLowerCase().endsWith(product));
}

import { storeResource, type Call, type Provider } from '../provider.ts';
import type { Reply } from '../reply.ts';
import { generic } from './generic.ts';

/** Subscription aliases, and the action of a subscription that cancels it. */
export const subscriptions: Provider = { ...generic, action };

function action(call: Call, name: string): Reply {
  const { target, store } = call;
  if (name.toLowerCase() !== 'cancel' || target.name !== '') return generic.action(call, name);
  const { subscription } = target;
  const id = `/subscriptions/${subscription}`;
  const own = { ...target, id, key: id.toLowerCase(), type: 'Microsoft.Resources/subscriptions', name: subscription };
  storeResource({ ...call, target: own, existing: store.get(own.key) }, 'ready', {}, { state: 'Disabled' });
  return { status: 200, service: 'resources', body: { subscriptionId: subscription } };
}

import type { JsonObject, Quirk } from '../contract.ts';
import { valueAt } from '../json-path.ts';

const SUBSCRIPTIONS_VERSION = '2022-12-01';

/**
 * A DELETE of an alias removes the name only; the subscription stays active and costs money. As in ASO it is cancelled
 * first, unless that was done before: Azure refuses to cancel it twice.
 */
export const subscriptionAlias: Quirk = {
  readsForDelete({ answer }) {
    const id = subscriptionIn(answer);
    return id === undefined ? [] : [{ id, apiVersion: SUBSCRIPTIONS_VERSION }];
  },
  beforeDelete({ answer, apiVersion, answers }) {
    const id = subscriptionIn(answer);
    const state = answers[0]?.['state'];
    if (id === undefined || state === 'Disabled' || state === 'Deleted') return undefined;
    return { id: `${id}/providers/Microsoft.Subscription`, apiVersion, action: 'cancel' };
  },
};

/** The id of the subscription; undefined as long as Azure has not created it. */
function subscriptionIn(answer: JsonObject): string | undefined {
  const id = valueAt(answer, 'properties.subscriptionId');
  return typeof id === 'string' && id !== '' ? `/subscriptions/${id}` : undefined;
}

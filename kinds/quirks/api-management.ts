import type { Quirk } from '../contract.ts';

/**
 * Azure refuses to delete a product that has subscriptions, and users subscribe without the operator. As in ASO they are
 * deleted with it. This DELETE also takes an `If-Match`.
 */
export const product: Quirk = { deleteOptions: { query: { deleteSubscriptions: 'true' }, ifMatch: '*' } };

import type { Quirk } from '../contract.ts';

/**
 * Never retried: a retry would leave an account behind that Azure neither finishes nor creates again until it is
 * deleted.
 */
export const databaseAccount: Quirk = {
  retryOf: ({ code, message }) => (code === 'ServiceUnavailable' && /high demand/i.test(message) ? 'Fatal' : undefined),
};

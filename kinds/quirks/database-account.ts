import type { Quirk } from '../contract.ts';

/** A retry would leave an account that Azure neither finishes nor lets be created again until it is deleted. */
export const databaseAccount: Quirk = {
  retryOf: ({ code, message }) => (code === 'ServiceUnavailable' && /high demand/i.test(message) ? 'Fatal' : undefined),
};

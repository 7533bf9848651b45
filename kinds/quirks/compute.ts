import type { Quirk } from '../contract.ts';

/**
 * For compute types this code means an exceeded quota, which somebody may raise; for others it has no fixed meaning.
 */
const retryOf: NonNullable<Quirk['retryOf']> = ({ code }) => (code === 'OperationNotAllowed' ? 'Slow' : undefined);

/** The quirk of every kind of the group. */
export const compute: Quirk = { retryOf };

/** Extensions are also child resources: a PUT of the scale set without them would delete them. */
export const virtualMachineScaleSet: Quirk = {
  retryOf,
  keepChildren: ['properties.virtualMachineProfile.extensionProfile.extensions'],
};

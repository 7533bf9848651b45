import type { Quirk } from '../contract.ts';

/** In this group the code means an exceeded quota, which people raise; elsewhere it has no fixed meaning. */
const retryOf: NonNullable<Quirk['retryOf']> = ({ code }) => (code === 'OperationNotAllowed' ? 'Slow' : undefined);

/** For every kind of the group. */
export const compute: Quirk = { retryOf };

/** Extensions are also resources of their own: a PUT of the scale set without them would delete them. */
export const virtualMachineScaleSet: Quirk = {
  retryOf,
  keepChildren: ['properties.virtualMachineProfile.extensionProfile.extensions'],
};

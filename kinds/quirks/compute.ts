import type { Quirk } from '../contract.ts';

/** Quota, which people raise; elsewhere the code has no fixed meaning. */
const retryOf: NonNullable<Quirk['retryOf']> = ({ code }) => (code === 'OperationNotAllowed' ? 'Slow' : undefined);

/** What holds for every kind of the group. */
export const compute: Quirk = { retryOf };

/** Extensions are made as resources of their own, too: a PUT of the set without them would take them away. */
export const virtualMachineScaleSet: Quirk = {
  retryOf,
  keepChildren: ['properties.virtualMachineProfile.extensionProfile.extensions'],
};

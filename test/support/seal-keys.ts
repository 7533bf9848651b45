import { createSeal, type KeySource, type Seal, type SealKeys } from '../../activities/exports/seal.ts';

/** Keys that never change; the first is the current one. */
export function fixedKeys(byId: Record<string, Uint8Array>, digest = Object.values(byId)[0]!): KeySource {
  const keys: SealKeys = { current: Object.keys(byId)[0]!, byId: new Map(Object.entries(byId)), digest };
  return { keys: () => keys, reload: () => Promise.resolve(keys) };
}

/** A seal with a single key. */
export function sealOf(key: Uint8Array): Seal {
  return createSeal(fixedKeys({ test: key }));
}

import type { KubeObject } from '../../kube/contract.ts';
import type { Dependencies } from '../dependencies.ts';
import { storedStateOf } from '../resource/stored-state.ts';

/** The keyed digest of an ARM id that is accepted for a resource. Ids are compared without regard to case, as in ARM. */
export function acceptedDigest({ seal }: Pick<Dependencies, 'seal'>, uid: string, armId: string): string {
  return seal.fingerprint(['claim', uid, armId.toLowerCase()]);
}

/** The first of the ids that the stored state of the resource says was accepted; undefined if none is. */
export function acceptedId(
  deps: Pick<Dependencies, 'seal'>,
  object: KubeObject,
  ids: readonly (string | undefined)[],
): string | undefined {
  const claim = storedStateOf(object)?.claim;
  if (claim === undefined) return undefined;
  return ids.find((id) => id !== undefined && acceptedDigest(deps, object.metadata.uid, id) === claim.digest);
}

export function isSameId(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

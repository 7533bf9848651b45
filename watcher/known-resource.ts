import { workflowId, type ResourceRef } from '../contract/resource-ref.ts';
import { STORAGE_VERSION, type Kind, type Kinds } from '../kinds/contract.ts';
import { appliedVersion } from '../kube/applied-version.ts';
import type { KubeObject } from '../kube/contract.ts';
import { annotationOf, wakingValues } from '../kube/annotations.ts';
import { FINALIZER, NAMESPACE_CREDENTIAL } from '../kube/names.ts';
import { configMapKey, secretKey } from './keys.ts';
import { namesOf, type Names } from './spec-names.ts';
import { storedOf } from './stored.ts';

/** What is kept of a custom resource: enough to see that it, or something it depends on, has changed, and whether that was dealt with. */
export interface KnownResource extends Names {
  /** Its workflow id. */
  readonly key: string;
  readonly ref: ResourceRef;
  readonly uid: string;
  readonly generation: number;
  readonly deleting: boolean;
  /** It carries our finalizer: it must be deleted in Azure before it may go, with its credential. */
  readonly claimed: boolean;
  /** The ARM api-version in which it was applied; with the generation it decides what `Names` holds. */
  readonly apiVersion: string | undefined;
  /** The values of the annotations that wake, in the order of their table. */
  readonly waking: readonly (string | null)[];
  readonly credentialFrom: string | undefined;
  readonly ready: boolean;
  readonly resourceId: string | undefined;
  /** The fingerprint that its last reconcile has dealt with. */
  readonly dealtWith: string | undefined;
  /** Keys of the destination objects that were written for it. */
  readonly exported: readonly string[];
}

/**
 * A spec that cannot be read names nothing: its workflow will say what is wrong with it.
 * @param given.before what was known of it; what did not change is shared with it.
 * @param given.shared the string to keep for a key.
 */
export function toKnownResource(
  kinds: Kinds,
  given: { kind: Kind; object: KubeObject; before: KnownResource | undefined; shared: (key: string) => string },
): KnownResource {
  const { kind, object, before, shared } = given;
  const { metadata, status } = object;
  const { uid, generation = 0 } = metadata;
  const apiVersion = kinds.apiVersionOf(kind, appliedVersion(object, STORAGE_VERSION) ?? '');
  const sameSpec = before?.uid === uid && before.generation === generation && before.apiVersion === apiVersion;
  const names = sameSpec ? before : namesOf(kinds, { kind, object, shared });
  const ref = before?.ref ?? toRef(kind, object);
  return {
    key: before?.key ?? shared(workflowId(ref)),
    ref,
    uid,
    generation,
    deleting: metadata.deletionTimestamp !== undefined,
    claimed: metadata.finalizers?.includes(FINALIZER) ?? false,
    apiVersion,
    waking: wakingValues(object),
    credentialFrom: annotationOf(object, 'credentialFrom'),
    ready: status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false,
    resourceId: annotationOf(object, 'resourceId'),
    inputs: names.inputs,
    resources: names.resources,
    destinations: names.destinations,
    ...storedIn(object, { ref, destinations: names.destinations }),
  };
}

/** Keys of the Secrets that may hold its credential. */
export function credentialsOf({ ref, credentialFrom }: KnownResource): string[] {
  const names = new Set([NAMESPACE_CREDENTIAL, credentialFrom ?? NAMESPACE_CREDENTIAL]);
  return [...names].map((name) => secretKey(ref.namespace, name));
}

/** Key of the Secret that its credential is taken from; where there is none of that name, it is the operator's own. */
export function credentialOf({ ref, credentialFrom }: Pick<KnownResource, 'ref' | 'credentialFrom'>): string {
  return secretKey(ref.namespace, credentialFrom ?? NAMESPACE_CREDENTIAL);
}

function toRef(kind: Kind, { metadata }: KubeObject): ResourceRef {
  return { group: kind.group, kind: kind.kind, namespace: metadata.namespace ?? '', name: metadata.name };
}

function storedIn(
  { metadata, status }: KubeObject,
  { ref, destinations }: Pick<KnownResource, 'ref' | 'destinations'>,
): Pick<KnownResource, 'dealtWith' | 'exported'> {
  const { fingerprint, exported } = storedOf(status, metadata.uid);
  const keys = exported.map(({ kind, name }) =>
    kind === 'Secret' ? secretKey(ref.namespace, name) : configMapKey(ref.namespace, name),
  );
  const same = keys.length === destinations.length && keys.every((key) => destinations.includes(key));
  return { dealtWith: fingerprint, exported: same ? destinations : keys };
}

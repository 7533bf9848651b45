import { workflowId, type ResourceRef } from '../contract/resource-ref.ts';
import { STORAGE_VERSION, type Kind, type Kinds } from '../kinds/contract.ts';
import { appliedVersion } from '../kube/applied-version.ts';
import type { KubeObject } from '../kube/contract.ts';
import { annotationOf, wakingValues } from '../kube/annotations.ts';
import { FINALIZER, NAMESPACE_CREDENTIAL } from '../kube/names.ts';
import { configMapKey, secretKey } from './object-keys.ts';
import { referencesOf, type SpecReferences } from './spec-references.ts';
import { shownState, type ShownState } from './shown-state.ts';
import { readStoredState } from './stored-state.ts';

/**
 * What the watcher keeps of a custom resource: enough to detect that it or a dependency changed, and whether a
 * reconcile has handled the change.
 */
export interface KnownResource extends SpecReferences {
  /** Its workflow id. */
  readonly key: string;
  readonly ref: ResourceRef;
  readonly uid: string;
  readonly generation: number;
  readonly deleting: boolean;
  /** It has this operator's finalizer: it is deleted in Azure, with its credential, before it is released. */
  readonly claimed: boolean;
  /**
   * The ARM api-version in which it was applied. Together with the generation it determines the content of
   * `SpecReferences`.
   */
  readonly apiVersion: string | undefined;
  /** The values of the annotations with `wakes: true`, in the order of their table. */
  readonly waking: readonly (string | null)[];
  readonly credentialFrom: string | undefined;
  readonly ready: boolean;
  /** With `reason`, what the metrics count it as. */
  readonly state: ShownState;
  /** The reason of its condition, if the table of reasons has it. */
  readonly reason: string;
  readonly resourceId: string | undefined;
  /** The fingerprint that the last reconcile handled and stored. */
  readonly handledFingerprint: string | undefined;
  /** Keys of the destination objects that the operator wrote for it. */
  readonly exported: readonly string[];
  /** Key of the resource that manages the same resource in Azure: this one waits until that one lets go. */
  readonly blockedBy?: string;
  /** Another operator manages it, by its annotation `operator-namespace`. */
  readonly isForeign?: true;
}

/**
 * Extracts what the watcher keeps. An invalid spec counts as one without references: the workflow reports the error.
 * @param given.before what was kept of the resource before; unchanged parts are shared with it
 * @param given.shared returns the one string to keep for a key
 * @param given.operatorNamespace this operator's own; undefined: no resource is foreign
 */
export function toKnownResource(
  kinds: Kinds,
  given: {
    kind: Kind;
    object: KubeObject;
    before: KnownResource | undefined;
    shared: (key: string) => string;
    operatorNamespace?: string | undefined;
  },
): KnownResource {
  const { kind, object, before, shared, operatorNamespace } = given;
  const { metadata, status } = object;
  const { uid, generation = 0 } = metadata;
  const apiVersion = kinds.apiVersionOf(kind, appliedVersion(object, STORAGE_VERSION) ?? '');
  const sameSpec = before?.uid === uid && before.generation === generation && before.apiVersion === apiVersion;
  const names = sameSpec ? before : referencesOf(kinds, { kind, object, shared });
  const ref = before?.ref ?? toRef(kind, object);
  const deleting = metadata.deletionTimestamp !== undefined;
  const condition = status?.conditions?.find(({ type }) => type === 'Ready');
  return {
    key: before?.key ?? shared(workflowId(ref)),
    ref,
    uid,
    generation,
    deleting,
    claimed: metadata.finalizers?.includes(FINALIZER) ?? false,
    apiVersion,
    waking: wakingValues(object),
    credentialFrom: annotationOf(object, 'credentialFrom'),
    ready: condition?.status === 'True',
    ...shownState(condition, deleting),
    resourceId: annotationOf(object, 'resourceId'),
    inputs: names.inputs,
    resources: names.resources,
    destinations: names.destinations,
    ...storedIn(object, { ref, destinations: names.destinations, shared }),
    ...(isForeign(object, operatorNamespace) && { isForeign: true }),
  };
}

/** Keys of the Secrets that may contain its credential. */
export function credentialsOf({ ref, credentialFrom }: KnownResource): string[] {
  const names = new Set([NAMESPACE_CREDENTIAL, credentialFrom ?? NAMESPACE_CREDENTIAL]);
  return [...names].map((name) => secretKey(ref.namespace, name));
}

/** Key of the Secret of its credential. If that Secret does not exist, the operator's own credential is used. */
export function credentialOf({ ref, credentialFrom }: Pick<KnownResource, 'ref' | 'credentialFrom'>): string {
  return secretKey(ref.namespace, credentialFrom ?? NAMESPACE_CREDENTIAL);
}

/** Without an annotation, the resource is claimed by the operator that writes its own first. */
function isForeign(object: KubeObject, operatorNamespace: string | undefined): boolean {
  const named = annotationOf(object, 'operatorNamespace');
  return named !== undefined && operatorNamespace !== undefined && named !== operatorNamespace;
}

function toRef(kind: Kind, { metadata }: KubeObject): ResourceRef {
  return { group: kind.group, kind: kind.kind, namespace: metadata.namespace ?? '', name: metadata.name };
}

function storedIn(
  { metadata, status }: KubeObject,
  { ref, destinations, shared }: Pick<KnownResource, 'ref' | 'destinations'> & { shared: (key: string) => string },
): Pick<KnownResource, 'handledFingerprint' | 'exported' | 'blockedBy'> {
  const { fingerprint, exported, blockedBy } = readStoredState(status, metadata.uid);
  const keys = exported.map(({ kind, name }) =>
    kind === 'Secret' ? secretKey(ref.namespace, name) : configMapKey(ref.namespace, name),
  );
  const isUnchanged = keys.length === destinations.length && keys.every((key) => destinations.includes(key));
  return {
    handledFingerprint: fingerprint,
    exported: isUnchanged ? destinations : keys,
    ...(blockedBy !== undefined && { blockedBy: shared(blockedBy) }),
  };
}

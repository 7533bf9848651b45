import { workflowId, type ResourceRef } from '../contract/resource-ref.ts';
import type { Kind, Kinds } from '../kinds/contract.ts';
import { appliedVersion } from '../kube/applied-version.ts';
import type { KubeObject } from '../kube/contract.ts';
import { ANNOTATIONS, NAMESPACE_CREDENTIAL } from '../kube/names.ts';
import { configMapKey, secretKey } from './keys.ts';
import { namesOf, type Names } from './spec-names.ts';
import { storedOf } from './stored.ts';

/** What is kept of a custom resource: enough to see that it, or something it depends on, has changed, and whether that was dealt with. */
export interface KnownResource extends Names {
  readonly ref: ResourceRef;
  readonly uid: string;
  readonly generation: number;
  readonly deleting: boolean;
  /** The API version in which it was applied; with the generation it decides what `Names` holds. */
  readonly version: string | undefined;
  readonly reconcilePolicy: string | undefined;
  readonly credentialFrom: string | undefined;
  readonly requestedAt: string | undefined;
  /** Keys of the Secrets that may hold its credential. */
  readonly credentials: readonly string[];
  readonly ready: boolean;
  readonly resourceId: string | undefined;
  /** The fingerprint that its last reconcile has dealt with. */
  readonly dealtWith: string | undefined;
  /** Keys of the destination objects that were written for it. */
  readonly exported: readonly string[];
}

/**
 * A spec that cannot be read names nothing: its workflow will say what is wrong with it.
 * @param before what was known of it; what did not change is shared with it.
 */
export function toKnownResource(
  kinds: Kinds,
  object: { kind: Kind; object: KubeObject },
  before?: KnownResource,
): KnownResource {
  const { kind } = object;
  const { metadata, status } = object.object;
  const { uid, generation = 0 } = metadata;
  const annotations = metadata.annotations ?? {};
  const version = appliedVersion(object.object);
  const same = before?.uid === uid ? before : undefined;
  const names =
    same?.generation === generation && same.version === version ? same : namesOf(kinds, kind, object.object);
  const ref = same?.ref ?? {
    group: kind.group,
    kind: kind.kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
  };
  const credentialFrom = annotations[ANNOTATIONS.credentialFrom];
  const stored = storedOf(status, uid);
  const exported = stored.exported.map(({ kind: of, name }) =>
    of === 'Secret' ? secretKey(ref.namespace, name) : configMapKey(ref.namespace, name),
  );
  return {
    ref,
    uid,
    generation,
    deleting: metadata.deletionTimestamp !== undefined,
    version,
    reconcilePolicy: annotations[ANNOTATIONS.reconcilePolicy],
    credentialFrom,
    requestedAt: annotations[ANNOTATIONS.reconcileRequestedAt],
    credentials: credentialKeys(ref.namespace, credentialFrom, same),
    ready: status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false,
    resourceId: annotations[ANNOTATIONS.resourceId],
    dealtWith: stored.fingerprint,
    inputs: names.inputs,
    resources: names.resources,
    destinations: names.destinations,
    exported: sameKeys(exported, names.destinations) ? names.destinations : exported,
  };
}

export function keyOf({ ref }: KnownResource): string {
  return workflowId(ref);
}

function credentialKeys(namespace: string, from: string | undefined, before?: KnownResource): readonly string[] {
  if (before && before.credentialFrom === from) return before.credentials;
  const names = from === undefined || from === NAMESPACE_CREDENTIAL ? [] : [from];
  return [NAMESPACE_CREDENTIAL, ...names].map((name) => secretKey(namespace, name));
}

function sameKeys(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((key) => others.includes(key));
}

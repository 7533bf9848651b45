import { createHash } from 'node:crypto';

import type { Change } from '../contract/signals.ts';
import { namespaceKey } from './object-keys.ts';
import { credentialsOf, type KnownResource } from './known-resource.ts';
import type { KnownObject } from './dependency-index.ts';

/** The observed state of the cluster, as far as a fingerprint needs it. */
export interface ClusterView {
  /** A Secret or ConfigMap; undefined when it does not exist. */
  object(key: string): KnownObject | undefined;
  /** The reconcile policy in the annotations of a namespace. */
  policyOf(namespace: string): string | undefined;
  resource(key: string): Pick<KnownResource, 'uid' | 'ready' | 'resourceId'> | undefined;
}

/**
 * The facts to send to the workflow. They leave out what the operator itself writes, so that its own writes cause no
 * reconcile: status and exported objects. Credential Secrets, which get this operator's finalizer, are only part of
 * `dependencies`.
 */
export function changeOf(resource: KnownResource, cluster: ClusterView): Change {
  const { uid, generation, deleting } = resource;
  const fingerprint = fingerprintOf(resource, cluster);
  return { uid, generation, deleting, fingerprint, dependencies: dependenciesDigest(resource, cluster) };
}

export function fingerprintOf(resource: KnownResource, cluster: ClusterView): string {
  const { uid, generation, deleting } = resource;
  return digest([
    uid,
    generation,
    deleting,
    ...resource.waking,
    cluster.policyOf(resource.ref.namespace) ?? null,
    resource.inputs.map((key) => [key, versionOf(key, cluster)]),
    // Only for one of another operator: the fingerprints of all others stay as earlier releases stored them.
    ...(resource.isForeign ? ['foreign'] : []),
  ]);
}

function dependenciesDigest(resource: KnownResource, cluster: ClusterView): string {
  const { uid, resources, destinations, blockedBy } = resource;
  return digest([
    resources.map((key) => {
      const found = cluster.resource(key);
      return [key, found !== undefined, found?.ready ?? false, found?.resourceId ?? null];
    }),
    credentialsOf(resource).map((key) => [key, versionOf(key, cluster)]),
    destinations.filter((key) => isForeign(cluster.object(key), uid)),
    ...(blockedBy === undefined ? [] : [holderFacts(blockedBy, cluster)]),
  ]);
}

/** Whether the resource that holds the same ARM id is still there, and which id it has. */
function holderFacts(key: string, cluster: ClusterView): readonly unknown[] {
  const holder = cluster.resource(key);
  return [key, holder?.uid ?? null, holder?.resourceId ?? null];
}

function versionOf(key: string, cluster: ClusterView): string {
  return cluster.object(key)?.version ?? 'absent';
}

/** Keys of everything whose change can change the facts of the resource. */
export function dependenciesOf(resource: KnownResource): string[] {
  const { inputs, resources, destinations, blockedBy } = resource;
  const holder = blockedBy === undefined ? [] : [blockedBy];
  const objects = [...inputs, ...credentialsOf(resource), ...destinations];
  return [namespaceKey(resource.ref.namespace), ...resources, ...holder, ...objects];
}

/**
 * An object of somebody else with the name of a destination: the operator does not overwrite it. An absent object and
 * one that the operator wrote count the same, so that its own writes do not change the digest.
 */
function isForeign(object: KnownObject | undefined, uid: string): boolean {
  return object !== undefined && !object.owners.includes(uid);
}

function digest(facts: unknown): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest().toString('base64url', 0, 12);
}

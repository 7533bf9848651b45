import { createHash } from 'node:crypto';

import type { Change } from '../contract/signals.ts';
import { namespaceKey } from './keys.ts';
import type { KnownResource } from './known-resource.ts';

/** What is kept of a Secret or ConfigMap. */
export interface KnownObject {
  readonly version: string;
  /** uids of its ownerReferences. */
  readonly owners: readonly string[];
}

export interface Surroundings {
  /** A Secret or ConfigMap; undefined when there is none. */
  object(key: string): KnownObject | undefined;
  /** The reconcile policy that a namespace sets. */
  policyOf(namespace: string): string | undefined;
  resource(key: string): Pick<KnownResource, 'ready' | 'resourceId'> | undefined;
}

/**
 * The facts to tell. What the operator itself writes is not among them and so does not wake anything: status, the objects it exports to, and (they count
 * as dependencies only, for its finalizer) credential Secrets.
 */
export function changeOf(resource: KnownResource, around: Surroundings): Change {
  const { uid, generation, deleting } = resource;
  const fingerprint = fingerprintOf(resource, around);
  return { uid, generation, deleting, fingerprint, dependencies: dependenciesDigest(resource, around) };
}

export function fingerprintOf(resource: KnownResource, around: Surroundings): string {
  const { uid, generation, deleting } = resource;
  return digest([
    uid,
    generation,
    deleting,
    resource.reconcilePolicy ?? null,
    resource.credentialFrom ?? null,
    resource.requestedAt ?? null,
    around.policyOf(resource.ref.namespace) ?? null,
    resource.inputs.map((key) => [key, versionOf(key, around)]),
  ]);
}

function dependenciesDigest(
  { uid, resources, credentials, destinations }: KnownResource,
  around: Surroundings,
): string {
  return digest([
    resources.map((key) => {
      const found = around.resource(key);
      return [key, found !== undefined, found?.ready ?? false, found?.resourceId ?? null];
    }),
    credentials.map((key) => [key, versionOf(key, around)]),
    destinations.filter((key) => isForeign(around.object(key), uid)),
  ]);
}

function versionOf(key: string, around: Surroundings): string {
  return around.object(key)?.version ?? 'absent';
}

/** All that a resource depends on, whose change makes its facts worth another look. */
export function dependenciesOf(resource: KnownResource): string[] {
  const { inputs, resources, credentials, destinations } = resource;
  return [...new Set([namespaceKey(resource.ref.namespace), ...inputs, ...resources, ...credentials, ...destinations])];
}

/** In the way: a reconcile does not write to it. Absent and written by us are alike, so that our own writes change nothing. */
function isForeign(object: KnownObject | undefined, uid: string): boolean {
  return object !== undefined && !object.owners.includes(uid);
}

function digest(facts: unknown): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest('base64url').slice(0, 16);
}

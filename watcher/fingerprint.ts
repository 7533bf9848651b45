import { createHash } from 'node:crypto';

import type { Change } from '../contract/signals.ts';
import { namespaceKey } from './keys.ts';
import { credentialsOf, type KnownResource } from './known-resource.ts';
import type { KnownObject } from './things.ts';

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
    ...resource.waking,
    around.policyOf(resource.ref.namespace) ?? null,
    resource.inputs.map((key) => [key, versionOf(key, around)]),
  ]);
}

function dependenciesDigest(resource: KnownResource, around: Surroundings): string {
  const { uid, resources, destinations } = resource;
  return digest([
    resources.map((key) => {
      const found = around.resource(key);
      return [key, found !== undefined, found?.ready ?? false, found?.resourceId ?? null];
    }),
    credentialsOf(resource).map((key) => [key, versionOf(key, around)]),
    destinations.filter((key) => isForeign(around.object(key), uid)),
  ]);
}

function versionOf(key: string, around: Surroundings): string {
  return around.object(key)?.version ?? 'absent';
}

/** All that a resource depends on, whose change makes its facts worth another look. */
export function dependenciesOf(resource: KnownResource): string[] {
  const { inputs, resources, destinations } = resource;
  return [namespaceKey(resource.ref.namespace), ...inputs, ...resources, ...credentialsOf(resource), ...destinations];
}

/** In the way: a reconcile does not write to it. Absent and written by us are alike, so that our own writes change nothing. */
function isForeign(object: KnownObject | undefined, uid: string): boolean {
  return object !== undefined && !object.owners.includes(uid);
}

function digest(facts: unknown): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest().toString('base64url', 0, 12);
}

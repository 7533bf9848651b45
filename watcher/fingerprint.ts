import { createHash } from 'node:crypto';

import type { Change } from '../contract/signals.ts';
import { namespaceKey, type KnownResource } from './known-resource.ts';

export interface Surroundings {
  /** resourceVersion of a Secret or ConfigMap; undefined when there is none. */
  versionOf(key: string): string | undefined;
  /** The reconcile policy that a namespace sets. */
  policyOf(namespace: string): string | undefined;
  resource(key: string): Pick<KnownResource, 'ready' | 'resourceId'> | undefined;
}

/** The facts to tell. Status is not among them: what the operator writes itself must not wake it. */
export function changeOf(resource: KnownResource, around: Surroundings): Change {
  const { uid, generation, deleting } = resource;
  return {
    uid,
    generation,
    deleting,
    fingerprint: digest([
      uid,
      generation,
      deleting,
      resource.reconcilePolicy ?? null,
      resource.credentialFrom ?? null,
      around.policyOf(resource.ref.namespace) ?? null,
      resource.inputs.map((key) => [key, around.versionOf(key) ?? 'absent']),
    ]),
    dependencies: digest(
      resource.resources.map((key) => {
        const found = around.resource(key);
        return [key, found !== undefined, found?.ready ?? false, found?.resourceId ?? null];
      }),
    ),
  };
}

/** All that a resource depends on, whose change makes its facts worth another look. */
export function dependenciesOf(resource: KnownResource): string[] {
  return [namespaceKey(resource.ref.namespace), ...resource.inputs, ...resource.resources];
}

function digest(facts: unknown): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest('base64url').slice(0, 16);
}

import type { KubeObject } from './contract.ts';

/**
 * The annotations that mean something to this operator; the names are ASO's where ASO has one. `wakes`: another value makes the watcher tell the resource's
 * workflow. Their order is part of the fingerprint that stands on each resource: add new ones at the end. One that is added wakes every resource once.
 */
export const ANNOTATIONS = {
  reconcilePolicy: { name: 'serviceoperator.azure.com/reconcile-policy', wakes: true },
  credentialFrom: { name: 'serviceoperator.azure.com/credential-from', wakes: true },
  /** Ours: a new value, whichever, means "reconcile now", also where the last reconcile has failed for good. */
  reconcileRequestedAt: { name: 'azure-temporal-operator.io/reconcile-requested-at', wakes: true },
  resourceId: { name: 'serviceoperator.azure.com/resource-id', wakes: false },
} as const;

export type Annotation = keyof typeof ANNOTATIONS;

export function annotationOf({ metadata }: Pick<KubeObject, 'metadata'>, annotation: Annotation): string | undefined {
  return metadata.annotations?.[ANNOTATIONS[annotation].name];
}

const WAKING = Object.values(ANNOTATIONS).flatMap(({ name, wakes }) => (wakes ? [name] : []));
/** Most resources have none of them, and the watcher keeps this for each. */
const NONE: readonly null[] = WAKING.map(() => null);

/** The values of the annotations that wake, in the order of the table. */
export function wakingValues({ metadata }: Pick<KubeObject, 'metadata'>): readonly (string | null)[] {
  const values = WAKING.map((name) => metadata.annotations?.[name] ?? null);
  return values.some((value) => value !== null) ? values : NONE;
}

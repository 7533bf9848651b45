import type { KubeObject } from './contract.ts';

/**
 * The annotations that this operator reads. The names are ASO's where ASO has one. When the value of an annotation with
 * `wakes: true` changes, the watcher signals the resource's workflow. The order of the rows is part of the fingerprint
 * that is stored on each resource, so add new rows at the end. `writer: 'operator'`: the admission policy refuses the
 * annotation from everybody else.
 */
export const ANNOTATIONS = {
  reconcilePolicy: { name: 'serviceoperator.azure.com/reconcile-policy', wakes: true },
  credentialFrom: { name: 'serviceoperator.azure.com/credential-from', wakes: true },
  /**
   * This operator's own: each new value requests a reconcile now, even after the last one failed with a terminal error.
   */
  reconcileRequestedAt: { name: 'azure-temporal-operator.io/reconcile-requested-at', wakes: true },
  resourceId: { name: 'serviceoperator.azure.com/resource-id', wakes: false, writer: 'operator' },
  /**
   * The namespace of the operator that manages the resource. The watcher treats one that names another operator by
   * itself (`KnownResource.isForeign`), because this operator's own value must not start a reconcile.
   */
  operatorNamespace: { name: 'serviceoperator.azure.com/operator-namespace', wakes: false },
} as const;

export type Annotation = keyof typeof ANNOTATIONS;

export function annotationOf({ metadata }: Pick<KubeObject, 'metadata'>, annotation: Annotation): string | undefined {
  return metadata.annotations?.[ANNOTATIONS[annotation].name];
}

const WAKING = Object.values(ANNOTATIONS).flatMap(({ name, wakes }) => (wakes ? [name] : []));
/** The rows that every stored fingerprint covers. Those added later count only where they are set. */
const ALWAYS = 3;
/**
 * One shared array: most resources have none of these annotations, and the watcher keeps the values of each resource.
 */
const NONE: readonly null[] = Array.from({ length: ALWAYS }, () => null);

/**
 * The values of the annotations with `wakes: true`, in the order of the table; null where one is absent. Absent values
 * at the end are left out, so that a new row does not change the fingerprint of resources that do not use it.
 */
export function wakingValues({ metadata }: Pick<KubeObject, 'metadata'>): readonly (string | null)[] {
  const values = WAKING.map((name) => metadata.annotations?.[name] ?? null);
  const last = values.findLastIndex((value) => value !== null);
  return last === -1 ? NONE : values.slice(0, Math.max(ALWAYS, last + 1));
}

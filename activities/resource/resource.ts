import { ANNOTATIONS, annotationOf } from '../../kube/annotations.ts';
import { FINALIZER } from '../../kube/names.ts';
import { appliedVersion } from '../../kube/applied-version.ts';
import type { KubeObject } from '../../kube/contract.ts';
import { STORAGE_VERSION, type JsonObject, type Kind, type Shape } from '../../kinds/contract.ts';
import { isPolicy, POLICIES, type Policy } from '../../contract/policy.ts';
import type { ResourceRef } from '../../contract/resource-ref.ts';
import { azureNameOf } from './azure-name.ts';
import type { Target } from '../../contract/steps.ts';
import type { Dependencies } from '../dependencies.ts';
import { StepError } from '../step-error.ts';

/** A custom resource with its kind, its shape and its name in Azure. */
export interface Resource {
  readonly ref: ResourceRef;
  readonly kind: Kind;
  readonly shape: Shape;
  readonly object: KubeObject;
  readonly spec: JsonObject;
  readonly azureName: string;
}

type Deps = Pick<Dependencies, 'kube' | 'kinds'>;

/** The API path of a custom resource, always at the storage version: other versions would prune fields. */
export function pathOf(
  kind: Kind,
  ref: ResourceRef,
): { group: string; version: string; plural: string; namespace: string; name: string } {
  return { group: kind.group, version: STORAGE_VERSION, plural: kind.plural, namespace: ref.namespace, name: ref.name };
}

/** @throws StepError if this operator does not support the kind. */
export function kindOf(deps: Pick<Dependencies, 'kinds'>, id: { group: string; kind: string }): Kind {
  const kind = deps.kinds.find(id);
  if (!kind)
    throw new StepError(
      'InvalidSpec',
      `cannot reconcile ${id.kind}.${id.group}: this operator does not support that kind`,
    );
  return kind;
}

/** Reads the resource; undefined if it does not exist or has another uid. */
export async function readResource(deps: Deps, ref: ResourceRef, uid?: string): Promise<Resource | undefined> {
  const kind = kindOf(deps, ref);
  const object = await deps.kube.get<KubeObject>(pathOf(kind, ref));
  if (!object || (uid !== undefined && object.metadata.uid !== uid)) return undefined;
  const spec = object.spec ?? {};
  const shape = deps.kinds.shapeFor(kind, { versionName: appliedVersion(object, STORAGE_VERSION), spec });
  const named = { kind: shape.kind, apiVersion: shape.apiVersion, object, spec };
  return { ref, kind: shape.kind, shape, object, spec, azureName: azureNameOf(named) };
}

export function hasFinalizer(object: KubeObject): boolean {
  return object.metadata.finalizers?.includes(FINALIZER) ?? false;
}

/**
 * The reconcile-policy of the resource, else of its namespace, else the operator's default. An unknown value is never
 * replaced by a default: with `Skip` read as `manage`, a resource that the user wanted to keep would be deleted.
 */
export async function policyOf(
  deps: Pick<Dependencies, 'kube' | 'settings'>,
  object: KubeObject,
): Promise<Policy | { readonly unknown: string }> {
  const own = annotationOf(object, 'reconcilePolicy');
  if (own !== undefined) return isPolicy(own) ? own : { unknown: policyMessage(own, 'the resource') };
  const namespace = await deps.kube.get<KubeObject>({
    version: 'v1',
    plural: 'namespaces',
    name: object.metadata.namespace ?? '',
  });
  const inherited = namespace && annotationOf(namespace, 'reconcilePolicy');
  if (inherited !== undefined)
    return isPolicy(inherited) ? inherited : { unknown: policyMessage(inherited, 'its namespace') };
  return deps.settings.defaultPolicy;
}

function policyMessage(value: string, of: string): string {
  return `the annotation ${ANNOTATIONS.reconcilePolicy.name} of ${of} is "${value.slice(0, 100)}"; it must be one of ${POLICIES.join(', ')}. The operator does nothing in Azure until it is corrected`;
}

/** Whether the resource has changed since the run planned this step: then the step must stop. */
export function isSuperseded(resource: Resource, { generation }: Target): boolean {
  return resource.object.metadata.generation !== generation || resource.object.metadata.deletionTimestamp !== undefined;
}

/** @throws StepError `Superseded` if the resource was deleted or replaced since the run planned this step. */
export function requirePresent<T>(resource: T | undefined, { kind, namespace, name }: ResourceRef): T {
  if (resource === undefined) throw new StepError('Superseded', `${kind} ${namespace}/${name} was deleted or replaced`);
  return resource;
}

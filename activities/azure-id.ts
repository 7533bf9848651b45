import type { KubeObject } from '../kube/contract.ts';
import type { JsonObject, Kind } from '../kinds/contract.ts';
import type { Dependencies } from './dependencies.ts';
import { annotationOf, kindOf, pathOf, type Resource } from './resource.ts';
import { StepError } from './step-error.ts';

/** A resource's owner: another custom resource, an ARM id, or none. `wait`: it is not there or not ready yet. */
export type Owner =
  | { readonly type: 'none' }
  | { readonly type: 'armId'; readonly armId: string }
  | { readonly type: 'object'; readonly object: KubeObject; readonly kind: Kind; readonly armId: string | undefined }
  | { readonly type: 'wait'; readonly message: string };

/** Finds the owner that the spec names. */
export async function findOwner(
  deps: Pick<Dependencies, 'kube' | 'kinds'>,
  { kind, spec, ref }: Resource,
): Promise<Owner> {
  if (kind.owner === null) return { type: 'none' };
  const owner = isObject(spec.owner) ? spec.owner : {};
  if (typeof owner.armId === 'string') return { type: 'armId', armId: owner.armId.replace(/\/+$/, '') };
  if (typeof owner.name !== 'string') {
    throw new StepError('InvalidSpec', 'spec.owner must have a name or an armId', { retry: 'Fatal' });
  }
  const id = kind.owner === 'any' ? { group: String(owner.group ?? ''), kind: String(owner.kind ?? '') } : kind.owner;
  const ownerKind = kindOf(deps, id);
  const title = `${ownerKind.kind}.${ownerKind.group} ${ref.namespace}/${owner.name}`;
  const object = await deps.kube.get<KubeObject>(
    pathOf(ownerKind, { ...id, namespace: ref.namespace, name: owner.name }),
  );
  if (!object) return { type: 'wait', message: `waiting for owner ${title}: it does not exist` };
  return { type: 'object', object, kind: ownerKind, armId: annotationOf(object, 'resourceId') };
}

export function isReady(object: KubeObject): boolean {
  return object.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

/** The resource's id in Azure, from its parent's. */
export function azureId(kind: Kind, azureName: string, parentId: string | undefined, subscriptionId: string): string {
  const subscription = `/subscriptions/${subscriptionId}`;
  if (kind.armType.toLowerCase() === 'microsoft.resources/resourcegroups')
    return `${subscription}/resourceGroups/${azureName}`;
  const [provider = '', ...types] = kind.armType.split('/');
  if (kind.scope === 'extension') return `${parentId ?? subscription}/providers/${kind.armType}/${azureName}`;
  if (types.length > 1) return `${parentId ?? ''}/${types.at(-1) ?? ''}/${azureName}`;
  const scope = parentId ?? (kind.scope === 'tenant' ? '' : subscription);
  return `${scope}/providers/${provider}/${types[0] ?? ''}/${azureName}`;
}

/** The subscription in an ARM id, lower case; undefined for one above subscriptions. */
export function subscriptionOf(armId: string): string | undefined {
  return /^\/subscriptions\/([^/]+)/i.exec(armId)?.[1]?.toLowerCase();
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import type { KubeObject } from '../../kube/contract.ts';
import type { JsonObject, Kind } from '../../kinds/contract.ts';
import { isObject, textAt } from '../../kinds/json.ts';
import { typeOf } from '../../kinds/arm-id.ts';
import type { ResourceRef } from '../../contract/resource-ref.ts';
import type { Dependencies } from '../dependencies.ts';
import { annotationOf } from '../../kube/annotations.ts';
import { kindOf, pathOf, type Resource } from './resource.ts';
import { StepError } from '../step-error.ts';

/** A resource's owner: another custom resource, an ARM id, or none. `wait`: the owner does not exist yet. */
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
  const owner = isObject(spec['owner']) ? spec['owner'] : {};
  if (typeof owner['armId'] === 'string') {
    if (typeof owner['name'] === 'string') throw invalid('spec.owner has both name and armId: set only one of them');
    return { type: 'armId', armId: checkedId(deps, kind, owner['armId'].replace(/\/+$/, '')) };
  }
  if (typeof owner['name'] !== 'string') throw invalid('spec.owner has neither name nor armId: set one of them');
  if (owner['name'].startsWith('/'))
    throw invalid('spec.owner.name looks like an ARM id: set spec.owner.armId instead');
  const id = kind.owner === 'any' ? givenKind(owner) : kind.owner;
  const ownerKind = deps.kinds.find(id);
  if (!ownerKind)
    throw invalid(
      `spec.owner names a ${id.kind}.${id.group}, which is not a kind of this operator: correct spec.owner.group and spec.owner.kind (docs/kinds.md lists them), or set spec.owner.armId alone`,
    );
  const title = `${ownerKind.kind}.${ownerKind.group} ${ref.namespace}/${owner['name']}`;
  const object = await deps.kube.get<KubeObject>(
    pathOf(ownerKind, { ...id, namespace: ref.namespace, name: owner['name'] }),
  );
  if (!object) return { type: 'wait', message: `waiting for owner ${title}: it does not exist` };
  return { type: 'object', object, kind: ownerKind, armId: annotationOf(object, 'resourceId') };
}

/** The kind that the owner of an extension resource states itself, because it may be of any kind. */
function givenKind(owner: JsonObject): { group: string; kind: string } {
  const [group, kind] = [textAt(owner, 'group'), textAt(owner, 'kind')];
  if (group !== undefined && kind !== undefined) return { group, kind };
  throw invalid(
    `spec.owner names "${String(owner['name'])}" without ${group === undefined ? 'a group' : 'a kind'}: this resource can be in one of any kind, so set all of spec.owner.group, kind and name (such as resources.azure.com, ResourceGroup and its name), or set spec.owner.armId alone`,
  );
}

/** Azure has no such resource in an owner of another type. */
function checkedId(deps: Pick<Dependencies, 'kinds'>, kind: Kind, armId: string): string {
  if (kind.owner === 'any' || kind.owner === null) return armId;
  const wanted = kindOf(deps, kind.owner).armType;
  if (typeOf(armId).toLowerCase() === wanted.toLowerCase()) return armId;
  throw invalid(`spec.owner.armId must be an ARM id of type ${wanted}, but its type is ${typeOf(armId)}`);
}

export function isReady(object: KubeObject): boolean {
  return object.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

function invalid(message: string): StepError {
  return new StepError('InvalidSpec', message);
}

/** How far a chain of owners is followed. No chain of types in Azure is as long. */
const LONGEST_CHAIN = 20;

/**
 * A message that names the cycle if the owners of a resource lead back to it: such resources never become Ready.
 * Undefined if there is no cycle.
 */
export async function ownerCycle(
  deps: Pick<Dependencies, 'kube' | 'kinds'>,
  resource: Pick<Resource, 'ref' | 'kind' | 'spec'>,
): Promise<string | undefined> {
  const chain = [titleOf(resource.ref)];
  let at = resource;
  while (chain.length <= LONGEST_CHAIN) {
    const ref = ownerRef(at);
    const kind = ref && deps.kinds.find(ref);
    const object = kind && (await deps.kube.get<KubeObject>(pathOf(kind, ref)));
    if (!object) return undefined;
    chain.push(titleOf(ref));
    if (chain[0] === chain.at(-1))
      return `the owners form a cycle: ${chain.join(' → ')}; correct spec.owner of one of them`;
    at = { ref, kind, spec: object.spec ?? {} };
  }
  return undefined;
}

function ownerRef({ ref, kind, spec }: Pick<Resource, 'ref' | 'kind' | 'spec'>): ResourceRef | undefined {
  const owner = isObject(spec['owner']) ? spec['owner'] : {};
  if (kind.owner === null || typeof owner['name'] !== 'string') return undefined;
  const id =
    kind.owner === 'any' ? { group: String(owner['group'] ?? ''), kind: String(owner['kind'] ?? '') } : kind.owner;
  return { ...id, namespace: ref.namespace, name: owner['name'] };
}

function titleOf({ kind, group, name }: ResourceRef): string {
  return `${kind}.${group} ${name}`;
}

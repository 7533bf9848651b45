import type { KubeObject, OwnerReference } from '../kube/contract.ts';
import { ANNOTATIONS, FIELD_MANAGERS, FINALIZER } from '../kube/names.ts';
import { STORAGE_VERSION } from '../kinds/contract.ts';
import type { Activities, Plan, Target } from './contract.ts';
import { azureId, subscriptionOf } from './azure-id.ts';
import type { Dependencies } from './dependencies.ts';
import { readInputs } from './inputs.ts';
import { findOwner, isReady, type Owner } from './owner.ts';
import { annotationOf, hasFinalizer, pathOf, policyOf, readResource, type Resource } from './resource.ts';
import { writeStatus } from './status.ts';
import { StepError } from './step-error.ts';

/**
 * Step 1. Reads the resource and decides what is to be done with it.
 *
 * The claim (finalizer and `resource-id`) is stored before Azure is ever called: whatever happens afterwards, a deletion finds out what to delete. A
 * resource that still waits for its owner or a Secret is not claimed, so it can be deleted at once and its name can still be changed.
 */
export async function resolveInputs(
  deps: Dependencies,
  { ref }: Parameters<Activities['resolveInputs']>[0],
): Promise<Plan> {
  const resource = await readResource(deps, ref);
  if (!resource) return { action: 'gone' };
  const { object } = resource;
  const policy = await policyOf(deps, object);
  const { generation = 0, uid } = object.metadata;
  if (object.metadata.deletionTimestamp !== undefined) return planDeletion(resource, policy);

  const claimed = hasFinalizer(object);
  const owner = await findOwner(deps, resource);
  const storedId = annotationOf(object, 'resourceId');
  if (owner.type === 'wait' && !(claimed && storedId !== undefined))
    return wait(deps, resource, 'WaitingForOwner', owner.message);
  // ASO asks for a ready owner only until the claim; a later failure of the owner does not stop its children.
  if (owner.type === 'object' && !claimed && !(isReady(owner.object) && owner.armId !== undefined)) {
    const title = `${owner.kind.kind}.${owner.kind.group} ${ref.namespace}/${owner.object.metadata.name}`;
    return wait(deps, resource, 'WaitingForOwner', `waiting for owner ${title}: it is not Ready yet`);
  }
  const inputs = await readInputs(deps, resource);
  if (inputs.missing) return wait(deps, resource, inputs.missing.reason, inputs.missing.message);

  const access = await deps.access({
    namespace: ref.namespace,
    credentialFrom: annotationOf(object, 'credentialFrom'),
  });
  const parentId = owner.type === 'armId' || owner.type === 'object' ? owner.armId : undefined;
  const given = inputs.values.get('azureNameFromConfig');
  const azureName = typeof given === 'string' ? given : resource.azureName;
  const armId =
    storedId ?? azureId({ kind: resource.kind, azureName, parentId, subscriptionId: access.arm.subscriptionId });
  checkSubscription(armId, access);
  await claim(deps, resource, { owner, armId, finalizer: policy !== 'skip' || claimed });
  const target: Target = { ref, uid, generation, armId, apiVersion: resource.shape.apiVersion };
  return {
    action: policy === 'skip' ? 'observe' : 'apply',
    target,
    inputs: inputs.facts,
    exports: resource.shape.exports(resource.spec).length > 0 || resource.shape.expressions(resource.spec).length > 0,
    resyncMs: deps.settings.resyncMs,
  };
}

function planDeletion({ ref, object, shape }: Resource, policy: string): Plan {
  const { uid, generation = 0 } = object.metadata;
  if (!hasFinalizer(object)) return { action: 'gone' };
  const armId = annotationOf(object, 'resourceId');
  if (policy !== 'manage' || armId === undefined) return { action: 'detach', uid, generation };
  return { action: 'delete', target: { ref, uid, generation, armId, apiVersion: shape.apiVersion } };
}

async function wait(deps: Dependencies, resource: Resource, reason: string, message: string): Promise<Plan> {
  const { generation = 0 } = resource.object.metadata;
  await writeStatus(deps, resource, {
    status: 'False',
    severity: 'Warning',
    reason,
    message,
    observedGeneration: generation,
  });
  return { action: 'wait', generation, reason, message };
}

function checkSubscription(armId: string, access: { arm: { subscriptionId: string }; from: string }): void {
  const subscription = subscriptionOf(armId);
  if (subscription === undefined || subscription === access.arm.subscriptionId.toLowerCase()) return;
  const message = `cannot manage ${armId} with the credential "${access.from}": it is for subscription ${access.arm.subscriptionId}`;
  throw new StepError('SubscriptionMismatch', message, { retry: 'Fatal' });
}

/** One merge patch, locked to the version that was read (409 when it moved: the step is tried again). Nothing to claim, nothing sent. */
async function claim(
  deps: Dependencies,
  { ref, kind, object }: Resource,
  { owner, armId, finalizer }: { owner: Owner; armId: string; finalizer: boolean },
): Promise<void> {
  const { metadata } = object;
  const ownerReferences = withOwner(metadata.ownerReferences ?? [], owner);
  const changes = {
    ...(finalizer && !hasFinalizer(object) && { finalizers: [...(metadata.finalizers ?? []), FINALIZER] }),
    ...(annotationOf(object, 'resourceId') !== armId && { annotations: { [ANNOTATIONS.resourceId]: armId } }),
    ...(ownerReferences.length !== (metadata.ownerReferences?.length ?? 0) && {
      ownerReferences: ownerReferences.map((reference) => ({ ...reference })),
    }),
  };
  if (Object.keys(changes).length === 0) return;
  await deps.kube.mergePatch<KubeObject>(
    pathOf(kind, ref),
    { metadata: { uid: metadata.uid, resourceVersion: metadata.resourceVersion, ...changes } },
    { fieldManager: FIELD_MANAGERS.claim },
  );
}

function withOwner(references: readonly OwnerReference[], owner: Owner): OwnerReference[] {
  if (owner.type !== 'object' || references.some(({ uid }) => uid === owner.object.metadata.uid))
    return [...references];
  const { name, uid } = owner.object.metadata;
  return [...references, { apiVersion: `${owner.kind.group}/${STORAGE_VERSION}`, kind: owner.kind.kind, name, uid }];
}

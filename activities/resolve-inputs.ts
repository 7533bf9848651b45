import type { Policy } from '../contract/policy.ts';
import type { Activities, Plan, Target, Wait } from '../contract/steps.ts';
import { STORAGE_VERSION, type JsonObject, type SpecProblem } from '../kinds/contract.ts';
import { isObject } from '../kinds/json.ts';
import type { KubeObject, OwnerReference } from '../kube/contract.ts';
import { ANNOTATIONS, annotationOf } from '../kube/annotations.ts';
import { FIELD_MANAGERS, FINALIZER } from '../kube/names.ts';
import { subscriptionOf } from '../kinds/arm-id.ts';
import { azureId } from './resource/azure-id.ts';
import type { AzureAccess, StepDependencies } from './dependencies.ts';
import type { Expressions } from './expressions/expression-threads.ts';
import { limitExceeded } from './expressions/limit-exceeded.ts';
import { ExpressionError } from './expressions/running-thread.ts';
import { readInputs } from './resource/inputs.ts';
import { notReady } from './resource/conditions.ts';
import { findOwner, isReady, ownerCycle, type Owner } from './resource/owner.ts';
import { hasFinalizer, pathOf, policyOf, readResource, type Resource } from './resource/resource.ts';
import { writeStatus } from './resource/status.ts';
import { StepError } from './step-error.ts';
import { storedStateOf } from './resource/stored-state.ts';
import { recordEvent } from './resource/events.ts';

/**
 * Step 1. Reads the resource and decides what to do with it.
 *
 * The claim (finalizer and `resource-id`) is stored before the first call to Azure, so a deletion always knows what to
 * delete. A resource that still waits for its owner or a Secret is not claimed: it can be deleted at once, and its name
 * can still be changed.
 */
export async function resolveInputs(
  deps: StepDependencies,
  { ref }: Parameters<Activities['resolveInputs']>[0],
): Promise<Plan> {
  const resource = await readResource(deps, ref);
  if (!resource) return { action: 'gone' };
  const policy = await policyOf(deps, resource.object);
  if (typeof policy !== 'string') {
    const event = { type: 'Warning', reason: 'AnnotationInvalid', note: policy.unknown, action: 'Reconcile' } as const;
    await recordEvent(deps, resource, event);
    return await wait(deps, resource, { reason: 'AnnotationInvalid', message: policy.unknown });
  }
  if (resource.object.metadata.deletionTimestamp !== undefined) return planDeletion(resource, policy);
  return await planApply(deps, resource, policy);
}

async function planApply(deps: StepDependencies, resource: Resource, policy: Policy): Promise<Plan> {
  const { object, ref, shape, spec } = resource;
  await checkSpec(deps, resource);
  const owner = await findOwner(deps, resource);
  const waitForOwner = await ownerWait(deps, resource, owner);
  if (waitForOwner) return await wait(deps, resource, waitForOwner);
  const inputs = await readInputs(deps, resource);
  if (inputs.missing) return await wait(deps, resource, inputs.missing);

  const credentialFrom = annotationOf(object, 'credentialFrom');
  const access = await deps.access({ namespace: ref.namespace, credentialFrom });
  const given = inputs.values.get('azureNameFromConfig');
  const azureName = typeof given === 'string' ? given : resource.azureName;
  const armId = armIdOf(resource, { owner, azureName, access });
  checkSubscription(armId, access);
  const finalizer = policy !== 'skip' || hasFinalizer(object);
  if (finalizer) await access.hold();
  await claim(deps, resource, { owner, armId, finalizer });
  const { generation = 0, uid } = object.metadata;
  const target: Target = { ref, uid, generation, armId, apiVersion: shape.apiVersion };
  const stored = storedStateOf(object);
  return {
    action: policy === 'skip' ? 'observe' : 'apply',
    target,
    inputs: inputs.facts,
    exports:
      shape.exports(spec).length > 0 || shape.expressions(spec).length > 0 || (stored?.exported?.length ?? 0) > 0,
    operation: policy !== 'skip' && stored?.operation?.method === 'PUT',
  };
}

/** @throws StepError for a spec that is wrong whatever Azure would answer. */
async function checkSpec({ expressions }: StepDependencies, { shape, spec }: Resource): Promise<void> {
  const { operatorSpec } = spec;
  const [problem] = shape.problems(spec);
  const found = problem ?? (isObject(operatorSpec) ? await expressionProblem(expressions, operatorSpec) : undefined);
  if (found) throw new StepError('InvalidSpec', `spec.${found.field}: ${found.message}`);
}

async function expressionProblem(expressions: Expressions, operatorSpec: JsonObject): Promise<SpecProblem | undefined> {
  try {
    const [problem] = await expressions.problems(operatorSpec);
    return problem;
  } catch (error) {
    if (error instanceof ExpressionError && error.limit) throw limitExceeded(error);
    throw error;
  }
}

/** As in ASO, the owner must be Ready only until the claim: a later failure of the owner does not stop its children. */
async function ownerWait(deps: StepDependencies, resource: Resource, owner: Owner): Promise<Wait | undefined> {
  const isClaimed = hasFinalizer(resource.object) && annotationOf(resource.object, 'resourceId') !== undefined;
  if (isClaimed) return undefined;
  const reason = 'WaitingForOwner';
  if (owner.type === 'wait') return { reason, message: owner.message };
  if (owner.type !== 'object' || (isReady(owner.object) && owner.armId !== undefined)) return undefined;
  const cycle = await ownerCycle(deps, resource);
  if (cycle) throw new StepError('OwnerCycle', cycle);
  const title = `${owner.kind.kind}.${owner.kind.group} ${resource.ref.namespace}/${owner.object.metadata.name}`;
  return { reason, message: `waiting for owner ${title}: it is not Ready yet` };
}

/**
 * The id that was stored with the claim: a deletion must find what was created. Only as long as Azure has refused every
 * PUT is the id computed from the spec again, so that a name that Azure refuses can be corrected.
 */
function armIdOf(
  { object, kind }: Resource,
  { owner, azureName, access }: { owner: Owner; azureName: string; access: AzureAccess },
): string {
  const storedId = annotationOf(object, 'resourceId');
  if (storedId !== undefined && storedStateOf(object)?.refused !== true) return storedId;
  const parentId = owner.type === 'armId' || owner.type === 'object' ? owner.armId : undefined;
  return azureId({ kind, azureName, parentId, subscriptionId: access.arm.subscriptionId });
}

function planDeletion({ ref, object, shape }: Resource, policy: Policy): Plan {
  const { uid, generation = 0 } = object.metadata;
  if (!hasFinalizer(object)) return { action: 'gone' };
  const armId = annotationOf(object, 'resourceId');
  if (policy !== 'manage' || armId === undefined) return { action: 'detach', uid, generation };
  const target = { ref, uid, generation, armId, apiVersion: shape.apiVersion };
  return { action: 'delete', target, operation: storedStateOf(object)?.operation?.method === 'DELETE' };
}

async function wait(deps: StepDependencies, resource: Resource, { reason, message }: Wait): Promise<Plan> {
  const { generation = 0, uid } = resource.object.metadata;
  await writeStatus(deps, resource, { condition: notReady(reason, message, generation) });
  return { action: 'wait', uid, generation, reason, message };
}

function checkSubscription(armId: string, access: { arm: { subscriptionId: string }; from: string }): void {
  const subscription = subscriptionOf(armId);
  if (subscription === undefined || subscription === access.arm.subscriptionId.toLowerCase()) return;
  const message = `cannot manage ${armId} with the credential "${access.from}": the credential is for subscription ${access.arm.subscriptionId}; use a credential for the subscription of the resource`;
  throw new StepError('SubscriptionMismatch', message);
}

/**
 * Adds finalizer, `resource-id` and owner reference in one merge patch, unless all are there. The patch applies only to
 * the version that was read; after a 409 the step reads the resource again.
 */
async function claim(
  deps: StepDependencies,
  { ref, kind, object }: Resource,
  { owner, armId, finalizer }: { owner: Owner; armId: string; finalizer: boolean },
): Promise<void> {
  const { metadata } = object;
  const ownerReferences = withOwner(metadata.ownerReferences ?? [], owner);
  const changes = {
    ...(finalizer && !hasFinalizer(object) && { finalizers: [...(metadata.finalizers ?? []), FINALIZER] }),
    ...(annotationOf(object, 'resourceId') !== armId && { annotations: { [ANNOTATIONS.resourceId.name]: armId } }),
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

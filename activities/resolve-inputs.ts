import type { Policy } from '../contract/policy.ts';
import { titleOf, workflowId, type ResourceRef } from '../contract/resource-ref.ts';
import type { Activities, Plan, Target, Wait } from '../contract/steps.ts';
import type { JsonObject, SpecProblem } from '../kinds/contract.ts';
import { isObject } from '../kinds/json.ts';
import { ANNOTATIONS, annotationOf } from '../kube/annotations.ts';
import type { StepDependencies } from './dependencies.ts';
import type { Expressions } from './expressions/expression-threads.ts';
import { limitExceeded } from './expressions/limit-exceeded.ts';
import { ExpressionError } from './expressions/running-thread.ts';
import { acceptedDigest, acceptedId } from './identity/accepted.ts';
import { identify, rememberedId, type Evidence, type Identity } from './identity/arm-id.ts';
import { claim } from './identity/claim.ts';
import { checkCredential, credentialToRemember } from './identity/credential-check.ts';
import { otherHolder } from './identity/managed-ids.ts';
import { findAcceptedOwner } from './identity/owner-id.ts';
import { otherOperator } from './identity/other-operator.ts';
import { readInputs } from './resource/inputs.ts';
import { notReady } from './resource/conditions.ts';
import { isReady, ownerCycle, type Owner } from './resource/owner.ts';
import { hasFinalizer, policyOf, readResource, type Resource } from './resource/resource.ts';
import { writeStatus, type StoredChanges } from './resource/status.ts';
import { StepError } from './step-error.ts';
import { storedStateOf } from './resource/stored-state.ts';
import { recordTransition } from './resource/record-transition.ts';

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
  const foreign = otherOperator(deps, resource.object);
  if (foreign !== undefined) return leaveAlone(deps, resource, foreign);
  const policy = await policyOf(deps, resource.object);
  if (typeof policy !== 'string')
    return await wait(deps, resource, { reason: 'AnnotationInvalid', message: policy.unknown });
  if (resource.object.metadata.deletionTimestamp !== undefined) return await planDeletion(deps, resource, policy);
  return await planApply(deps, resource, policy);
}

/** As ASO does: an Event, and nothing else. The status belongs to the other operator. */
function leaveAlone(deps: StepDependencies, resource: Resource, message: string): Plan {
  recordTransition(deps, resource, 'Overlap', { message });
  const { generation = 0, uid } = resource.object.metadata;
  return { action: 'wait', uid, generation, reason: 'Overlap', message };
}

async function planApply(deps: StepDependencies, resource: Resource, policy: Policy): Promise<Plan> {
  const { object, ref, shape, spec } = resource;
  await checkSpec(deps, resource);
  const owner = await findAcceptedOwner(deps, resource);
  const waitForOwner = await ownerWait(deps, resource, owner);
  if (waitForOwner) return await wait(deps, resource, waitForOwner);
  const inputs = await readInputs(deps, resource);
  if (inputs.missing) return await wait(deps, resource, inputs.missing);

  const access = await deps.access({
    namespace: ref.namespace,
    credentialFrom: annotationOf(object, 'credentialFrom'),
  });
  const identity = await identityOf(deps, resource, { owner, access, nameFromConfig: nameFromConfig(inputs) });
  if ('mismatch' in identity)
    return await wait(deps, resource, { reason: 'ResourceIdMismatch', message: identity.mismatch });
  const { armId, isRemembered } = identity;
  checkCredential({ object, armId, access, remembered: identity.credential });
  const finalizer = policy !== 'skip' || hasFinalizer(object);
  if (finalizer) await access.hold();
  const credential = credentialToRemember(object, access);
  const claimed = await claim(deps, resource, { owner, armId, finalizer, credential, isRemembered });
  if ('heldBy' in claimed) return await waitForHolder(deps, resource, { armId, holder: claimed.heldBy });
  const { generation = 0, uid } = object.metadata;
  const target: Target = { ref, uid, generation, armId, apiVersion: shape.apiVersion, claim: claimed };
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

type KnownIdentity = Exclude<Identity, { mismatch: string }> & { readonly isRemembered: boolean };

/** The ARM id that was accepted before, without a request; else what confirms the annotation, or replaces it. */
async function identityOf(
  deps: StepDependencies,
  resource: Resource,
  evidence: Evidence,
): Promise<KnownIdentity | { readonly mismatch: string }> {
  const remembered = rememberedId(deps, resource);
  if (remembered !== undefined) {
    const credential = storedStateOf(resource.object)?.claim?.credential;
    return { armId: remembered, credential, isRemembered: true };
  }
  const identity = await identify(deps, resource, evidence);
  return 'mismatch' in identity ? identity : { ...identity, isRemembered: false };
}

function nameFromConfig({ values }: { values: ReadonlyMap<string, unknown> }): string | undefined {
  const given = values.get('azureNameFromConfig');
  return typeof given === 'string' ? given : undefined;
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
  const why =
    isReady(owner.object) && annotationOf(owner.object, 'resourceId') !== undefined
      ? 'its annotation resource-id is not the ARM id that the operator accepted; correct it'
      : 'it is not Ready yet';
  return { reason, message: `waiting for owner ${title}: ${why}` };
}

/**
 * The annotation alone never leads to a DELETE: the id must be one that was accepted, or that name and owner give. The
 * usual deletion needs no request for this.
 */
async function planDeletion(deps: StepDependencies, resource: Resource, policy: Policy): Promise<Plan> {
  const { ref, object, shape } = resource;
  const { uid, generation = 0 } = object.metadata;
  if (!hasFinalizer(object)) return { action: 'gone' };
  const detach: Plan = { action: 'detach', uid, generation };
  const stored = storedStateOf(object);
  const armId = annotationOf(object, 'resourceId');
  if (policy !== 'manage') {
    if (armId !== undefined) recordTransition(deps, resource, 'Detached', { armId, policy });
    return detach;
  }
  // Without a stored state and an id, nothing was sent. With one, the annotation was removed.
  if (armId === undefined && !stored?.claim) return detach;
  const identity = await identityToDelete(deps, resource);
  if ('mismatch' in identity)
    return await wait(deps, resource, { reason: 'ResourceIdMismatch', message: identity.mismatch });
  const known = identity.isRemembered ? stored?.claim : undefined;
  const holder = known?.lease === undefined ? await otherHolder(deps, resource, identity.armId) : undefined;
  if (holder) {
    recordTransition(deps, resource, 'AlreadyManaged', { armId: identity.armId, holder: titleOf(holder) });
    return detach;
  }
  const digest = acceptedDigest(deps, uid, identity.armId);
  const claimed = known ?? (identity.credential && { digest, credential: identity.credential });
  const target: Target = {
    ref,
    uid,
    generation,
    armId: identity.armId,
    apiVersion: shape.apiVersion,
    ...(claimed && { claim: claimed }),
  };
  return { action: 'delete', target, operation: stored?.operation?.method === 'DELETE' };
}

async function identityToDelete(
  deps: StepDependencies,
  resource: Resource,
): Promise<KnownIdentity | { readonly mismatch: string }> {
  const { object, ref } = resource;
  const annotated = annotationOf(object, 'resourceId');
  const accepted = acceptedId(deps, object, [annotated]);
  const credential = storedStateOf(object)?.claim?.credential;
  if (accepted !== undefined) return { armId: accepted, credential, isRemembered: true };
  const owner = await findAcceptedOwner(deps, resource);
  const access = await deps.access({
    namespace: ref.namespace,
    credentialFrom: annotationOf(object, 'credentialFrom'),
  });
  const isNamedByConfig = isObject(resource.spec['azureNameFromConfig']);
  const inputs = isNamedByConfig ? await readInputs(deps, resource) : undefined;
  const given = inputs && !inputs.missing ? nameFromConfig(inputs) : undefined;
  const identity = await identify(deps, resource, { owner, access, nameFromConfig: given });
  return 'mismatch' in identity ? identity : { ...identity, isRemembered: false };
}

/** The run waits until the watcher reports that the other resource has changed. */
async function waitForHolder(
  deps: StepDependencies,
  resource: Resource,
  { armId, holder }: { armId: string; holder: ResourceRef },
): Promise<Plan> {
  const message = `${armId} is already managed by ${titleOf(holder)}. One resource in Azure can be managed by one resource only: delete this one, or the other one with ${ANNOTATIONS.reconcilePolicy.name} detach-on-delete. This one continues by itself when the other lets go`;
  const stored = { blockedBy: workflowId(holder) };
  return await wait(deps, resource, { reason: 'AlreadyManaged', message }, stored);
}

async function wait(
  deps: StepDependencies,
  resource: Resource,
  { reason, message }: Wait,
  stored: StoredChanges = { blockedBy: null },
): Promise<Plan> {
  const { generation = 0, uid } = resource.object.metadata;
  await writeStatus(deps, resource, { condition: notReady(reason, message, generation), stored });
  return { action: 'wait', uid, generation, reason, message };
}

import { ArmError } from '../azure/arm-error.ts';
import type { ArmAnswer } from '../azure/contract.ts';
import type { StoredOperation, StoredState } from '../contract/stored-state.ts';
import type { Activities, ApplyResult, Target } from '../contract/steps.ts';
import { acceptedAnswer } from './arm/accepted-answer.ts';
import { azureStateOf } from './arm/azure-state.ts';
import { mayBeSent } from './arm/check-target.ts';
import { isUnknownType, getFromAzure, readManaged, type ManagedResource } from './arm/call.ts';
import { findExisting, knownToBeAccepted, wasNeverSent, runningPut, withStoredPut } from './arm/earlier-puts.ts';
import { operationByState, storeOperation, sealOperation } from './arm/operation.ts';
import { claimOf } from './identity/claim.ts';
import { compare, type Comparison } from './arm/compare.ts';
import type { StepDependencies } from './dependencies.ts';
import { applyQuirk } from './arm/quirks.ts';
import { acceptedIfReady } from './arm/readiness.ts';
import { reconciling, repeatsFailure } from './resource/conditions.ts';
import { recordTransition } from './resource/record-transition.ts';
import { readSecretValues, secretPlaces } from './resource/inputs.ts';
import { writeStatusIfSlow } from './resource/delayed-status.ts';
import { writeStatus } from './resource/status.ts';
import { Refusal, StepError } from './step-error.ts';
import { sendDetailsOf, type SendDetails } from './heartbeat-details.ts';
import { storedStateOf } from './resource/stored-state.ts';
import { desiredStateOf, type DesiredState } from './arm/payload.ts';
import { isSuperseded } from './resource/resource.ts';

interface Sending {
  readonly resource: ManagedResource;
  readonly target: Target;
  readonly stored: StoredState | undefined;
  readonly desired: DesiredState;
  readonly existing: Awaited<ReturnType<typeof getFromAzure>>;
  readonly details: SendDetails;
  readonly failures: number;
}

/**
 * Step 2. Compares the desired state with what Azure has, and sends the whole desired state if it differs: the payload
 * is not the one that Azure accepted last (its keyed digest covers the secret values), or a field that the user set has
 * drifted.
 */
export async function createOrUpdate(
  deps: StepDependencies,
  { target, observe, failures }: Parameters<Activities['createOrUpdate']>[0],
): Promise<ApplyResult> {
  const resource = await readManaged(deps, target);
  if (!resource || isSuperseded(resource, target)) return { result: 'superseded' };
  if (observe) return await observed(deps, { resource, target, failures });
  if (!mayBeSent(resource, target)) return { result: 'superseded' };
  const earlier = sendDetailsOf(deps.step.heartbeatDetails);
  if (earlier.operation) return await storeOperation(deps, resource, target, earlier.operation);
  const stored = storedStateOf(resource.object);
  // An earlier attempt stored the operation and died before it returned.
  if (stored?.operation?.method === 'PUT') return { result: 'operation' };
  const desired = await desiredStateOf(deps, resource, target);
  const details = withStoredPut(earlier, resource, { stored, desired });
  const existing = await findExisting(deps, resource, target, details).catch((error: unknown) => {
    const nothingExists = isUnknownType(error) && wasNeverSent({ stored, details });
    throw nothingExists ? new Refusal(error, { nothingExists }) : error;
  });
  const state = azureStateOf(existing?.body);
  const isAtRest = state !== 'busy' && state !== 'deleting';
  const payload = isAtRest
    ? await applyQuirk(resource, target, { payload: desired.payload, existing: existing?.body, step: deps.step })
    : desired.payload;
  const desiredNow = { ...desired, payload };
  const sending = { resource, target, stored, desired: desiredNow, existing, details, failures };
  const accepted = knownToBeAccepted(sending);
  const digestOf = deps.seal.fingerprint;
  const comparison = compare({
    shape: resource.shape,
    desired: desiredNow,
    answer: existing?.body,
    accepted,
    digestOf,
  });
  switch (comparison.type) {
    case 'accepted':
      return await acceptedIfReady(deps, {
        resource,
        target,
        answer: existing?.body ?? {},
        secrets: desired.secrets,
        applied: comparison.applied,
        failures,
      });
    case 'join':
      return await storeOperation(deps, resource, target, operationByState(deps, target, runningPut(sending)));
    case 'deleting': {
      const message = `Azure is still deleting ${target.armId}; it will be created again when the deletion is complete`;
      throw new StepError('ReconciliationBlocked', message);
    }
    case 'rejected':
      return await send(deps, { ...sending, because: 'failed before' }, comparison);
    case 'send':
      return await send(deps, { ...sending, because: [comparison.why, ...comparison.paths].join(' ') }, comparison);
  }
}

type Difference = Extract<Comparison, { type: 'send' | 'rejected' }>;

async function send(
  deps: StepDependencies,
  sending: Sending & { because: string },
  difference: Difference,
): Promise<ApplyResult> {
  const { resource, target, stored, desired, failures } = sending;
  await recordBeforeSending(deps, sending);
  tellSending(deps, sending, difference);
  // From here on the step must not be interrupted: the answer to a PUT that was sent must be recorded.
  const answer = await deps.step.uninterrupted(async () => {
    const given = await put(deps, sending);
    if (given === 'join')
      return await storeOperation(
        deps,
        resource,
        target,
        operationByState(deps, target, { ...runningPut(sending), creates: true }),
        // This PUT was refused, but Azure may have accepted the one before it.
        { sending: stored?.sending ?? null },
      );
    recordAnswer(deps, sending, given);
    if (!given.operation) return undefined;
    const operation: StoredOperation = {
      ...desired.applied,
      method: 'PUT',
      sealed: sealOperation(deps, target, given.operation),
      since: new Date().toISOString(),
      creates: !sending.existing,
    };
    deps.step.heartbeat({ operation });
    return await storeOperation(deps, resource, target, operation);
  });
  return (
    answer ??
    (await acceptedAnswer(deps, {
      resource,
      target,
      desired,
      before: stored?.applied,
      existed: sending.existing !== undefined,
      failures,
    }))
  );
}

/** Tells what is sent, and why. Not when a failed attempt is repeated: its condition is told. */
function tellSending(deps: StepDependencies, { resource, target, stored, existing }: Sending, why: Difference): void {
  if (repeatsFailure(resource, target)) return;
  const { generation, apiVersion } = target;
  if (why.type === 'send' && why.why === 'drift') {
    const paths = why.paths.join(', ');
    return recordTransition(deps, resource, 'DriftFound', { paths, generation, apiVersion });
  }
  const isGone = !existing && stored?.applied !== undefined;
  const name = existing ? 'UpdateSent' : isGone ? 'GoneFromAzure' : 'CreateSent';
  recordTransition(deps, resource, name, { generation, apiVersion });
}

function recordAnswer(
  deps: StepDependencies,
  { resource, target: { armId, generation }, because }: Pick<Sending, 'resource' | 'target'> & { because: string },
  { status: httpStatus, requestId }: ArmAnswer,
): void {
  recordTransition(deps, resource, 'PutAnswered', { armId, generation, because, httpStatus, requestId });
}

/**
 * Records an update on the resource before it is sent: if its answer is lost, no later step takes the previous digest
 * for what Azure has. The same for the creation of a resource that GET does not show while Azure creates it: if its
 * answer is lost, a deletion still knows that the resource may exist.
 */
async function recordBeforeSending(
  deps: StepDependencies,
  { resource, target, stored, desired, existing }: Sending,
): Promise<void> {
  const isUpdate = stored?.applied !== undefined && stored.applied.digest !== desired.applied.digest;
  const isHidden = !existing && resource.kind.invisibleWhileCreated;
  if (!isUpdate && !isHidden && stored?.refused !== true) return;
  const changes = {
    refused: null,
    ...claimOf(target),
    ...((isUpdate || isHidden) && { sending: desired.applied.digest }),
  };
  const change = reconciling(resource, target, `sending generation ${target.generation} to Azure`, changes);
  const outcome = await writeStatus(deps, resource, { ...change, how: change.how === 'now' ? 'solved' : 'ranked' });
  if (outcome !== 'written' && outcome !== 'unchanged')
    throw new StepError('Superseded', `cannot send ${target.armId}: a later step of this resource has started`);
}

async function put(deps: StepDependencies, sending: Sending): Promise<ArmAnswer | 'join'> {
  const { resource, target, stored, desired, existing, details } = sending;
  const unanswered = details.sent ?? stored?.sending;
  const isFirst = unanswered === undefined;
  // Another payload whose answer was lost may have created the resource.
  const creates = !existing && (isFirst || (details.creates === true && unanswered === desired.applied.digest));
  deps.step.heartbeat({ sent: desired.applied.digest, creates });
  const message = `createOrUpdate: sent to Azure, waiting for its answer since ${new Date().toISOString()}`;
  const delayed = writeStatusIfSlow(deps, resource, { ...reconciling(resource, target, message), how: 'solved' });
  // The quirk computed the payload from what was read: send it only if Azure has not changed since.
  const ifMatch = resource.shape.quirk.beforePut ? existing?.etag : undefined;
  const at = { id: target.armId, apiVersion: target.apiVersion };
  try {
    return await resource.arm.put(at, desired.payload, { ifMatch, secrets: desired.secrets });
  } catch (error) {
    if (!(error instanceof ArmError) || !isRefusal(error)) throw error;
    deps.step.heartbeat({ refused: true });
    // The resource was changed in Azure since it was read: the next attempt reads it again.
    if (error.status === 412 && ifMatch !== undefined) throw error;
    // GET does not show the resource yet, but the conflict proves that it exists.
    if (
      error.status === 409 &&
      !existing &&
      resource.kind.invisibleWhileCreated &&
      (!isFirst || isOperationRunning(error))
    )
      return 'join';
    const nothingExists = provesAbsence(sending, error);
    throw nothingExists || isFirst ? new Refusal(error, { nothingExists }) : error;
  } finally {
    await delayed.cancel();
  }
}

/** After a refusal it is certain that Azure did not apply the PUT. After 408, 5xx or a broken connection it is not. */
function isRefusal({ status }: ArmError): boolean {
  return status >= 400 && status < 500 && status !== 408;
}

/** Whether a 409 means that an operation is running, and not that the name is taken. */
function isOperationRunning({ code }: ArmError): boolean {
  return /InProgress|Busy|BeingCreated|Creating|Provisioning/i.test(code);
}

/** Whether a refusal proves that no resource of this name exists because of this operator. */
function provesAbsence(sending: Sending, { status }: ArmError): boolean {
  return !sending.existing && wasNeverSent(sending) && status !== 429 && status !== 412;
}

/** For reconcile-policy skip: reads the resource and never writes it. */
async function observed(
  deps: StepDependencies,
  { resource, target, failures }: Pick<Sending, 'resource' | 'target' | 'failures'>,
): Promise<ApplyResult> {
  const existing = await getFromAzure(resource, target);
  if (!existing) {
    const message = `${target.armId} does not exist in Azure, and reconcile-policy skip forbids creating it: create it in Azure or change the policy`;
    throw new StepError('AzureResourceNotFound', message);
  }
  const secrets = await readSecretValues(deps, target.ref.namespace, secretPlaces(resource));
  return await acceptedIfReady(deps, { resource, target, answer: existing.body, secrets, applied: null, failures });
}

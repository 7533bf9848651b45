import { ArmError } from '../azure/arm-error.ts';
import type { ArmAnswer } from '../azure/contract.ts';
import type { StoredOperation, StoredState } from '../contract/stored-state.ts';
import type { Activities, ApplyResult, Target } from '../contract/steps.ts';
import { acceptedAnswer } from './arm/accepted-answer.ts';
import { azureStateOf } from './arm/azure-state.ts';
import { isUnknownType, getFromAzure, readManaged, type ManagedResource } from './arm/call.ts';
import { findExisting, knownToBeAccepted, wasNeverSent, runningPut, withStoredPut } from './arm/earlier-puts.ts';
import { operationByState, storeOperation, sealOperation } from './arm/operation.ts';
import { compare } from './arm/compare.ts';
import type { StepDependencies } from './dependencies.ts';
import { applyQuirk } from './arm/quirks.ts';
import { reconciling } from './resource/conditions.ts';
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
 * Step 2. Compares what is desired with what Azure has, and sends the whole desired state if something differs: a
 * payload other than the one that Azure accepted last (its keyed digest covers the secret values), or drift in a field
 * that the user set.
 */
export async function createOrUpdate(
  deps: StepDependencies,
  { target, observe, failures }: Parameters<Activities['createOrUpdate']>[0],
): Promise<ApplyResult> {
  const resource = await readManaged(deps, target);
  if (!resource || isSuperseded(resource, target)) return { result: 'superseded' };
  if (observe) return await observed(resource, target);
  const left = sendDetailsOf(deps.step.heartbeatDetails);
  if (left.operation) return await storeOperation(deps, resource, target, left.operation);
  const stored = storedStateOf(resource.object);
  // An earlier attempt stored the operation and died before it returned.
  if (stored?.operation?.method === 'PUT') return { result: 'operation' };
  const desired = await desiredStateOf(deps, resource, target);
  const details = withStoredPut(left, resource, { stored, desired });
  const existing = await findExisting(deps, resource, target, details).catch((error: unknown) => {
    const nothingExists = isUnknownType(error) && wasNeverSent({ stored, details });
    throw nothingExists ? new Refusal(error, { nothingExists }) : error;
  });
  const state = azureStateOf(existing?.body);
  const isAtRest = state !== 'busy' && state !== 'deleting';
  const payload = isAtRest
    ? await applyQuirk(resource, target, { payload: desired.payload, existing: existing?.body, step: deps.step })
    : desired.payload;
  const sending = { resource, target, stored, desired: { ...desired, payload }, existing, details, failures };
  const accepted = knownToBeAccepted(sending);
  const digestOf = deps.seal.fingerprint;
  const comparison = compare({
    shape: resource.shape,
    desired: sending.desired,
    answer: existing?.body,
    accepted,
    digestOf,
  });
  switch (comparison.type) {
    case 'accepted':
      return {
        result: 'accepted',
        status: resource.shape.status(existing?.body ?? {}),
        applied: comparison.applied,
        kept: [],
      };
    case 'join':
      return await storeOperation(deps, resource, target, operationByState(deps, target, runningPut(sending)));
    case 'deleting': {
      const message = `Azure is still deleting ${target.armId}; it is created again when that is over`;
      throw new StepError('ReconciliationBlocked', message);
    }
    case 'rejected':
    case 'send':
      return await send(deps, sending);
  }
}

async function send(deps: StepDependencies, sending: Sending): Promise<ApplyResult> {
  const { resource, target, stored, desired, failures } = sending;
  await announce(deps, sending);
  // From here on the step may not be interrupted: a PUT on the wire is never abandoned, and its answer is kept.
  const answer = await deps.step.uninterrupted(async () => {
    const given = await put(deps, sending);
    if (given === 'join')
      return await storeOperation(
        deps,
        resource,
        target,
        operationByState(deps, target, { ...runningPut(sending), creates: true }),
        // What was sent just now was refused; what was sent before that may have been taken.
        { sending: stored?.sending ?? null },
      );
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

/**
 * An update is announced on the resource before it goes out: should its answer be lost, nobody takes the former digest
 * for what Azure has. So is the creation of what Azure does not show meanwhile: should its answer be lost, a deletion
 * knows that there may be something.
 */
async function announce(
  deps: StepDependencies,
  { resource, target, stored, desired, existing }: Sending,
): Promise<void> {
  const isUpdate = stored?.applied !== undefined && stored.applied.digest !== desired.applied.digest;
  const isHidden = !existing && resource.kind.invisibleWhileCreated;
  if (!isUpdate && !isHidden && stored?.refused !== true) return;
  const changes = { refused: null, ...((isUpdate || isHidden) && { sending: desired.applied.digest }) };
  const change = reconciling(resource, target, `sending generation ${target.generation} to Azure`, changes);
  const outcome = await writeStatus(deps, resource, { ...change, how: change.how === 'now' ? 'solved' : 'ranked' });
  if (outcome !== 'written') throw new StepError('Superseded', `${target.armId}: a later step has begun`);
}

async function put(deps: StepDependencies, sending: Sending): Promise<ArmAnswer | 'join'> {
  const { resource, target, stored, desired, existing, details } = sending;
  const unanswered = details.sent ?? stored?.sending;
  const isFirst = unanswered === undefined;
  // Another payload that was sent before, and whose answer was lost, may be what made it.
  const creates = !existing && (isFirst || (details.creates === true && unanswered === desired.applied.digest));
  deps.step.heartbeat({ sent: desired.applied.digest, creates });
  const asked = `createOrUpdate: sent to Azure, waiting for its answer since ${new Date().toISOString()}`;
  const delayed = writeStatusIfSlow(deps, resource, { ...reconciling(resource, target, asked), how: 'solved' });
  // The quirk has worked on what was read: send the result only if Azure still has that.
  const ifMatch = resource.shape.quirk.beforePut ? existing?.etag : undefined;
  const at = { id: target.armId, apiVersion: target.apiVersion };
  try {
    return await resource.arm.put(at, desired.payload, { ifMatch, secrets: desired.secrets });
  } catch (error) {
    if (!(error instanceof ArmError) || !isRefusal(error)) throw error;
    deps.step.heartbeat({ refused: true });
    // It was changed meanwhile: the next attempt reads it again.
    if (error.status === 412 && ifMatch !== undefined) throw error;
    // Azure does not show it yet, and says by its refusal that it is there.
    if (error.status === 409 && !existing && resource.kind.invisibleWhileCreated && (!isFirst || isAtWork(error)))
      return 'join';
    const nothingExists = isNothingThere(sending, error);
    throw nothingExists || isFirst ? new Refusal(error, { nothingExists }) : error;
  } finally {
    await delayed.cancel();
  }
}

/** A refusal is an answer: what was sent has not been applied. 408 and 5xx are none, nor is a connection that broke. */
function isRefusal({ status }: ArmError): boolean {
  return status >= 400 && status < 500 && status !== 408;
}

/** Of the 409s those that tell of an operation that is running, not of a name that is taken. */
function isAtWork({ code }: ArmError): boolean {
  return /InProgress|Busy|BeingCreated|Creating|Provisioning/i.test(code);
}

function isNothingThere(sending: Sending, { status }: ArmError): boolean {
  return !sending.existing && wasNeverSent(sending) && status !== 429 && status !== 412;
}

async function observed(resource: ManagedResource, target: Target): Promise<ApplyResult> {
  const existing = await getFromAzure(resource, target);
  if (!existing) {
    const message = `${target.armId} does not exist in Azure, and reconcile-policy skip forbids to create it`;
    throw new StepError('AzureResourceNotFound', message);
  }
  return { result: 'accepted', status: resource.shape.status(existing.body), applied: null, kept: [] };
}

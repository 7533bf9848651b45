import type { Applied } from '../../contract/stored-state.ts';
import type { ApplyResult, JsonObject, Target } from '../../contract/steps.ts';
import type { StepDependencies } from '../dependencies.ts';
import { recordEvent } from '../resource/events.ts';
import { StepError } from '../step-error.ts';
import { azureStateOf } from './azure-state.ts';
import { getFromAzure, type ManagedResource } from './call.ts';
import { compare } from './compare.ts';
import { giveUp } from './give-up.ts';
import { operationByState, storeOperation } from './operation.ts';
import type { DesiredState } from './payload.ts';
import { applyQuirk } from './quirks.ts';

/** Azure may report success and still answer 404 for a while (MySQL: up to 30 s). */
const NEW_NOT_FOUND_MS = 60_000;
/** What was there before is not shown late: it has been removed. */
const NOT_FOUND_MS = 10_000;
const GET_EVERY_MS = 1_000;

/**
 * After Azure has accepted what is desired: its answer to a GET is the status and the baseline. Always a GET: a PUT's
 * own answer echoes what was sent, and is thin for many types.
 */
export async function acceptedAnswer(
  deps: StepDependencies,
  input: {
    resource: ManagedResource;
    target: Target;
    desired: DesiredState;
    before: Applied | undefined;
    /** It was there before. */
    existed: boolean;
    failures: number;
  },
): Promise<ApplyResult> {
  const { resource, target, desired, before, failures } = input;
  const answer = await visible(deps, input);
  const state = azureStateOf(answer);
  const isAtRest = state === 'rest' || state === 'failed';
  const payload = isAtRest
    ? await applyQuirk(resource, target, { payload: desired.payload, existing: answer, step: deps.step })
    : desired.payload;
  const digestOf = deps.seal.fingerprint;
  const accepted = desired.applied;
  const comparison = compare({
    shape: resource.shape,
    desired: { ...desired, payload },
    answer,
    accepted,
    before,
    digestOf,
  });
  switch (comparison.type) {
    case 'accepted':
      await recordKeptValues(deps, resource, comparison.kept);
      return {
        result: 'accepted',
        status: resource.shape.status(answer),
        applied: comparison.applied,
        kept: comparison.kept,
      };
    case 'join':
      // Accepted without an operation to follow, and still at work: the resource itself tells.
      return await storeOperation(
        deps,
        resource,
        target,
        operationByState(deps, target, { ...desired.applied, creates: false }),
      );
    case 'rejected':
      return await giveUp(deps, { resource, target, failures, error: rejection(target, answer) });
    case 'deleting':
    case 'send':
      throw new StepError('ReconciliationBlocked', `Azure accepted ${target.armId} and is deleting it since`);
  }
}

/** Sent once more, and Azure kept its own value: it is left alone from now on, and told. */
async function recordKeptValues(
  deps: StepDependencies,
  resource: ManagedResource,
  kept: readonly string[],
): Promise<void> {
  if (kept.length === 0) return;
  const note = `Azure keeps its own value of ${kept.join(', ')}; it is not sent again until the spec changes`;
  await recordEvent(deps, resource, { type: 'Warning', reason: 'AzureKeepsValue', note, action: 'CreateOrUpdate' });
}

async function visible(
  deps: StepDependencies,
  { resource, target, existed }: { resource: ManagedResource; target: Target; existed: boolean },
): Promise<JsonObject> {
  const until = Date.now() + (existed ? NOT_FOUND_MS : NEW_NOT_FOUND_MS);
  for (;;) {
    const found = await getFromAzure(resource, target);
    if (found) return found.body;
    if (Date.now() > until) {
      const message = `Azure reported success, but ${target.armId} is not found`;
      throw new StepError('AzureResourceNotFound', message);
    }
    await deps.step.sleep(GET_EVERY_MS);
  }
}

function rejection(target: Target, answer: JsonObject): StepError {
  const state = answer['properties'];
  const word =
    typeof state === 'object' && state !== null && !Array.isArray(state) ? state['provisioningState'] : undefined;
  const message = `Azure accepted ${target.armId} and holds it as ${typeof word === 'string' ? word : 'failed'}`;
  return new StepError('ProvisioningFailed', message);
}

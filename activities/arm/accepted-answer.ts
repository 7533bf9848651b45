import type { Applied } from '../../contract/stored-state.ts';
import type { ApplyResult, JsonObject, Target } from '../../contract/steps.ts';
import type { StepDependencies } from '../dependencies.ts';
import { showsReady } from '../resource/conditions.ts';
import { recordTransition } from '../resource/record-transition.ts';
import { StepError } from '../step-error.ts';
import { azureStateOf } from './azure-state.ts';
import { getFromAzure, type ManagedResource } from './call.ts';
import { compare } from './compare.ts';
import { giveUp } from './give-up.ts';
import { operationByState, storeOperation } from './operation.ts';
import type { DesiredState } from './payload.ts';
import { valueAt } from '../../kinds/json-path.ts';
import { applyQuirk } from './quirks.ts';
import { acceptedIfReady } from './readiness.ts';

/** How long GET may answer 404 after Azure has reported success for a new resource (MySQL: up to 30 s). */
const NEW_NOT_FOUND_MS = 60_000;
/** A resource that existed before does not become visible late: after this time it has been removed. */
const NOT_FOUND_MS = 10_000;
const GET_EVERY_MS = 1_000;

/**
 * After Azure has accepted the desired state: its answer to a GET becomes the status and the baseline. The answer to
 * the PUT is not used, because it only echoes what was sent, and has few properties for many types.
 */
export async function acceptedAnswer(
  deps: StepDependencies,
  input: {
    resource: ManagedResource;
    target: Target;
    desired: DesiredState;
    before: Applied | undefined;
    /** Whether the resource existed before. */
    existed: boolean;
    failures: number;
  },
): Promise<ApplyResult> {
  const { resource, target, desired, before, failures } = input;
  const answer = await waitUntilVisible(deps, input);
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
      tellAccepted(deps, input, comparison.kept);
      return await acceptedIfReady(deps, {
        resource,
        target,
        answer,
        secrets: desired.secrets,
        applied: comparison.applied,
        kept: comparison.kept,
        failures,
      });
    case 'join':
      // Azure returned no operation, but is still working: follow the provisioning state of the resource.
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
      throw new StepError(
        'ReconciliationBlocked',
        `Azure accepted ${target.armId}, but is now deleting it; it will be created again when the deletion is complete`,
      );
  }
}

/**
 * What became of an update of a generation that was Ready before: the condition does not change, so only this tells it.
 * Values that Azure kept although a drift was corrected are told in any case: they are accepted from now on.
 */
function tellAccepted(
  deps: StepDependencies,
  { resource, target, desired, before }: Parameters<typeof acceptedAnswer>[1],
  kept: readonly string[],
): void {
  if (kept.length > 0) return recordTransition(deps, resource, 'AzureKeepsValue', { paths: kept.join(', ') });
  if (!showsReady(resource, target)) return;
  const isSame = before?.digest === desired.applied.digest;
  recordTransition(deps, resource, isSame ? 'DriftCorrected' : 'UpdateAccepted', {});
}

/** The answer of GET, once Azure shows the resource. */
async function waitUntilVisible(
  deps: StepDependencies,
  { resource, target, existed }: { resource: ManagedResource; target: Target; existed: boolean },
): Promise<JsonObject> {
  const until = Date.now() + (existed ? NOT_FOUND_MS : NEW_NOT_FOUND_MS);
  for (;;) {
    const found = await getFromAzure(resource, target);
    if (found) return found.body;
    if (Date.now() > until) {
      const message = `Azure reported success, but ${target.armId} does not exist`;
      throw new StepError('AzureResourceNotFound', message);
    }
    await deps.step.sleep(GET_EVERY_MS);
  }
}

function rejection(target: Target, answer: JsonObject): StepError {
  const state = valueAt(answer, 'properties.provisioningState');
  const message = `Azure accepted ${target.armId}, but its provisioning state is ${typeof state === 'string' && /^\w{1,64}$/.test(state) ? state : 'Failed'}`;
  return new StepError('ProvisioningFailed', message);
}

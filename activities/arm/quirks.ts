import type { ArmClient } from '../../azure/contract.ts';
import type { JsonObject, Lookup, Shape, QuirkDecision } from '../../kinds/contract.ts';
import type { Target } from '../../contract/steps.ts';
import type { StepContext } from '../step-context.ts';
import { StepError } from '../step-error.ts';

const REMOVAL_MS = 75_000;
const GET_EVERY_MS = 2_000;

/** The payload as the kind wants it sent, given what exists. @throws StepError when it cannot be sent now, or never */
export async function applyQuirk(
  { shape, arm }: { shape: Shape; arm: ArmClient },
  target: Target,
  {
    payload,
    existing,
    step,
  }: { payload: JsonObject; existing: JsonObject | undefined; step: Pick<StepContext, 'sleep'> },
): Promise<JsonObject> {
  const { quirk } = shape;
  if (!quirk.beforePut) return payload;
  const input = { payload, existing, armId: target.armId, apiVersion: target.apiVersion };
  const decide = async (): Promise<QuirkDecision | undefined> => {
    const reads = quirk.reads?.(input) ?? [];
    const answers = await Promise.all(reads.map((lookup) => find(arm, lookup)));
    return quirk.beforePut?.({ ...input, answers });
  };
  let decision = await decide();
  if (decision?.type === 'remove') {
    await remove(arm, target, { ...decision, step });
    decision = await decide();
  }
  if (decision?.type === 'payload') return decision.payload;
  if (decision?.type === 'refused') {
    // What it waits for is in Azure, where nobody watches it, or it is a spec that Azure can never take: only the quirk
    // knows.
    throw new StepError(decision.reason, decision.message, { retry: decision.fatal ? 'Fatal' : 'Slow' });
  }
  throw new StepError('ReconciliationBlocked', `something in the way of ${target.armId} came back`);
}

async function find(arm: ArmClient, lookup: Lookup): Promise<JsonObject | undefined> {
  return (await arm.get(lookup))?.body;
}

/** Bounded by the step's own time: what takes longer is looked at again by the next attempt. */
async function remove(
  arm: ArmClient,
  target: Target,
  { lookup, action, step }: Extract<QuirkDecision, { type: 'remove' }> & { step: Pick<StepContext, 'sleep'> },
): Promise<void> {
  await arm.action(lookup, action);
  const until = Date.now() + REMOVAL_MS;
  while (await find(arm, lookup)) {
    if (Date.now() > until) {
      const message = `Azure is still busy with ${action} of ${lookup.id}; ${target.armId} is created when that is over`;
      throw new StepError('ReconciliationBlocked', message);
    }
    await step.sleep(GET_EVERY_MS);
  }
}

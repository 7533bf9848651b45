import type { ArmClient } from '../../azure/contract.ts';
import type { JsonObject, Lookup, Shape, QuirkDecision } from '../../kinds/contract.ts';
import type { Target } from '../../contract/steps.ts';
import type { StepContext } from '../step-context.ts';
import { StepError } from '../step-error.ts';

const REMOVAL_MS = 75_000;
const GET_EVERY_MS = 2_000;

/**
 * The payload with the changes that the quirk of the kind makes to it, given what exists in Azure.
 * @throws StepError if the payload cannot be sent yet, or can never be sent.
 */
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
  let removed = 'a resource that blocks its name';
  let decision = await decide();
  if (decision?.type === 'remove') {
    await remove(arm, target, { ...decision, step });
    removed = decision.lookup.id;
    decision = await decide();
  }
  if (decision?.type === 'payload') return decision.payload;
  if (decision?.type === 'refused') {
    // Retried, because a change in Azure is not watched, or fatal if Azure can never accept the spec: the quirk
    // decides.
    throw new StepError(decision.reason, decision.message, { retry: decision.fatal ? 'Fatal' : 'Slow' });
  }
  throw new StepError(
    'ReconciliationBlocked',
    `cannot create ${target.armId} yet: ${removed} was removed, but exists again`,
  );
}

/** Does what the quirk of the kind asks for before the DELETE is sent. `answer`: what GET answered. */
export async function prepareDeletion(
  { shape: { quirk }, arm }: { shape: Pick<Shape, 'quirk'>; arm: ArmClient },
  { armId, apiVersion }: Target,
  answer: JsonObject,
): Promise<void> {
  if (!quirk.beforeDelete) return;
  const resource = { answer, armId, apiVersion };
  const reads = quirk.readsForDelete?.(resource) ?? [];
  const answers = await Promise.all(reads.map((lookup) => find(arm, lookup)));
  const call = quirk.beforeDelete({ ...resource, answers });
  if (call) await arm.action(call, call.action, { body: call.body });
}

async function find(arm: ArmClient, lookup: Lookup): Promise<JsonObject | undefined> {
  return (await arm.get(lookup))?.body;
}

/** Waits for less than the timeout of the step: if the removal takes longer, the next attempt continues to wait. */
async function remove(
  arm: ArmClient,
  target: Target,
  { lookup, action, step }: Extract<QuirkDecision, { type: 'remove' }> & { step: Pick<StepContext, 'sleep'> },
): Promise<void> {
  await arm.action(lookup, action);
  const until = Date.now() + REMOVAL_MS;
  while (await find(arm, lookup)) {
    if (Date.now() > until) {
      const message = `Azure is still busy with ${action} of ${lookup.id}; ${target.armId} will be created when that is complete`;
      throw new StepError('ReconciliationBlocked', message);
    }
    await step.sleep(GET_EVERY_MS);
  }
}

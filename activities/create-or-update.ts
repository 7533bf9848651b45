import { setTimeout as sleep } from 'node:timers/promises';
import { activityInfo, heartbeat } from './activity-context.ts';
import { ArmError } from '../azure/arm-error.ts';
import type { ArmAnswer, ArmClient } from '../azure/contract.ts';
import type { JsonObject } from '../kinds/contract.ts';
import type { Applied } from '../contract/signals.ts';
import { busyState, callArm, lookUp, open, sealOperation } from './arm-call.ts';
import { buildPayload } from './build-payload.ts';
import type { Activities, ApplyResult, Target } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { applyQuirk } from './quirks.ts';
import { stillDrifted } from './still-drifted.ts';
import type { Resource } from './resource.ts';
import { writeStatus } from './status.ts';
import { StepError } from './step-error.ts';

/** What an attempt leaves in its heartbeat for the next one, should this process die on the way. */
interface Trail {
  /** The digest of a payload that was put on the wire; whether Azure took it is not known. */
  readonly sent?: string;
  /** Sealed: the operation that Azure answered with. */
  readonly operation?: string;
}

/** How long a PUT whose answer was lost is given to show up in a GET before it is sent again. */
const LOST_ANSWER_MS = 4_000;
/** A PUT that is answered sooner is not worth a `Reconciling` in between. */
const SHOW_RECONCILING_AFTER_MS = 300;

/**
 * Step 2. Compares what is wanted with what Azure has, and sends the whole desired state if something differs: a payload other than the one last sent
 * (its keyed digest covers the secret values), or drift in a field that the user set.
 */
export async function createOrUpdate(
  deps: Dependencies,
  { target, applied, observe }: Parameters<Activities['createOrUpdate']>[0],
): Promise<ApplyResult> {
  const resource = await open(deps, target);
  if (!resource) return { result: 'superseded' };
  if (observe) return lookAt(resource, target);

  const trail = (activityInfo()?.heartbeatDetails ?? {}) as Trail;
  const payload = await buildPayload(deps, resource, target);
  const digest = deps.seal.fingerprint([target.apiVersion, payload]);
  const now: Applied = { uid: target.uid, apiVersion: target.apiVersion, payload: digest };
  if (trail.operation !== undefined && trail.sent !== undefined) {
    return { result: 'operation', operation: trail.operation, applied: { ...now, payload: trail.sent } };
  }
  const existing = await findExisting(resource, target, trail.sent !== undefined);
  const busy = busyState(existing);
  if (busy?.toLowerCase() === 'deleting') {
    throw new StepError(
      'ReconciliationBlocked',
      `Azure is still deleting ${target.armId}; it is created again when that is over`,
      { retry: 'Slow' },
    );
  }
  if (busy !== undefined) {
    // Somebody's operation is running, most likely ours from before a crash: join it instead of sending another.
    const operation = sealOperation(deps, target, { style: 'resource', method: 'PUT' });
    return {
      result: 'operation',
      operation,
      applied: trail.sent === undefined ? null : { ...now, payload: trail.sent },
    };
  }
  const wanted = await applyQuirk(resource, target, payload, existing);
  const before = trail.sent === undefined ? applied : { ...now, payload: trail.sent };
  if (!existing || !isApplied({ applied: before, now })) return put(deps, { resource, target, payload: wanted, now });
  const settled = before?.settled ?? [];
  const drifted = resource.shape.drift(wanted, existing).filter((path) => !settled.includes(path));
  if (drifted.length > 0) return put(deps, { resource, target, payload: wanted, now, corrects: drifted });
  return {
    result: 'unchanged',
    status: resource.shape.status(existing),
    applied: { ...now, ...(settled.length > 0 && { settled }) },
  };
}

async function put(
  deps: Dependencies,
  {
    resource,
    target,
    payload,
    now,
    corrects,
  }: {
    resource: Resource & { arm: ArmClient };
    target: Target;
    payload: JsonObject;
    now: Applied;
    corrects?: readonly string[];
  },
): Promise<ApplyResult> {
  heartbeat({ sent: now.payload } satisfies Trail);
  const reconciling = showLate(deps, resource, target);
  let answer: ArmAnswer;
  try {
    answer = await callArm(target, () => sendPut(resource.arm, target, payload));
  } finally {
    await reconciling.settle();
  }
  if (answer.operation) {
    const operation = sealOperation(deps, target, answer.operation);
    heartbeat({ sent: now.payload, operation } satisfies Trail);
    return { result: 'operation', operation, applied: now, ...(corrects && { corrects }) };
  }
  const body = answer.body ?? (await lookUp(resource, target)) ?? {};
  const settled = stillDrifted(resource.shape, { payload, answer: body, corrects });
  return {
    result: 'done',
    status: resource.shape.status(body),
    applied: { ...now, ...(settled.length > 0 && { settled }) },
  };
}

/** A refusal is an answer: the next attempt need not look for a resource that it may have made. */
async function sendPut(arm: ArmClient, target: Target, payload: JsonObject): Promise<ArmAnswer> {
  try {
    return await arm.put({ id: target.armId, apiVersion: target.apiVersion }, payload);
  } catch (error) {
    if (error instanceof ArmError && error.status >= 400 && error.status < 500) heartbeat({} satisfies Trail);
    throw error;
  }
}

async function lookAt(resource: Resource & { arm: ArmClient }, target: Target): Promise<ApplyResult> {
  const existing = await lookUp(resource, target);
  if (!existing) {
    throw new StepError(
      'AzureResourceNotFound',
      `${target.armId} does not exist in Azure, and reconcile-policy skip forbids to create it`,
      { retry: 'Slow' },
    );
  }
  return { result: 'unchanged', status: resource.shape.status(existing), applied: null };
}

/** After a lost answer, a resource that is not there yet may still be on its way: look a few times before concluding that it never arrived. */
async function findExisting(
  resource: Resource & { arm: ArmClient },
  target: Target,
  answerLost: boolean,
): Promise<JsonObject | undefined> {
  const until = Date.now() + (answerLost ? LOST_ANSWER_MS : 0);
  let found = await lookUp(resource, target);
  while (!found && Date.now() < until) {
    await sleep(500);
    found = await lookUp(resource, target);
  }
  return found;
}

function isApplied({ applied, now }: { applied: Applied | undefined; now: Applied }): boolean {
  return applied?.uid === now.uid && applied.apiVersion === now.apiVersion && applied.payload === now.payload;
}

/** Shows `Reconciling` when ARM takes its time, and never after the step is over. */
function showLate(deps: Dependencies, resource: Resource, target: Target): { settle(): Promise<void> } {
  const stop = new AbortController();
  const message = `createOrUpdate: sent to Azure, waiting for its answer since ${new Date().toISOString()}`;
  const showing = sleep(SHOW_RECONCILING_AFTER_MS, undefined, { signal: stop.signal })
    .then(() =>
      writeStatus(
        deps,
        resource,
        { status: 'False', severity: 'Info', reason: 'Reconciling', message, observedGeneration: target.generation },
        { reasonAware: true },
      ),
    )
    .catch(() => undefined); // It is for show: the step's own outcome counts.
  return {
    async settle() {
      stop.abort();
      await showing;
    },
  };
}

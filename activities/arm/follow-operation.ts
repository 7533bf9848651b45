import type { Operation, PollAnswer } from '../../azure/contract.ts';
import type { StoredOperation } from '../../contract/stored-state.ts';
import type { Target } from '../../contract/steps.ts';
import { pollDetailsOf, type PollDetails } from '../heartbeat-details.ts';
import { azureStateOf } from './azure-state.ts';
import { getFromAzure, type ManagedResource } from './call.ts';
import { unsealOperation } from './operation.ts';
import { typeOf } from '../../kinds/arm-id.ts';
import type { StepDependencies } from '../dependencies.ts';
import { StillRunning } from '../step-error.ts';

/** How long an attempt polls a young operation before it gives its activity slot back. */
const YOUNG_ATTEMPT_MS = 30_000;
/** For a young operation, a longer wait than this is left to Temporal's retry, which needs no activity slot. */
const YOUNG_WAIT_MS = 15_000;
/** An older operation is polled patiently: by long activities on a task queue of their own. */
const YOUNG_MS = 60_000;
const PATIENT_ATTEMPT_MS = 30 * 60_000;
/**
 * How long Azure must have answered that it does not know an operation before the operation counts as lost: it may take
 * a moment until a new operation is known in all regions.
 */
const LOST_AFTER_MS = 5_000;
/** How long GET may answer 404 when a creation is followed by the state of the resource itself. */
const INVISIBLE_MS = 120_000;
/** Some operations never end although Azure has finished, so for old operations the resource itself is read as well. */
const CHECK_RESOURCE_AFTER_MS = 10 * 60_000;
const CHECK_RESOURCE_EVERY_MS = 5 * 60_000;

/**
 * `running`: the operation takes long, so poll it patiently from now on. `lost`: Azure does not know the operation, or
 * the operation does not end although the resource is at rest; or its URL cannot be decrypted any more.
 */
export type FollowResult = 'succeeded' | 'lost' | 'running';

interface Following {
  readonly resource: ManagedResource;
  readonly target: Target;
  readonly operation: StoredOperation;
  readonly patient: boolean;
  /** Called after each successful poll. */
  readonly onAnswer: () => Promise<void>;
}

/**
 * Polls an operation until it ends, within the read budget of its subscription. Azure's Retry-After is always
 * respected, also across failed attempts.
 * @throws ArmError with `operationFailed` if the operation failed; StillRunning if the attempt gives its slot back.
 */
export async function followOperation(deps: StepDependencies, following: Following): Promise<FollowResult> {
  const { resource, target, operation, patient } = following;
  const { polls } = resource.arm;
  const unsealed = await unsealOperation(deps, target, operation.sealed);
  if (unsealed === undefined) return 'lost';
  const turn = {
    key: `${operation.method} ${target.armId}`.toLowerCase(),
    type: typeOf(target.armId).toLowerCase(),
    method: operation.method,
    startedAt: Date.parse(operation.since),
  };
  const startedAt = Date.now();
  let details: PollDetails = pollDetailsOf(deps.step.heartbeatDetails) ?? { notBefore: unsealed.notBefore ?? 0 };
  try {
    for (let count = 0; ; count += 1) {
      const yielding = yieldDecision({
        startedAt,
        since: turn.startedAt,
        patient,
        waitMs: polls.expectedWaitMs({ ...turn, notBefore: details.notBefore }),
        count,
      });
      if (yielding === 'patient') return 'running';
      if (yielding !== undefined) throw new StillRunning('Azure is still working', yielding);
      await polls.waitForTurn({ ...turn, notBefore: details.notBefore }, deps.step.signal);
      const answer = await resource.arm.poll(unsealed, { id: target.armId, apiVersion: operation.apiVersion });
      if (answer.done === true) {
        polls.ended(turn);
        return 'succeeded';
      }
      details = detailsAfter(details, answer);
      deps.step.heartbeat(details);
      if (answer.done === 'lost' && isLost(details, unsealed, operation)) return 'lost';
      if (answer.done === false) await following.onAnswer();
      details = await checkResource(following, details, turn.startedAt);
      deps.step.heartbeat(details);
      if (details.atRest === true) return 'lost';
    }
  } finally {
    polls.leave(turn.key);
  }
}

/**
 * Whether the attempt ends. Undefined: continue to poll. A number: give the slot back for this many milliseconds.
 * `patient`: the operation is old enough to be polled with the patient options.
 */
function yieldDecision(input: {
  startedAt: number;
  since: number;
  patient: boolean;
  waitMs: number;
  count: number;
}): number | 'patient' | undefined {
  const { startedAt, since, patient, waitMs, count } = input;
  const attemptMs = Date.now() - startedAt;
  if (patient) return attemptMs > PATIENT_ATTEMPT_MS ? 1_000 : undefined;
  if (count > 0 && Date.now() - since > YOUNG_MS) return 'patient';
  // Temporal's timers are precise to a second: return early and sleep the rest here.
  const isLong = waitMs > YOUNG_WAIT_MS || (count > 0 && attemptMs + waitMs > YOUNG_ATTEMPT_MS);
  return isLong ? Math.max(waitMs - 1_500, 1_000) : undefined;
}

function detailsAfter(details: PollDetails, answer: PollAnswer): PollDetails {
  const { lostSince, ...known } = details;
  if (answer.done === 'lost') return { ...known, notBefore: Date.now() + 2_000, lostSince: lostSince ?? Date.now() };
  // Without a Retry-After the poll budget decides: short intervals for young operations, longer ones for many old ones.
  const asked = !answer.done ? answer.retryAfterMs : undefined;
  return { ...known, notBefore: asked === undefined ? 0 : Date.now() + asked };
}

/** Whether Azure has not known the operation for long enough. */
function isLost({ lostSince }: PollDetails, unsealed: Operation, { since, creates }: StoredOperation): boolean {
  if (lostSince === undefined || Date.now() - lostSince < LOST_AFTER_MS) return false;
  const isCreation = unsealed.style === 'resource' && creates;
  return !isCreation || Date.now() - Date.parse(since) > INVISIBLE_MS;
}

/**
 * Reads the resource now and then. If it is at rest twice in a row, the operation has ended, whatever its URL answers.
 */
async function checkResource(
  { resource, target, operation }: Following,
  details: PollDetails,
  since: number,
): Promise<PollDetails> {
  const now = Date.now();
  if (now - since < CHECK_RESOURCE_AFTER_MS || now - (details.lookedAt ?? since) < CHECK_RESOURCE_EVERY_MS)
    return details;
  const found = await getFromAzure(resource, target);
  const state = azureStateOf(found?.body);
  const rests = state === 'rest' || state === 'failed' || (state === 'absent' && !operation.creates);
  const wasAtRest = details.atRest === false;
  const { atRest: _, ...known } = details;
  return { ...known, lookedAt: now, ...(rests && { atRest: wasAtRest }) };
}

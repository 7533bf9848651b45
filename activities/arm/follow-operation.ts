import type { Operation, PollAnswer } from '../../azure/contract.ts';
import type { StoredOperation } from '../../contract/stored-state.ts';
import type { Target } from '../../contract/steps.ts';
import { pollTrailOf, type PollTrail } from '../trail.ts';
import { azureStateOf } from './azure-state.ts';
import { getFromAzure, type ManagedResource } from './call.ts';
import { unsealOperation } from './operation.ts';
import { typeOf } from '../resource/azure-id.ts';
import type { StepDependencies } from '../dependencies.ts';
import { StillRunning } from '../step-error.ts';

/** How long an attempt at a young operation polls before it gives its slot back. */
const YOUNG_ATTEMPT_MS = 30_000;
/** Waits longer than this are Temporal's, for a young operation. */
const YOUNG_WAIT_MS = 15_000;
/** Older than this, an operation is polled patiently: in a slot of its own, when the read budget allows. */
const YOUNG_MS = 60_000;
const PATIENT_ATTEMPT_MS = 30 * 60_000;
/**
 * An operation that Azure does not know must be unknown for this long: a new one may take a moment to be known
 * everywhere.
 */
const LOST_AFTER_MS = 5_000;
/** Where the resource itself is followed, it may be invisible while it is created. */
const INVISIBLE_MS = 120_000;
/** Old operations are checked against the resource itself now and then: some never end although Azure is done. */
const LOOK_AFTER_MS = 10 * 60_000;
const LOOK_EVERY_MS = 5 * 60_000;

/**
 * `running`: it takes long, so it is polled patiently from now on. `lost`: Azure knows nothing of it, or the resource
 * rests although it never ended.
 */
export type Followed = 'succeeded' | 'lost' | 'running';

interface Following {
  readonly resource: ManagedResource;
  readonly target: Target;
  readonly operation: StoredOperation;
  readonly patient: boolean;
  /** After each poll that went well. */
  readonly onAnswer: () => Promise<void>;
}

/**
 * Polls an operation until it is over, within the read budget of its subscription. Azure's Retry-After is always kept,
 * across failed attempts too.
 * @throws ArmError with `operationFailed` when Azure says that it failed; StillRunning when the attempt makes room
 */
export async function followOperation(deps: StepDependencies, following: Following): Promise<Followed> {
  const { resource, target, operation, patient } = following;
  const { polls } = resource.arm;
  const opened = unsealOperation(deps, target, operation.sealed);
  const turn = {
    key: `${operation.method} ${target.armId}`.toLowerCase(),
    type: typeOf(target.armId).toLowerCase(),
    method: operation.method,
    startedAt: Date.parse(operation.since),
  };
  const startedAt = Date.now();
  let trail: PollTrail = pollTrailOf(deps.step.trail) ?? { notBefore: opened.notBefore ?? 0 };
  try {
    for (let count = 0; ; count += 1) {
      const room = makeRoom({
        startedAt,
        since: turn.startedAt,
        patient,
        waitMs: polls.expectedWaitMs({ ...turn, notBefore: trail.notBefore }),
        count,
      });
      if (room === 'patient') return 'running';
      if (room !== undefined) throw new StillRunning('Azure is still working', room);
      await polls.turn({ ...turn, notBefore: trail.notBefore }, deps.step.signal);
      const answer = await resource.arm.poll(opened, { id: target.armId, apiVersion: operation.apiVersion });
      if (answer.done === true) {
        polls.ended(turn);
        return 'succeeded';
      }
      trail = after(trail, answer);
      deps.step.leave(trail);
      if (answer.done === 'lost' && isLost(trail, opened, operation)) return 'lost';
      if (answer.done === false) await following.onAnswer();
      trail = await checkResource(following, trail, turn.startedAt);
      deps.step.leave(trail);
      if (trail.atRest === true) return 'lost';
    }
  } finally {
    polls.left(turn.key);
  }
}

/**
 * Undefined: poll on. A number: give the slot back for so many milliseconds. `patient`: the operation is old enough for
 * the patient options.
 */
function makeRoom(input: {
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
  // Server timers have a grain of a second: come back a little early and sleep the rest exactly.
  const isLong = waitMs > YOUNG_WAIT_MS || (count > 0 && attemptMs + waitMs > YOUNG_ATTEMPT_MS);
  return isLong ? Math.max(waitMs - 1_500, 1_000) : undefined;
}

function after(trail: PollTrail, answer: PollAnswer): PollTrail {
  const { lostSince, ...known } = trail;
  if (answer.done === 'lost') return { ...known, notBefore: Date.now() + 2_000, lostSince: lostSince ?? Date.now() };
  // Without a Retry-After the poll budget says when: quick while young or few, slower when old and many.
  const asked = !answer.done ? answer.retryAfterMs : undefined;
  return { ...known, notBefore: asked === undefined ? 0 : Date.now() + asked };
}

function isLost({ lostSince }: PollTrail, opened: Operation, { since, creates }: StoredOperation): boolean {
  if (lostSince === undefined || Date.now() - lostSince < LOST_AFTER_MS) return false;
  const isCreation = opened.style === 'resource' && creates;
  return !isCreation || Date.now() - Date.parse(since) > INVISIBLE_MS;
}

/** Two looks in a row at which the resource rests: the operation is over, whatever its URL says. */
async function checkResource(
  { resource, target, operation }: Following,
  trail: PollTrail,
  since: number,
): Promise<PollTrail> {
  const now = Date.now();
  if (now - since < LOOK_AFTER_MS || now - (trail.lookedAt ?? since) < LOOK_EVERY_MS) return trail;
  const found = await getFromAzure(resource, target);
  const state = azureStateOf(found?.body);
  const rests = state === 'rest' || state === 'failed' || (state === 'absent' && !operation.creates);
  const wasAtRest = trail.atRest === false;
  // `atRest` false: seen once. True: seen twice.
  const { atRest: _, ...known } = trail;
  return { ...known, lookedAt: now, ...(rests && { atRest: wasAtRest }) };
}

import { isObject } from './arm-error.ts';
import type { JsonObject, Operation } from './contract.ts';
import { PROVISIONING_STATES, type Phase } from './provisioning-states.ts';

const PHASE_BY_WORD: ReadonlyMap<string, Phase> = new Map(
  (['running', 'succeeded', 'failed'] as const).flatMap((phase) =>
    PROVISIONING_STATES[phase].map((word): [string, Phase] => [word.toLowerCase(), phase]),
  ),
);
/** The ending of unlisted status words that mean a failed end (`CreateFailed`, `ImportError`). */
const FAILED_ENDING = /(failed|failure|error|timed_?out|cancell?ed|aborted)$/i;
/** The ending of unlisted status words that mean a running operation (`Repairing`, `RestoreInProgress`). */
const RUNNING_ENDING = /(ing|inprogress)$/i;

/**
 * The phase of an asynchronous operation's `status`. Providers use running words of their own (`Enqueued`, `Dequeued`),
 * so a word that is not a listed end counts as running.
 */
export function phaseOfOperation(word: string): Phase {
  const listed = PHASE_BY_WORD.get(word.toLowerCase());
  if (listed === 'running') return 'running';
  if (listed === 'failed' || FAILED_ENDING.test(word)) return 'failed';
  return /^(succeeded|succeededwithissues|completed)$/i.test(word) ? 'succeeded' : 'running';
}

/**
 * The phase of a resource, with the status word that determined it: its `provisioningState`, else its `state` (MySQL
 * and PostgreSQL servers), else `Succeeded` (children of Cosmos and MySQL have neither). An unlisted word counts as an
 * end.
 */
export function phaseOfResource(body: JsonObject | undefined): { phase: Phase; word: string } {
  const provisioning = provisioningStateOf(body);
  if (provisioning !== undefined) return { phase: phaseOfState(provisioning), word: provisioning };
  const state = wordOf(body, 'state');
  if (state === undefined) return { phase: 'succeeded', word: 'Succeeded' };
  // `state` may be the state of a service instead of an operation: a site that is Running, or a package that is Pending
  // until somebody activates it, is at rest.
  const resting = /^(running|pending|accepted|invalid)$/i.test(state);
  return { phase: resting ? 'succeeded' : phaseOfState(state), word: state };
}

/** The resource's provisioningState, if it has one. */
export function provisioningStateOf(body: JsonObject | undefined): string | undefined {
  return wordOf(body, 'provisioningState');
}

/**
 * The operation that must be followed until a PUT or DELETE is complete. Headers come first: a Cosmos PUT answers 200
 * with a full body while it still runs. A Location on a 200 or 201 is only the address of the resource.
 */
export function operationOf(answer: {
  method: 'PUT' | 'DELETE';
  status: number;
  body: JsonObject | undefined;
  asyncOperation: string | undefined;
  location: string | undefined;
  retryAfterMs: number | undefined;
  now: number;
}): Operation | undefined {
  const common = {
    method: answer.method,
    ...(answer.retryAfterMs === undefined ? {} : { notBefore: answer.now + answer.retryAfterMs }),
  };
  if (answer.asyncOperation !== undefined) return { style: 'azure-async', url: answer.asyncOperation, ...common };
  if (answer.status === 202 && answer.location !== undefined)
    return { style: 'location', url: answer.location, ...common };
  if (answer.status === 202) return { style: 'resource', ...common };
  return phaseOfResource(answer.body).phase === 'running' ? { style: 'resource', ...common } : undefined;
}

function phaseOfState(word: string): Phase {
  const listed = PHASE_BY_WORD.get(word.toLowerCase());
  if (listed !== undefined) return listed;
  if (FAILED_ENDING.test(word)) return 'failed';
  return RUNNING_ENDING.test(word) ? 'running' : 'succeeded';
}

function wordOf(body: JsonObject | undefined, key: string): string | undefined {
  const properties = body?.['properties'];
  const word = (isObject(properties) ? properties[key] : undefined) ?? body?.[key];
  return typeof word === 'string' && word !== '' ? word : undefined;
}

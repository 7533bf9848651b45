import { isObject } from './arm-error.ts';
import type { JsonObject, Operation } from './contract.ts';
import { PROVISIONING_STATES, type Phase } from './provisioning-states.ts';

const KNOWN: ReadonlyMap<string, Phase> = new Map(
  (['running', 'succeeded', 'failed'] as const).flatMap((phase) =>
    PROVISIONING_STATES[phase].map((word): [string, Phase] => [word.toLowerCase(), phase]),
  ),
);
/** How words that are not listed say that it is over and has failed (`CreateFailed`, `ImportError`). */
const WENT_WRONG = /(failed|failure|error|timed_?out|cancell?ed|aborted)$/i;
/** How such words say that it is running (`Repairing`, `RestoreInProgress`). */
const GOES_ON = /(ing|inprogress)$/i;

/**
 * What an asynchronous operation's `status` says. Providers have running words of their own (`Enqueued`, `Dequeued`),
 * so a word that is not a known end counts as running.
 */
export function phaseOfOperation(word: string): Phase {
  const known = KNOWN.get(word.toLowerCase());
  if (known === 'running') return 'running';
  if (known === 'failed' || WENT_WRONG.test(word)) return 'failed';
  return /^(succeeded|succeededwithissues|completed)$/i.test(word) ? 'succeeded' : 'running';
}

/**
 * Whether Azure works on a resource by its own account, and the word that says so; `Succeeded` where it has none
 * (children of Cosmos and MySQL). Its `provisioningState` counts, else its `state` (MySQL and PostgreSQL servers). A
 * word that is not listed counts as the end.
 */
export function phaseOfResource(body: JsonObject | undefined): { phase: Phase; word: string } {
  const provisioning = provisioningStateOf(body);
  if (provisioning !== undefined) return { phase: phaseOfState(provisioning), word: provisioning };
  const state = wordOf(body, 'state');
  if (state === undefined) return { phase: 'succeeded', word: 'Succeeded' };
  // `state` is a life, not an operation: a site that is Running, a package that is Pending until somebody activates it,
  // are at rest.
  const resting = /^(running|pending|accepted|invalid)$/i.test(state);
  return { phase: resting ? 'succeeded' : phaseOfState(state), word: state };
}

/** The resource's provisioningState, where it has one. */
export function provisioningStateOf(body: JsonObject | undefined): string | undefined {
  return wordOf(body, 'provisioningState');
}

/**
 * What must be followed before a PUT or DELETE counts as done. Headers first: a Cosmos PUT is a 200 with a full body
 * and still runs. A Location on a 200 or 201 is only where the resource lives.
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
  const known = KNOWN.get(word.toLowerCase());
  if (known !== undefined) return known;
  if (WENT_WRONG.test(word)) return 'failed';
  return GOES_ON.test(word) ? 'running' : 'succeeded';
}

function wordOf(body: JsonObject | undefined, key: string): string | undefined {
  const properties = body?.['properties'];
  const word = (isObject(properties) ? properties[key] : undefined) ?? body?.[key];
  return typeof word === 'string' && word !== '' ? word : undefined;
}

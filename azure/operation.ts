import { isObject } from './arm-error.ts';
import type { JsonObject, Operation } from './contract.ts';

/** What a word of ARM says about an operation. Any word that is not one of the known ends means that it still runs (`Enqueued`, `Dequeued`, …). */
export type Standing = 'running' | 'succeeded' | 'failed';

export function standingOf(word: string): Standing {
  switch (word.toLowerCase()) {
    case 'succeeded':
      return 'succeeded';
    case 'failed':
    case 'canceled':
    case 'cancelled':
      return 'failed';
    default:
      return 'running';
  }
}

/** The resource's provisioningState, where it has one. */
export function provisioningStateOf(body: JsonObject | undefined): string | undefined {
  return wordOf(body, 'provisioningState');
}

/** How a resource stands by its own account. Without any state (Cosmos and MySQL children) it is there, so it is done. */
export function resourceStanding(body: JsonObject | undefined): { standing: Standing; word: string } {
  const provisioning = provisioningStateOf(body);
  if (provisioning !== undefined) return { standing: standingOf(provisioning), word: provisioning };
  const state = wordOf(body, 'state');
  if (state === undefined) return { standing: 'succeeded', word: 'Succeeded' };
  // `state` is a life, not an operation (MySQL: Ready, Stopped, Disabled; Updating, Starting, Dropping): only what is on its way runs.
  if (standingOf(state) === 'failed') return { standing: 'failed', word: state };
  const moving = /ing$/i.test(state) && !/^running$/i.test(state);
  return { standing: moving ? 'running' : 'succeeded', word: state };
}

/**
 * What must be followed before a PUT or DELETE counts as done. Headers first: a Cosmos PUT is a 200 with a full body and still runs.
 * A Location on a 200 or 201 is only where the resource lives.
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
  const state = provisioningStateOf(answer.body);
  return state !== undefined && standingOf(state) === 'running' ? { style: 'resource', ...common } : undefined;
}

function wordOf(body: JsonObject | undefined, key: string): string | undefined {
  const properties = body?.['properties'];
  const word = (isObject(properties) ? properties[key] : undefined) ?? body?.[key];
  return typeof word === 'string' && word !== '' ? word : undefined;
}

import type { JsonObject, Operation } from './contract.ts';
import { standingOfResource } from './standing.ts';

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
  return standingOfResource(answer.body).standing === 'running' ? { style: 'resource', ...common } : undefined;
}

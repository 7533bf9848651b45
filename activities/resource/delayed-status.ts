import { setTimeout as sleep } from 'node:timers/promises';
import type { StepDependencies } from '../dependencies.ts';
import type { Resource } from './resource.ts';
import { writeStatus, type StatusChange } from './status.ts';

/** If Azure answers sooner, a status that says that the request was sent is not worth its write. */
const WRITE_AFTER_MS = 300;

export interface DelayedStatus {
  /**
   * After this nothing is written any more. Call it before any other write of the status, and at the end of the step.
   */
  cancel(): Promise<void>;
}

/** Shows in the condition what the step is doing, if that takes a while. */
export function writeStatusIfSlow(deps: StepDependencies, resource: Resource, change: StatusChange): DelayedStatus {
  const stop = new AbortController();
  const writing = sleep(WRITE_AFTER_MS, undefined, { signal: stop.signal })
    .then(() => writeStatus(deps, resource, change))
    .catch(() => undefined); // For information only: it must not fail the step.
  return {
    async cancel() {
      stop.abort();
      await writing;
    },
  };
}

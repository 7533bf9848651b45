import { setTimeout as sleep } from 'node:timers/promises';
import type { StepDependencies } from '../dependencies.ts';
import type { Resource } from './resource.ts';
import { writeStatus, type StatusChange } from './status.ts';

/** What Azure answers sooner is not worth a write that says that it was asked. */
const SHOW_AFTER_MS = 300;

export interface DelayedStatus {
  /** Nothing is written after this. To be called before anything else is written, and at the end. */
  cancel(): Promise<void>;
}

/** Writes what the step is doing into the condition, if it takes a while. */
export function writeStatusIfSlow(deps: StepDependencies, resource: Resource, change: StatusChange): DelayedStatus {
  const stop = new AbortController();
  const showing = sleep(SHOW_AFTER_MS, undefined, { signal: stop.signal })
    .then(() => writeStatus(deps, resource, change))
    .catch(() => undefined); // It is for show: the step's own outcome counts.
  return {
    async cancel() {
      stop.abort();
      await showing;
    },
  };
}

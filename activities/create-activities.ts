import type { Activities, Step, Target } from '../contract/steps.ts';
import { CarriedObjects } from './carried-object.ts';
import { createOrUpdate } from './create-or-update.ts';
import { deleteResource } from './delete-resource.ts';
import type { Dependencies } from './dependencies.ts';
import { fetchKeys } from './fetch-keys.ts';
import { patchReady } from './patch-ready.ts';
import { pollDeletion } from './poll-deletion.ts';
import { pollProvisioning } from './poll-provisioning.ts';
import { releaseFinalizer } from './release-finalizer.ts';
import { reportFailure } from './report-failure.ts';
import { resolveInputs } from './resolve-inputs.ts';
import { runStep, type StepSubject } from './run-step.ts';
import { RunningSteps } from './step-context.ts';
import { writeSecrets } from './write-secrets.ts';

/**
 * The activities of the worker. `runStep` runs each of them, so every failure is typed, visible in the resource's
 * condition, and free of errors from clients.
 */
export function createActivities(dependencies: Dependencies): Activities {
  const deps = { ...dependencies, running: new RunningSteps(), carried: new CarriedObjects() };
  return {
    resolveInputs: (input) => runStep(deps, { ...input, step: 'resolveInputs' }, (d) => resolveInputs(d, input)),
    createOrUpdate: (input) => runStep(deps, subjectOf('createOrUpdate', input), (d) => createOrUpdate(d, input)),
    pollProvisioning: (input) => runStep(deps, subjectOf('pollProvisioning', input), (d) => pollProvisioning(d, input)),
    fetchKeys: (input) => runStep(deps, subjectOf('fetchKeys', input), (d) => fetchKeys(d, input)),
    writeSecrets: (input) =>
      runStep(deps, { ...subjectOf('writeSecrets', input), carries: true }, (d) => writeSecrets(d, input)),
    patchReady: (input) =>
      runStep(deps, { ...subjectOf('patchReady', input), carries: true }, (d) => patchReady(d, input)),
    deleteResource: (input) => runStep(deps, deletionOf('deleteResource', input), (d) => deleteResource(d, input)),
    pollDeletion: (input) => runStep(deps, deletionOf('pollDeletion', input), (d) => pollDeletion(d, input)),
    releaseFinalizer: (input) =>
      runStep(deps, { ...input, step: 'releaseFinalizer', deleting: true, carries: true }, (d) =>
        releaseFinalizer(d, input),
      ),
    reportFailure: ({ uid, ...input }) =>
      runStep(deps, { ...input, step: 'reportFailure', ...(uid !== null && { uid }) }, (d) =>
        reportFailure(d, { ...input, uid }),
      ),
  };
}

function subjectOf(step: keyof Activities, { target, order }: Step & { target: Target }): StepSubject {
  const { ref, uid, generation } = target;
  return { step, ref, uid, generation, order };
}

function deletionOf(step: keyof Activities, input: Step & { target: Target }): StepSubject {
  return { ...subjectOf(step, input), deleting: true };
}

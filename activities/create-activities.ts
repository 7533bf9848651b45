import type { Activities } from './contract.ts';
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
import { runStep } from './run-step.ts';
import { writeSecrets } from './write-secrets.ts';

/** The steps, with what they work with. Each is run so that its failures are typed, shown in the resource, and free of foreign errors. */
export function createActivities(deps: Dependencies): Activities {
  return {
    resolveInputs: (input) => runStep(deps, input.ref, () => resolveInputs(deps, input)),
    createOrUpdate: (input) => runStep(deps, input.target.ref, () => createOrUpdate(deps, input)),
    pollProvisioning: (input) => runStep(deps, input.target.ref, () => pollProvisioning(deps, input)),
    fetchKeys: (input) => runStep(deps, input.target.ref, () => fetchKeys(deps, input)),
    writeSecrets: (input) => runStep(deps, input.target.ref, () => writeSecrets(deps, input)),
    patchReady: (input) => runStep(deps, input.target.ref, () => patchReady(deps, input)),
    deleteResource: (input) => runStep(deps, input.target.ref, () => deleteResource(deps, input), { deleting: true }),
    pollDeletion: (input) => runStep(deps, input.target.ref, () => pollDeletion(deps, input), { deleting: true }),
    releaseFinalizer: (input) => runStep(deps, input.ref, () => releaseFinalizer(deps, input), { deleting: true }),
    reportFailure: (input) => runStep(deps, input.ref, () => reportFailure(deps, input)),
  };
}

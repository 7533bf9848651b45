import type { Activities } from '../contract/steps.ts';
import { claimOf } from './identity/claim.ts';
import type { StepDependencies } from './dependencies.ts';
import { readResource } from './resource/resource.ts';
import { writeStatus } from './resource/status.ts';

/** Step 6. Writes the whole status, `Ready=True` and the stored state for the next run in one request. */
export async function patchReady(
  deps: StepDependencies,
  { target, status, fingerprint, applied, exported }: Parameters<Activities['patchReady']>[0],
): Promise<void> {
  const resource = await readResource(deps, target.ref, target.uid);
  // The resource was deleted or replaced since the run started. The watcher starts the next run.
  if (!resource) return;
  await writeStatus(deps, resource, {
    condition: { status: 'True', reason: 'Succeeded', observedGeneration: target.generation },
    answer: status,
    stored: {
      operation: null,
      sending: null,
      refused: null,
      blockedBy: null,
      ...claimOf(target),
      ...(fingerprint !== null && { fingerprint }),
      ...(applied && { applied }),
      ...(exported && { exported }),
    },
  });
}

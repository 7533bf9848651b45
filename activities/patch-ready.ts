import type { Activities } from '../contract/steps.ts';
import { claimOf } from './identity/claim.ts';
import type { StepDependencies } from './dependencies.ts';
import { readResource, type Resource } from './resource/resource.ts';
import { writeStatus } from './resource/status.ts';
import { storedStateOf } from './resource/stored-state.ts';

/** Step 6. Writes the whole status, `Ready=True` and the stored state for the next run in one request. */
export async function patchReady(
  deps: StepDependencies,
  { target, status, fingerprint, applied, exported }: Parameters<Activities['patchReady']>[0],
): Promise<void> {
  const resource = await readResource(deps, target.ref, target.uid);
  // The resource was deleted or replaced since the run started. The watcher starts the next run.
  if (!resource) return;
  const outcome = await writeStatus(deps, resource, {
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
  if (outcome === 'written' && !wasReady(resource, { target, fingerprint }))
    deps.step.record({ to: 'Ready', armId: target.armId, generation: target.generation });
}

/** Whether a resync has found what was known: it is no news if only Azure's answer differs, such as in a time. */
function wasReady(
  { object }: Resource,
  { target, fingerprint }: Pick<Parameters<Activities['patchReady']>[0], 'target' | 'fingerprint'>,
): boolean {
  const ready = object.status?.conditions?.find(({ type }) => type === 'Ready');
  const stored = storedStateOf(object);
  const isHandled = fingerprint === null || stored?.fingerprint === fingerprint;
  const isSame = ready?.status === 'True' && ready.observedGeneration === target.generation;
  return isSame && isHandled && stored?.operation === undefined;
}

import type { OwnReason } from '../azure/reasons.ts';
import type { Activities } from '../contract/steps.ts';
import type { StepDependencies } from './dependencies.ts';
import { recordTransition } from './resource/record-transition.ts';
import { readResource } from './resource/resource.ts';
import { writeStatus } from './resource/status.ts';

/**
 * The last step of a reconcile that failed for good: writes `Ready=False` with severity Error. A change of the
 * resource, the annotation `retry` or the next resync starts another reconcile.
 */
export async function reportFailure(
  deps: StepDependencies,
  { ref, uid, generation, fingerprint, reason, message }: Parameters<Activities['reportFailure']>[0],
): Promise<void> {
  const resource = await readResource(deps, ref, uid ?? undefined);
  if (!resource) return;
  // If the run failed before it read the resource, it has no generation: use the current one.
  const observedGeneration = generation === 0 ? (resource.object.metadata.generation ?? 0) : generation;
  await writeStatus(deps, resource, {
    condition: { status: 'False', severity: 'Error', reason, message, observedGeneration },
    stored: { ...(fingerprint !== null && { fingerprint }) },
  });
  // Any other failure ended an attempt, which has its line in the log.
  if (reason === ('UnknownError' satisfies OwnReason))
    recordTransition(deps, resource, 'FailedUnseen', { reason, message });
}

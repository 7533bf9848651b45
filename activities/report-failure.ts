import type { Activities } from '../contract/steps.ts';
import type { StepDependencies } from './dependencies.ts';
import { readResource } from './resource/resource.ts';
import { writeStatus } from './resource/status.ts';

/**
 * The last step of a reconcile that has given up: `Ready=False` with severity Error. A change, a `retry` or the next
 * resync starts another one.
 */
export async function reportFailure(
  deps: StepDependencies,
  { ref, uid, generation, fingerprint, reason, message }: Parameters<Activities['reportFailure']>[0],
): Promise<void> {
  const resource = await readResource(deps, ref, uid ?? undefined);
  if (!resource) return;
  // A failure to read the resource is one of the generation that is there.
  const observedGeneration = generation === 0 ? (resource.object.metadata.generation ?? 0) : generation;
  await writeStatus(deps, resource, {
    condition: { status: 'False', severity: 'Error', reason, message, observedGeneration },
    stored: { ...(fingerprint !== null && { fingerprint }) },
  });
}

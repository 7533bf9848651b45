import type { Activities } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { readResource } from './resource.ts';
import { writeStatus } from './status.ts';

/** The last step of a reconcile that has given up: `Ready=False` with severity Error. Only a change, or a retry, starts a new one. */
export async function reportFailure(
  deps: Dependencies,
  { ref, generation, reason, message }: Parameters<Activities['reportFailure']>[0],
): Promise<void> {
  const resource = await readResource(deps, ref);
  if (!resource) return;
  const observedGeneration = generation === 0 ? (resource.object.metadata.generation ?? 0) : generation;
  await writeStatus(deps, resource, { status: 'False', severity: 'Error', reason, message, observedGeneration });
}

import type { Activities } from '../contract/steps.ts';
import type { StepDependencies } from './dependencies.ts';
import { readResource } from './resource/resource.ts';
import { writeStatus } from './resource/status.ts';

/** Step 6. The whole status, `Ready=True`, and what the next run must know, in one write. */
export async function patchReady(
  deps: StepDependencies,
  { target, status, fingerprint, applied, exported }: Parameters<Activities['patchReady']>[0],
): Promise<void> {
  const resource = await readResource(deps, target.ref, target.uid);
  // Gone or created anew meanwhile: the watcher has told the run already.
  if (!resource) return;
  await writeStatus(deps, resource, {
    condition: { status: 'True', reason: 'Succeeded', observedGeneration: target.generation },
    answer: status,
    stored: {
      operation: null,
      sending: null,
      refused: null,
      ...(fingerprint !== null && { fingerprint }),
      ...(applied && { applied }),
      ...(exported && { exported }),
    },
  });
}

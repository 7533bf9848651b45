import type { Activities } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { readResource } from './resource.ts';
import { writeStatus } from './status.ts';

/** Step 6. The whole status in one write, and with it `Ready=True`. */
export async function patchReady(
  deps: Dependencies,
  { target, status }: Parameters<Activities['patchReady']>[0],
): Promise<void> {
  const resource = await readResource(deps, target.ref, target.uid);
  // Gone or created anew meanwhile: the watcher has told the workflow already.
  if (!resource) return;
  await writeStatus(
    deps,
    resource,
    { status: 'True', reason: 'Succeeded', observedGeneration: target.generation },
    { answer: status },
  );
}

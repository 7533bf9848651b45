import { setTimeout as sleep } from 'node:timers/promises';
import { activityInfo } from './activity-context.ts';
import { callArm, lookUp, open, openOperation } from './arm-call.ts';
import type { Activities } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { followOperation } from './poll-provisioning.ts';
import { StillRunning } from './step-error.ts';

const GONE_CHECKS = 5;

/** Follows the deletion to its end, and then asks once more: only a 404 counts as gone. */
export async function pollDeletion(
  deps: Dependencies,
  { target, operation: sealed }: Parameters<Activities['pollDeletion']>[0],
): Promise<void> {
  const resource = await open(deps, target);
  if (!resource) return;
  const arm = { id: target.armId, apiVersion: target.apiVersion };
  const operation = openOperation(deps, target, sealed);
  const trail = activityInfo()?.heartbeatDetails as { notBefore: number } | undefined;
  await followOperation({ target, operation, trail }, () =>
    callArm(target, () => resource.arm.poll(operation, arm), { deleting: true }),
  );
  for (let checks = 0; checks < GONE_CHECKS; checks += 1) {
    if (!(await lookUp(resource, target, { deleting: true }))) return;
    await sleep(500);
  }
  throw new StillRunning(`Azure reported the deletion as done, but ${target.armId} still exists`, 5_000);
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import { toCanonicalString, type WorkerDeploymentVersion } from '@temporalio/common';

/**
 * For `Worker.create`. With a version, Temporal gives this worker only runs that began on it (`PINNED`) and, while the version is the current one, new
 * runs: what a newer release could not replay, the older one finishes. Without one, any worker gets any run.
 */
export function versioningOptions(
  version: WorkerDeploymentVersion | undefined,
): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (version === undefined) return {};
  return { workerDeploymentOptions: { useWorkerVersioning: true, version, defaultVersioningBehavior: 'PINNED' } };
}

export interface FirstVersionInput {
  readonly namespace: string;
  readonly version: WorkerDeploymentVersion;
  readonly signal: AbortSignal;
}

/** gRPC's status codes. */
const NOT_FOUND = 5;
const FAILED_PRECONDITION = 9;
const RETRY_MS = 1_000;

/**
 * Makes the version the current one if its deployment has none: a first installation would wait for ever for somebody to do it. To change from one version
 * to the next stays with the administrator. To be called when the worker polls: before that, Temporal does not know the version, and this waits for it.
 * @returns `set`; `kept` when there was a current version already; `aborted`
 * @throws the server's error when it refuses for another reason (no permission, versioning switched off)
 */
export async function becomeCurrentIfNone(
  connection: Pick<NativeConnection, 'workflowService'>,
  { namespace, version, signal }: FirstVersionInput,
): Promise<'set' | 'kept' | 'aborted'> {
  while (!signal.aborted) {
    const result = await tryToBecomeCurrent(connection, { namespace, version });
    if (result !== 'not yet') return result;
    await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
  return 'aborted';
}

async function tryToBecomeCurrent(
  { workflowService }: Pick<NativeConnection, 'workflowService'>,
  { namespace, version }: Omit<FirstVersionInput, 'signal'>,
): Promise<'set' | 'kept' | 'not yet'> {
  const { deploymentName, buildId } = version;
  try {
    const { conflictToken, workerDeploymentInfo } = await workflowService.describeWorkerDeployment({
      namespace,
      deploymentName,
    });
    if (workerDeploymentInfo?.routingConfig?.currentDeploymentVersion) return 'kept';
    await workflowService.setWorkerDeploymentCurrentVersion({
      namespace,
      deploymentName,
      buildId,
      // Two releases that start at once: the second one is refused, looks again and keeps what the first has set.
      conflictToken,
      identity: `worker ${toCanonicalString(version)}`,
    });
    return 'set';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === NOT_FOUND || code === FAILED_PRECONDITION) return 'not yet';
    throw error;
  }
}

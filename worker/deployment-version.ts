import { setTimeout as sleep } from 'node:timers/promises';
import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import { toCanonicalString, type WorkerDeploymentVersion } from '@temporalio/common';

/**
 * Options for `Worker.create`. With a version, Temporal gives this worker only runs that started on that version
 * (`PINNED`) and, while the version is the current one, new runs. So a run that a newer release could not replay is
 * finished by the older release. Without a version, any worker gets any run.
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

/** gRPC status codes. */
const NOT_FOUND = 5;
const FAILED_PRECONDITION = 9;
const RETRY_MS = 1_000;

/**
 * Makes the version the current one if its deployment has none: after a first installation, runs would otherwise wait
 * until somebody sets one. Changing from one version to the next is left to the administrator. Temporal knows a version
 * only once its worker polls; until then this function retries.
 * @returns `set`; `kept` when the deployment already had a current version; `aborted`
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
      // If two releases start at once, the token makes the second call fail; its retry then finds the current version.
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

import { NativeConnection } from '@temporalio/worker';
import type { KubeClient } from '../kube/contract.ts';
import { SEAL_SECRET } from '../kube/names.ts';
import { kubeProblem } from '../kube/problem.ts';
import type { ProcessContext } from '../process/run-process.ts';
import { temporalProblem } from '../process/temporal-problem.ts';
import type { TemporalSettings } from '../process/temporal-settings.ts';
import { waitFor } from '../process/wait-for.ts';
import { KeyRing } from './key-ring.ts';
import { MissingSearchAttributes, registerSearchAttributes } from './register-search-attributes.ts';

/**
 * Connects to Temporal, and waits for the server, for the namespace and for its search attributes.
 * @throws Error if the settings of the connection cannot be used
 */
export async function connectTemporal(
  { log, stopping: signal }: ProcessContext,
  temporal: TemporalSettings,
): Promise<NativeConnection> {
  const { options, namespace, address } = temporal;
  const explain = (error: unknown): string | undefined => temporalProblem(error, temporal);
  const connection = await waitFor({
    log,
    signal,
    what: 'Temporal',
    explain,
    attempt: () => NativeConnection.connect(options).catch(rethrow(address, explain)),
  });
  try {
    await waitFor({
      log,
      signal,
      what: "Temporal's namespace",
      explain,
      attempt: () => connection.workflowService.describeNamespace({ namespace }),
    });
    await waitFor({
      log,
      signal,
      what: 'the search attributes',
      explain: (error) => (error instanceof MissingSearchAttributes ? error.message : explain(error)),
      attempt: () => registerSearchAttributes(connection, namespace),
    });
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** Reads or creates the sealing keys, and waits for the API server, the namespace and the rights. */
export async function loadKeyRing(
  { log, stopping: signal }: ProcessContext,
  { kube, namespace }: { kube: KubeClient; namespace: string },
): Promise<KeyRing> {
  return await waitFor({
    log,
    signal,
    what: `the sealing keys (Secret ${namespace}/${SEAL_SECRET})`,
    explain: kubeProblem,
    attempt: () => KeyRing.load(kube, namespace),
  });
}

/** What waiting does not help is a wrong setting. The message of the SDK is about its own code. */
function rethrow(address: string, explain: (error: unknown) => string | undefined): (error: unknown) => never {
  return (error) => {
    if (explain(error) !== undefined) throw error;
    const todo = 'check TEMPORAL_ADDRESS, and the certificates and the key of TEMPORAL_TLS_…';
    throw new Error(`cannot connect to Temporal at ${address}: ${todo}`);
  };
}

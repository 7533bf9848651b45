import type { NativeConnection, Worker } from '@temporalio/worker';
import { apiServerProblem } from '../kube/api-server-reachable.ts';
import type { KubeClient } from '../kube/contract.ts';
import { processChecks, remoteCheck, type EventLoopState, type HealthCheck } from '../process/health.ts';
import type { TemporalPlace } from '../process/temporal-problem.ts';
import { unreachableTemporal } from '../process/temporal-reachable.ts';

/** The parts of a worker that come up one after the other. */
export interface WorkerParts {
  readonly temporal: TemporalPlace;
  kube?: Pick<KubeClient, 'request'>;
  connection?: NativeConnection;
  workers?: readonly Pick<Worker, 'getState'>[];
}

/** What `/readyz` of the worker checks. */
export function workerReadiness(parts: WorkerParts, eventLoop: EventLoopState, stopping: AbortSignal): HealthCheck[] {
  return [
    ...processChecks(eventLoop, stopping),
    remoteCheck('temporal', () => unreachableTemporal(parts.connection, parts.temporal)),
    remoteCheck('kubernetes', async () =>
      parts.kube === undefined ? 'the client is not set up yet' : await apiServerProblem(parts.kube),
    ),
    { name: 'workers', problem: () => workersProblem(parts.workers) },
  ];
}

function workersProblem(workers: WorkerParts['workers']): string | undefined {
  if (workers === undefined) return 'not started yet: they need Temporal and the API server';
  const others = workers.map((worker) => worker.getState()).filter((state) => state !== 'RUNNING');
  if (others.length === 0) return undefined;
  return `${String(others.length)} of ${String(workers.length)} do not run: ${[...new Set(others)].join(', ')}`;
}

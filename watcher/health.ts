import type { Connection } from '@temporalio/client';
import { apiServerProblem } from '../kube/api-server-reachable.ts';
import type { KubeClient } from '../kube/contract.ts';
import { processChecks, remoteCheck, type EventLoopState, type HealthCheck } from '../process/health.ts';
import type { TemporalPlace } from '../process/temporal-problem.ts';
import { unreachableTemporal } from '../process/temporal-reachable.ts';

/** What the parts of a watcher, which come up one after the other, say of themselves. */
export interface WatcherHealth {
  readonly temporal: TemporalPlace;
  /** For the check alone: it does not try again. */
  readonly connection: Connection;
  kube?: Pick<KubeClient, 'request'>;
  /** Names of the collections that were not listed yet; undefined before the first list. */
  unlisted?: () => readonly string[];
  /** The first lists have ended: all of them, or all that signals depend on after 15 s. */
  listed: boolean;
  leads?: () => boolean;
  /** Who leads, if it is another watcher and known. */
  holder: string | undefined;
}

/** Of the collections that are not listed yet, this many are named. */
const MOST_NAMED = 5;

/** What `/readyz` of the watcher checks. A follower is ready: it is warm, and takes over within seconds. */
export function watcherReadiness(
  parts: WatcherHealth,
  eventLoop: EventLoopState,
  stopping: AbortSignal,
): HealthCheck[] {
  return [
    ...processChecks(eventLoop, stopping),
    remoteCheck('temporal', () => unreachableTemporal(parts.connection, parts.temporal)),
    remoteCheck('kubernetes', async () =>
      parts.kube === undefined ? 'the client is not set up yet' : await apiServerProblem(parts.kube),
    ),
    { name: 'listed', problem: () => listProblem(parts) },
    {
      name: 'lease',
      problem: () =>
        parts.leads?.() === true || parts.holder !== undefined
          ? undefined
          : 'this watcher does not lead, and it knows no other that does',
    },
  ];
}

function listProblem({ listed, unlisted }: WatcherHealth): string | undefined {
  if (listed) return undefined;
  const names = unlisted?.() ?? [];
  if (names.length === 0) return 'nothing is listed yet';
  const more = names.length > MOST_NAMED ? ` and ${String(names.length - MOST_NAMED)} more` : '';
  return `not listed yet: ${names.slice(0, MOST_NAMED).join(', ')}${more}`;
}

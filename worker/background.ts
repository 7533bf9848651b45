import { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import type { Dependencies } from '../activities/dependencies.ts';
import { reportStuckRun } from '../activities/report-stuck-run.ts';
import { TASK_QUEUE } from '../contract/resource-ref.ts';
import type { Logger } from '../process/log.ts';
import { becomeCurrentIfNone } from './deployment-version.ts';
import type { KeyRing } from './key-ring.ts';
import type { WorkerSettings } from './settings.ts';
import { watchStuckWorkflows } from './stuck-workflows.ts';

export interface Background {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly deps: Dependencies;
  readonly keyRing: KeyRing;
  readonly settings: WorkerSettings;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** What runs beside the steps until the signal is aborted. */
export async function runInBackground(input: Background): Promise<void> {
  const { connection, namespace, deps, keyRing, settings, log, signal } = input;
  const { deployment } = settings;
  await Promise.all([
    keyRing.keepFresh({
      signal,
      onError: (why) => log.warn(`cannot read the sealing keys, the known ones stay in use: ${why}`),
    }),
    watchStuckWorkflows(
      {
        client: new Client({ connection, namespace }),
        taskQueue: TASK_QUEUE,
        report: async (workflowId, stuck) => {
          log.error({ workflowId, ...stuck }, 'the run is stuck: its workflow task fails; see docs/upgrades.md');
          await reportStuckRun(deps, { workflowId, ...stuck });
        },
        onError: () => log.warn('cannot check for stuck runs; retrying'),
      },
      { signal },
    ),
    deployment?.becomeCurrent === 'if-none' &&
      becomeCurrentIfNone(connection, { namespace, version: deployment.version, signal }).catch(() =>
        log.error('cannot make this release the current version of its Worker Deployment; see docs/upgrades.md'),
      ),
  ]);
}

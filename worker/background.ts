import { Client } from '@temporalio/client';
import type { MetricGauge, MetricMeter } from '@temporalio/common';
import { Runtime, type NativeConnection } from '@temporalio/worker';
import type { Dependencies } from '../activities/dependencies.ts';
import { reportStuckRun } from '../activities/report-stuck-run.ts';
import { TASK_QUEUE } from '../contract/resource-ref.ts';
import type { Logger } from '../process/log.ts';
import { becomeCurrentIfNone } from './deployment-version.ts';
import { measureEventLoopLag, type Lag } from './event-loop-lag.ts';
import type { KeyRing } from './key-ring.ts';
import type { WorkerSettings } from './settings.ts';
import { watchStuckWorkflows } from './stuck-workflows.ts';
import { startWatchdog } from './watchdog.ts';

export interface Background {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly deps: Dependencies;
  readonly keyRing: KeyRing;
  readonly settings: WorkerSettings;
  readonly log: Logger;
  readonly logFormat: 'json' | 'text';
  readonly signal: AbortSignal;
}

/** What runs beside the steps until the signal is aborted. */
export async function runInBackground(input: Background): Promise<void> {
  const { connection, namespace, deps, keyRing, settings, log, logFormat, signal } = input;
  const { deployment } = settings;
  await Promise.all([
    watchEventLoop({ log, logFormat, signal }),
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

/** Measures the event loop, and ends the process when it is blocked, until the signal. */
async function watchEventLoop({
  log,
  logFormat: format,
  signal,
}: Pick<Background, 'log' | 'logFormat' | 'signal'>): Promise<void> {
  const end = startWatchdog({
    format,
    onError: () => log.error('the watchdog ended: nothing ends this process if its event loop is blocked'),
  });
  try {
    await measureEventLoopLag({ record: recordLag(Runtime.instance().metricMeter, log) }, { signal });
  } finally {
    await end();
  }
}

/** As metrics beside those of Temporal's SDK. What a user notices is in the log too. */
function recordLag(meter: MetricMeter, log: Logger): (lag: Lag) => void {
  const gauge = (name: string, what: string): MetricGauge =>
    meter.createGauge(`azure_temporal_operator_event_loop_lag_${name}_seconds`, 'float', undefined, what);
  const p99 = gauge('p99', 'How late the event loop was in the last 10 s: 99 % of the time at most so long');
  const max = gauge('max', 'How late the event loop was in the last 10 s: at most so long');
  return (lag) => {
    p99.set(lag.p99);
    max.set(lag.max);
    if (lag.max > 1) log.warn({ ...lag }, 'the event loop was blocked for more than 1 s; other resources waited');
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { Client } from '@temporalio/client';
import type { MetricGauge, MetricMeter } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { pino, type Logger } from 'pino';
import { createAccess } from '../activities/arm/access.ts';
import { createActivities } from '../activities/create-activities.ts';
import type { Dependencies } from '../activities/dependencies.ts';
import { reportStuckRun } from '../activities/report-stuck-run.ts';
import { createSeal } from '../activities/exports/seal.ts';
import { ExpressionThreads } from '../activities/expressions/expression-threads.ts';
import { checkGlobalCredential, readAzureSettings } from '../azure/settings.ts';
import { loadKinds } from '../kinds/load.ts';
import { createKubeClient } from '../kube/client.ts';
import { EventRecorder } from '../kube/event-recorder.ts';
import { TASK_QUEUE } from '../contract/resource-ref.ts';
import { becomeCurrentIfNone } from './deployment-version.ts';
import { measureEventLoopLag, type Lag } from './event-loop-lag.ts';
import { createWorkers, runWorkers } from './host-workers.ts';
import { KeyRing } from './key-ring.ts';
import { registerSearchAttributes } from './register-search-attributes.ts';
import { readWorkerSettings, type WorkerSettings } from './settings.ts';
import { watchStuckWorkflows } from './stuck-workflows.ts';
import { startWatchdog } from './watchdog.ts';
import { workflowBundleFile } from './workflow-bundle.ts';

/** `npm run worker`: hosts the workflows and their steps until SIGTERM or SIGINT. */
async function run(): Promise<void> {
  const logger = pino({ name: 'worker', level: process.env.LOG_LEVEL ?? 'info' });
  const settings = readWorkerSettings(process.env);
  const azure = readAzureSettings(process.env);
  const problems = checkGlobalCredential(process.env);
  if (problems.length > 0) throw new Error(`cannot use the credential in the environment: ${problems.join(' ')}`);
  installRuntime(settings.metricsAddress, logger);
  const kube = await createKubeClient({ userAgent: 'azure-temporal-operator/worker' });
  const events = new EventRecorder(kube);
  const kinds = loadKinds(settings);
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await connect(() => NativeConnection.connect(connectionOptions), logger);
  try {
    await registerSearchAttributes(connection, namespace);
    const keyRing = await KeyRing.load(kube, settings.podNamespace);
    const seal = createSeal(keyRing);
    const access = createAccess({ kube, azure, env: process.env });
    const { defaultPolicy, podNamespace: operatorNamespace } = settings;
    const expressions = new ExpressionThreads();
    const deps: Dependencies = {
      kube,
      events,
      kinds,
      seal,
      expressions,
      settings: { defaultPolicy, operatorNamespace },
      access,
      observeStep: (outcome) => logger.debug({ ...outcome }, 'step ended'),
    };
    const activities = createActivities(deps);
    const bundle = await workflowBundleFile(process.env);
    const workers = await createWorkers({ connection, namespace, activities, settings, bundle });
    logger.info({ taskQueue: TASK_QUEUE, namespace }, 'ready');
    const stopped = new AbortController();
    const background = runInBackground({
      connection,
      namespace,
      deps,
      keyRing,
      settings,
      logger,
      signal: stopped.signal,
    });
    try {
      await runWorkers(workers);
    } finally {
      stopped.abort();
      await background;
    }
  } finally {
    await connection.close();
    await events.drain();
    await kube.close();
  }
}

interface Background {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly deps: Dependencies;
  readonly keyRing: KeyRing;
  readonly settings: WorkerSettings;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** What runs beside the steps until the signal is aborted. */
async function runInBackground(input: Background): Promise<void> {
  const { connection, namespace, deps, keyRing, settings, logger, signal } = input;
  const { deployment } = settings;
  await Promise.all([
    watchEventLoop(logger, signal),
    keyRing.keepFresh({
      signal,
      onError: (why) => logger.warn({ why }, 'cannot read the sealing keys; the known ones stay in use'),
    }),
    watchStuckWorkflows(
      {
        client: new Client({ connection, namespace }),
        taskQueue: TASK_QUEUE,
        report: async (workflowId, stuck) => {
          logger.error({ workflowId, ...stuck }, 'a run is stuck: its workflow task fails; see docs/upgrades.md');
          await reportStuckRun(deps, { workflowId, ...stuck });
        },
        onError: () => logger.warn('cannot check for stuck runs; retrying'),
      },
      { signal },
    ),
    deployment?.becomeCurrent === 'if-none' &&
      becomeCurrentIfNone(connection, { namespace, version: deployment.version, signal }).catch(() =>
        logger.error('cannot make this release the current version of its Worker Deployment; see docs/upgrades.md'),
      ),
  ]);
}

/** Temporal's core: its metrics, its log, and the signals that end the worker. */
function installRuntime(metricsAddress: string | undefined, logger: Logger): void {
  Runtime.install({
    shutdownSignals: ['SIGINT', 'SIGTERM'],
    ...(metricsAddress !== undefined && {
      telemetryOptions: { metrics: { prometheus: { bindAddress: metricsAddress } } },
    }),
    logger: new DefaultLogger('INFO', ({ level, message, meta }) => {
      const { error: _, ...fields } = (meta ?? {}) as Record<string, unknown>;
      logger[level === 'ERROR' ? 'error' : level === 'WARN' ? 'warn' : 'info'](fields, message);
    }),
  });
}

/** Measures the event loop, and ends the process when it is blocked, until the signal. */
async function watchEventLoop(logger: Logger, signal: AbortSignal): Promise<void> {
  const end = startWatchdog({
    onError: () => logger.error('the watchdog ended: nothing ends this process if its event loop is blocked'),
  });
  try {
    await measureEventLoopLag({ record: recordLag(Runtime.instance().metricMeter, logger) }, { signal });
  } finally {
    await end();
  }
}

/** As metrics beside those of Temporal's SDK. What a user notices is in the log too. */
function recordLag(meter: MetricMeter, logger: Logger): (lag: Lag) => void {
  const gauge = (name: string, what: string): MetricGauge =>
    meter.createGauge(`azure_temporal_operator_event_loop_lag_${name}_seconds`, 'float', undefined, what);
  const p99 = gauge('p99', 'How late the event loop was in the last 10 s: 99 % of the time at most so long');
  const max = gauge('max', 'How late the event loop was in the last 10 s: at most so long');
  return (lag) => {
    p99.set(lag.p99);
    max.set(lag.max);
    if (lag.max > 1) logger.warn({ ...lag }, 'the event loop was blocked for more than 1 s; other resources waited');
  };
}

/** The server may still be starting: wait for it instead of exiting and being restarted again and again. */
async function connect<T>(attempt: () => Promise<T>, logger: { warn(message: string): void }): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch {
      logger.warn('cannot reach the Temporal server; retrying (check TEMPORAL_ADDRESS)');
      await sleep(1_000);
    }
  }
}

run().catch((error: unknown) => {
  // Safe to print: settings and clients build their own messages, without secrets.
  process.stderr.write(`worker: ${error instanceof Error ? error.message : 'failed'}\n`);
  process.exit(1);
});

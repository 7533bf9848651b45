import { setTimeout as sleep } from 'node:timers/promises';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { pino, type Logger } from 'pino';
import type { Registry } from 'prom-client';
import { createAccess } from '../activities/arm/access.ts';
import { createActivities } from '../activities/create-activities.ts';
import type { Dependencies } from '../activities/dependencies.ts';
import { reportStuckRun } from '../activities/report-stuck-run.ts';
import { createSeal } from '../activities/exports/seal.ts';
import { ExpressionThreads } from '../activities/expressions/expression-threads.ts';
import { checkGlobalCredential, readAzureSettings, type AzureSettings } from '../azure/settings.ts';
import { loadKinds } from '../kinds/load.ts';
import { createKubeClient } from '../kube/client.ts';
import { TASK_QUEUE } from '../contract/resource-ref.ts';
import { watchEventLoop, type EventLoop } from '../process/event-loop.ts';
import { healthRoute, livenessChecks } from '../process/health.ts';
import { startHttpServer, type HttpServer } from '../process/http-server.ts';
import { metricsRoute } from '../process/metrics-route.ts';
import { createRegistry, eventLoopMetrics } from '../process/metrics.ts';
import { untilStopped } from '../process/stop-signal.ts';
import { becomeCurrentIfNone } from './deployment-version.ts';
import { workerReadiness, type WorkerParts } from './health.ts';
import { createWorkers, runWorkers } from './host-workers.ts';
import { KeyRing } from './key-ring.ts';
import { workerMetrics } from './metrics.ts';
import { registerSearchAttributes } from './register-search-attributes.ts';
import { readWorkerSettings, type WorkerSettings } from './settings.ts';
import { watchStuckWorkflows } from './stuck-workflows.ts';
import { temporalMetrics, type TemporalMetrics } from './temporal-metrics.ts';
import { workflowBundleFile } from './workflow-bundle.ts';

/** `npm run worker`: hosts the workflows and their steps until SIGTERM or SIGINT. */
async function run(): Promise<void> {
  const logger = pino({ name: 'worker', level: process.env.LOG_LEVEL ?? 'info' });
  const settings = readWorkerSettings(process.env);
  const azure = readAzureSettings(process.env);
  const problems = checkGlobalCredential(process.env);
  if (problems.length > 0) throw new Error(`cannot use the credential in the environment: ${problems.join(' ')}`);
  const stop = untilStopped(() => logger.error('the worker has not stopped within 9 s; it is ended'));
  const registry = createRegistry();
  const temporal = await temporalMetrics(settings.metricsAddress);
  const eventLoop = startEventLoop(registry, logger);
  const parts: WorkerParts = {};
  // First of all: the probes must get an answer while the worker waits for other servers.
  const server = await serve({ settings, registry, temporal, eventLoop, parts, stopping: stop.signal, logger });
  stop.signal.addEventListener('abort', () => parts.workers ?? process.exit(0), { once: true });
  installRuntime(temporal, logger);
  try {
    await host({ settings, azure, registry, parts, stopping: stop.signal, logger });
  } finally {
    await eventLoop.stop();
    await server?.close();
  }
}

interface HostInput {
  readonly settings: WorkerSettings;
  readonly azure: AzureSettings;
  readonly registry: Registry;
  /** What has come up so far, for `/readyz`. */
  readonly parts: WorkerParts;
  readonly stopping: AbortSignal;
  readonly logger: Logger;
}

/** Connects, and hosts the workflows and their steps until the signal aborts. */
async function host({ settings, azure, registry, parts, stopping, logger }: HostInput): Promise<void> {
  const kube = await createKubeClient({ userAgent: 'azure-temporal-operator/worker' });
  parts.kube = kube;
  const kinds = loadKinds(settings);
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await connect(() => NativeConnection.connect(connectionOptions), logger);
  parts.connection = connection;
  try {
    await registerSearchAttributes(connection, namespace);
    const keyRing = await KeyRing.load(kube, settings.podNamespace);
    const seal = createSeal(keyRing);
    const metrics = workerMetrics(registry, { kinds, settings, keyRing });
    const access = createAccess({ kube, azure, env: process.env, observer: metrics.observer });
    const { defaultPolicy, podNamespace: operatorNamespace } = settings;
    const expressions = new ExpressionThreads();
    const deps: Dependencies = {
      kube,
      kinds,
      seal,
      expressions,
      settings: { defaultPolicy, operatorNamespace },
      access,
      observeStep: (outcome) => {
        logger.debug({ ...outcome }, 'step ended');
        metrics.observeStep(outcome);
      },
    };
    const activities = createActivities(deps);
    const bundle = await workflowBundleFile(process.env);
    const workers = await createWorkers({ connection, namespace, activities, settings, bundle });
    parts.workers = workers;
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
      await runWorkers(workers, stopping);
    } finally {
      stopped.abort();
      await background;
    }
  } finally {
    await connection.close();
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

/** Temporal's core: its metrics and its log. The workers are shut down by `runWorkers`. */
function installRuntime({ telemetryOptions }: TemporalMetrics, logger: Logger): void {
  Runtime.install({
    shutdownSignals: [],
    telemetryOptions,
    logger: new DefaultLogger('INFO', ({ level, message, meta }) => {
      const { error: _, ...fields } = (meta ?? {}) as Record<string, unknown>;
      logger[level === 'ERROR' ? 'error' : level === 'WARN' ? 'warn' : 'info'](fields, message);
    }),
  });
}

interface ServeInput extends Pick<HostInput, 'settings' | 'registry' | 'parts' | 'stopping' | 'logger'> {
  readonly temporal: TemporalMetrics;
  readonly eventLoop: EventLoop;
}

/** Serves health and metrics; undefined when that is switched off. */
async function serve(input: ServeInput): Promise<HttpServer | undefined> {
  const { settings, registry, temporal, eventLoop, parts, stopping, logger } = input;
  if (settings.httpAddress === undefined) return undefined;
  const server = await startHttpServer(settings.httpAddress, {
    '/livez': healthRoute('livez', livenessChecks(eventLoop)),
    '/readyz': healthRoute('readyz', workerReadiness(parts, eventLoop, stopping)),
    '/metrics': metricsRoute(registry, () => temporal.read()),
  });
  logger.info({ address: server.address }, 'serving /livez, /readyz and /metrics');
  return server;
}

/** Measures the event loop. What a user notices is in the log too. */
function startEventLoop(registry: Registry, logger: Logger): EventLoop {
  const record = eventLoopMetrics(registry);
  return watchEventLoop({
    name: 'worker',
    onLag: (lag) => {
      record(lag);
      if (lag.max > 1) logger.warn({ ...lag }, 'the event loop was blocked for more than 1 s; other resources waited');
    },
    onWatchdogEnd: () => logger.error('the watchdog ended: nothing ends this process if its event loop is blocked'),
  });
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

import { setTimeout as sleep } from 'node:timers/promises';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { createAccess } from '../activities/azure-access.ts';
import { createActivities } from '../activities/create-activities.ts';
import { createSeal } from '../activities/seal.ts';
import { checkGlobalCredential, readAzureSettings } from '../azure/settings.ts';
import { loadKinds } from '../kinds/load.ts';
import { createKubeClient } from '../kube/client.ts';
import { POLL_TASK_QUEUE, TASK_QUEUE } from '../contract/resource-ref.ts';
import { registerSearchAttributes } from './register-search-attributes.ts';
import { loadSealKey } from './seal-key.ts';
import { readWorkerSettings } from './settings.ts';
import { workflowBundleFile } from './workflow-bundle.ts';

/** `npm run worker`: hosts the workflows and their steps until SIGTERM or SIGINT. */
async function run(): Promise<void> {
  const logger = pino({ name: 'worker', level: process.env.LOG_LEVEL ?? 'info' });
  const settings = readWorkerSettings(process.env);
  const azure = readAzureSettings(process.env);
  const problems = checkGlobalCredential(process.env);
  if (problems.length > 0) throw new Error(`cannot use the credential in the environment: ${problems.join(' ')}`);
  Runtime.install({
    shutdownSignals: ['SIGINT', 'SIGTERM'],
    ...(settings.metricsAddress !== undefined && {
      telemetryOptions: { metrics: { prometheus: { bindAddress: settings.metricsAddress } } },
    }),
    logger: new DefaultLogger('INFO', ({ level, message, meta }) => {
      const { error: _, ...fields } = (meta ?? {}) as Record<string, unknown>;
      logger[level === 'ERROR' ? 'error' : level === 'WARN' ? 'warn' : 'info'](fields, message);
    }),
  });
  const kube = await createKubeClient({ userAgent: 'azure-temporal-operator/worker' });
  const kinds = loadKinds();
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await connect(() => NativeConnection.connect(connectionOptions), logger);
  try {
    await registerSearchAttributes(connection, namespace);
    const seal = createSeal(await loadSealKey(kube, settings.podNamespace));
    const access = createAccess({ kube, azure, env: process.env });
    const activities = createActivities({
      kube,
      kinds,
      seal,
      settings: {
        defaultPolicy: settings.defaultPolicy,
        podNamespace: settings.podNamespace,
      },
      access,
    });
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue: TASK_QUEUE,
      workflowBundle: { codePath: await workflowBundleFile(process.env) },
      activities,
      maxCachedWorkflows: settings.maxCachedWorkflows,
      // Each thread holds the whole bundle in a heap of its own; one keeps up with more than the server does on two cores.
      workflowThreadPoolSize: 1,
      maxConcurrentActivityTaskExecutions: settings.maxConcurrentActivities,
      // How soon a workflow goes on elsewhere when the worker that has it in its cache was killed.
      stickyQueueScheduleToStartTimeout: '2s',
      // A step that dies must leave its last word with the server, so heartbeats are hardly held back.
      maxHeartbeatThrottleInterval: '200ms',
      defaultHeartbeatThrottleInterval: '200ms',
      ...SHUTDOWN,
    });
    // Polls of operations that take long hold their slots for minutes, so they have a queue of their own: a thousand of them keep no other step waiting.
    const poller = await Worker.create({
      connection,
      namespace,
      taskQueue: POLL_TASK_QUEUE,
      activities,
      maxConcurrentActivityTaskExecutions: settings.maxConcurrentPolls,
      ...SHUTDOWN,
    });
    logger.info({ taskQueue: TASK_QUEUE, namespace }, 'ready');
    await runTogether([worker, poller]);
  } finally {
    await connection.close();
    await kube.close();
  }
}

/** Steps are told to stop at once, and have this long to leave their last word. A PUT that is on the wire longer is found again by the next worker. */
const SHUTDOWN = { shutdownGraceTime: '1s', shutdownForceTime: '8s' } as const;

/** When one ends, for whatever reason, the other must not go on alone. */
async function runTogether(workers: readonly Worker[]): Promise<void> {
  await Promise.all(
    workers.map(async (worker) => {
      try {
        await worker.run();
      } finally {
        for (const other of workers) if (other.getState() === 'RUNNING') other.shutdown();
      }
    }),
  );
}

/** The server may still be starting: wait for it instead of dying in a loop. */
async function connect<T>(attempt: () => Promise<T>, logger: { warn(message: string): void }): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch {
      logger.warn('cannot reach the Temporal server yet; trying again (TEMPORAL_ADDRESS)');
      await sleep(1_000);
    }
  }
}

run().catch((error: unknown) => {
  // Settings and clients build their own messages; they hold no secret.
  process.stderr.write(`worker: ${error instanceof Error ? error.message : 'failed'}\n`);
  process.exit(1);
});

import { createAccess } from '../activities/arm/access.ts';
import { createActivities } from '../activities/create-activities.ts';
import type { Dependencies } from '../activities/dependencies.ts';
import { createSeal } from '../activities/exports/seal.ts';
import { ExpressionThreads } from '../activities/expressions/expression-threads.ts';
import { checkGlobalCredential, readAzureSettings } from '../azure/settings.ts';
import { TASK_QUEUE } from '../contract/resource-ref.ts';
import { loadKinds } from '../kinds/load.ts';
import { createKubeClient } from '../kube/client.ts';
import { EventRecorder } from '../kube/event-recorder.ts';
import { createRegistry } from '../process/metrics.ts';
import { runProcess, type ProcessContext } from '../process/run-process.ts';
import { serveHealth } from '../process/serve.ts';
import { readTemporalSettings } from '../process/temporal-settings.ts';
import { runInBackground } from './background.ts';
import { connectTemporal, loadKeyRing } from './connect.ts';
import { workerReadiness, type WorkerParts } from './health.ts';
import { createWorkers, runWorkers } from './host-workers.ts';
import { stepLogger } from './log-steps.ts';
import { workerMetrics } from './metrics.ts';
import { installRuntime } from './runtime.ts';
import { readWorkerSettings } from './settings.ts';
import { temporalMetrics } from './temporal-metrics.ts';
import { workflowBundleFile } from './workflow-bundle.ts';
import { watchWorkflowCalls, workflowCallsCheck } from './workflow-calls.ts';

/** `npm run worker`: hosts the workflows and their steps until SIGTERM or SIGINT. */
await runProcess('worker', run);

async function run(context: ProcessContext): Promise<void> {
  const { log, stopping } = context;
  const settings = readWorkerSettings(process.env);
  const azure = readAzureSettings(process.env);
  const problems = checkGlobalCredential(process.env);
  if (problems.length > 0) throw new Error(`cannot use the credential in the environment: ${problems.join(' ')}`);
  const temporal = readTemporalSettings();
  const { namespace } = temporal;
  const registry = createRegistry();
  const sdk = await temporalMetrics(settings.metricsAddress);
  const parts: WorkerParts = { temporal };
  await using stack = new AsyncDisposableStack();
  stack.use(
    await serveHealth(context, {
      address: settings.httpAddress,
      registry,
      readiness: (eventLoop) => workerReadiness(parts, eventLoop, stopping),
      liveness: [workflowCallsCheck(watchWorkflowCalls())],
      moreMetrics: () => sdk.read(),
    }),
  );
  installRuntime({ sdk, log });
  const kinds = loadKinds(settings);
  const { defaultPolicy, podNamespace: operatorNamespace } = settings;
  const kube = stack.adopt(await createKubeClient({ userAgent: 'azure-temporal-operator/worker' }), (it) => it.close());
  parts.kube = kube;
  // Disposed of before the client that it writes with.
  const events = stack.adopt(new EventRecorder(kube), (it) => it.drain());
  const connection = stack.adopt(await connectTemporal(context, temporal), (it) => it.close());
  parts.connection = connection;
  const keyRing = await loadKeyRing(context, { kube, namespace: operatorNamespace });
  const metrics = workerMetrics(registry, { kinds, settings, keyRing });
  const logStep = stepLogger(log);
  const deps: Dependencies = {
    kube,
    events,
    kinds,
    seal: createSeal(keyRing),
    expressions: new ExpressionThreads(),
    settings: { defaultPolicy, operatorNamespace },
    access: createAccess({ kube, azure, env: process.env, observer: metrics.observer }),
    observeStep: (outcome) => {
      logStep(outcome);
      metrics.observeStep(outcome);
    },
  };
  const bundle = await workflowBundleFile(process.env);
  const activities = createActivities(deps);
  const workers = await createWorkers({ connection, namespace, activities, settings, bundle });
  parts.workers = workers;
  log.info({ taskQueue: TASK_QUEUE, namespace }, 'ready');
  const stopped = new AbortController();
  const background = runInBackground({ connection, namespace, deps, keyRing, settings, log, signal: stopped.signal });
  try {
    await runWorkers(workers, stopping);
  } finally {
    stopped.abort();
    await background;
  }
}
